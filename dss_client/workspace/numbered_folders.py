"""Folders that are counted without gaps, as the layers of a workspace are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from dss_client.workspace.registry import Registry


def iterate_folders(parent: Registry, key: str) -> Iterator[Registry]:
    """The folders of a row, from the first to the one after which there is a gap.

    Args:
        within: the registry in which they stand.
        key: what all of them are called, without the number: `Layers.Layer`.
    """
    for number in count():
        if not parent.has_folder(one := format_name(key, number)):
            return
        yield parent.folder(one)


def get_number(folder: Registry) -> int:
    """The number of a folder in its row."""
    return int(folder.key.rpartition("[")[2].removesuffix("]"))


def insert_folder(parent: Registry, key: str, number: int, folder: Registry) -> Registry:
    """Put a folder into a row; those from its place on go one further."""
    _append_folders(parent, key, number, [folder, *_take_folders(parent, key, number)])
    return folder


def remove_folder(parent: Registry, key: str, number: int) -> None:
    """Take a folder out of a row; those after it go one back."""
    _append_folders(parent, key, number, _take_folders(parent, key, number)[1:])


def _take_folders(parent: Registry, key: str, number: int) -> list[Registry]:
    """The folders from a place on, taken out of their row."""
    last = sum(1 for _ in iterate_folders(parent, key))
    return [parent.take_folder(format_name(key, other)) for other in range(number, last)]


def _append_folders(parent: Registry, key: str, number: int, folders: Iterable[Registry]) -> None:
    """Put folders into a row that ends before a place."""
    for other, folder in enumerate(folders, number):
        parent.put_folder(format_name(key, other), folder)


def format_name(key: str, number: int) -> str:
    """What the folder with a number is called."""
    return f"{key}[{number:03d}]"
