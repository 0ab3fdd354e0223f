"""Folders that are counted without gaps, as the layers of a workspace are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from dss_client.workspace.registry import Registry


def numbered(within: Registry, key: str) -> Iterator[Registry]:
    """The folders of a row, from the first to the one after which there is a gap.

    Args:
        within: the registry in which they stand.
        key: what all of them are called, without the number: `Layers.Layer`.
    """
    for number in count():
        if not within.has_folder(one := name(key, number)):
            return
        yield within.folder(one)


def position(folder: Registry) -> int:
    """The number of a folder in its row."""
    return int(folder.key.rpartition("[")[2].removesuffix("]"))


def insert(within: Registry, key: str, number: int, folder: Registry) -> Registry:
    """Put a folder into a row; those from its place on go one further."""
    _put(within, key, number, [folder, *_taken(within, key, number)])
    return folder


def remove(within: Registry, key: str, number: int) -> None:
    """Take a folder out of a row; those after it go one back."""
    _put(within, key, number, _taken(within, key, number)[1:])


def _taken(within: Registry, key: str, number: int) -> list[Registry]:
    """The folders from a place on, taken out of their row."""
    last = sum(1 for _ in numbered(within, key))
    return [within.take_folder(name(key, other)) for other in range(number, last)]


def _put(within: Registry, key: str, number: int, folders: Iterable[Registry]) -> None:
    """Put folders into a row that ends before a place."""
    for other, folder in enumerate(folders, number):
        within.put_folder(name(key, other), folder)


def name(key: str, number: int) -> str:
    """What the folder with a number is called."""
    return f"{key}[{number:03d}]"
