"""Folders that are counted without gaps, as the layers of a workspace are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from dss_client.workspace.registry import Registry


def numbered(within: Registry, key: str) -> Iterator[Registry]:
    """The folders of a row, from the first to the one after which there is a gap.

    Args:
        within: the registry in which they stand.
        key: what all of them are called, without the number: `Layers.Layer`.
    """
    for number in count():
        if not within.has_folder(name := _name(key, number)):
            return
        yield within.folder(name)


def position(folder: Registry) -> int:
    """The number of a folder in its row."""
    return int(folder.key.rpartition("[")[2].removesuffix("]"))


def insert(within: Registry, key: str, number: int, folder: Registry) -> Registry:
    """Put a folder into a row; those from its place on go one further."""
    for other in reversed(range(number, sum(1 for _ in numbered(within, key)))):
        within.put_folder(_name(key, other + 1), within.take_folder(_name(key, other)))
    within.put_folder(_name(key, number), folder)
    return folder


def remove(within: Registry, key: str, number: int) -> None:
    """Take a folder out of a row; those after it go one back."""
    last = sum(1 for _ in numbered(within, key))
    within.remove_folder(_name(key, number))
    for other in range(number + 1, last):
        within.put_folder(_name(key, other - 1), within.take_folder(_name(key, other)))


def _name(key: str, number: int) -> str:
    return f"{key}[{number:03d}]"
