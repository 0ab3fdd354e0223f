"""Registry folders with consecutive numbers, such as the layers of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from dss_client.workspace.registry import Registry


def iterate_folders(parent: Registry, key: str) -> Iterator[Registry]:
    """Iterate over consecutively numbered folders, until the first missing number.

    Args:
        parent: the registry that contains the folders.
        key: the key of the folders without the number, such as `Layers.Layer`.
    """
    for number in count():
        if not parent.has_folder(name := format_name(key, number)):
            return
        yield parent.folder(name)


def get_number(folder: Registry) -> int:
    """Return the number of a folder."""
    return int(folder.key.rpartition("[")[2].removesuffix("]"))


def insert_folder(parent: Registry, key: str, number: int, folder: Registry) -> Registry:
    """Insert a folder at a number. The folders with this and higher numbers move up by one."""
    _append_folders(parent, key, number, [folder, *_take_folders(parent, key, number)])
    return folder


def remove_folder(parent: Registry, key: str, number: int) -> None:
    """Remove the folder with a number. The folders after it move down by one."""
    _append_folders(parent, key, number, _take_folders(parent, key, number)[1:])


def _take_folders(parent: Registry, key: str, number: int) -> list[Registry]:
    """Take the folders with this number and higher numbers out of the tree."""
    last = sum(1 for _ in iterate_folders(parent, key))
    return [parent.take_folder(format_name(key, other)) for other in range(number, last)]


def _append_folders(parent: Registry, key: str, number: int, folders: Iterable[Registry]) -> None:
    """Add folders to the tree, numbered from a number on."""
    for other, folder in enumerate(folders, number):
        parent.put_folder(format_name(key, other), folder)


def format_name(key: str, number: int) -> str:
    """Return the key of the folder with a number, such as `Layers.Layer[002]`."""
    return f"{key}[{number:03d}]"
