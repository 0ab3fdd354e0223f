"""`Registry` and `RegistryValue` with the methods that existing provider scripts call.

They are views of a `dss_client.workspace.Registry`. That class has shorter method names, and raises
an error for a malformed value instead of returning the default.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import TypeVar, overload

from dss_client import workspace
from dss_client.atomic_write import open_atomically

T = TypeVar("T")
Value = str | float | PathLike[str] | Iterable[str | float]
"""Types that an entry can store: text, number, boolean, path, or several of these."""

_TRUE_TEXTS = frozenset({"1", "true"})


class RegistryValue:
    """The value of one entry, which may be missing.

    `registry["Version"].get(0)` returns the value as an `int`, or 0 if the entry is missing.

    Setting a value that came from a registry changes that registry. A value that was created by
    calling this class does not belong to a registry.
    """

    def __init__(self, value: Value | None = None) -> None:
        self._tree, self._key = workspace.Registry(), "Value"
        self.set(value)

    @classmethod
    def at(cls, tree: workspace.Registry, key: str) -> RegistryValue:
        """Return the entry with this key, also if it is missing."""
        value = cls()
        value._tree, value._key = tree, key
        return value

    def is_null(self) -> bool:
        """Return whether the entry is missing."""
        return self._key not in self._tree

    def get_string(self) -> str:
        """Return the value as a string; empty if the entry is missing."""
        return self._tree.get(self._key)

    @overload
    def get(self, default_value: None = None) -> str | None: ...
    @overload
    def get(self, default_value: T) -> T: ...
    def get(self, default_value: object = None) -> object:
        """Return the value, converted to the type of the default.

        Args:
            default_value: the result if the entry is missing, or if its value does not have this
                type. A list or tuple stands for any number of values of the type of its first item.
        """
        return (
            default_value
            if self.is_null()
            else _convert_or_default(default_value, self.get_string())
        )

    def __getitem__(self, default_value: T) -> T:
        return self.get(default_value)

    def set(self, value: Value | None) -> None:
        """Set the value of the entry; `None` removes the entry.

        Raises:
            ValueError: the value cannot be written, for example a number that is not finite.
        """
        if isinstance(value, PathLike):
            value = fspath(value)
        elif isinstance(value, Iterable) and not isinstance(value, str):
            value = " ".join(RegistryValue(part).get_string() for part in value)
        if value is not None:
            self._tree[self._key] = value
        elif not self.is_null():
            del self._tree[self._key]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RegistryValue):
            return NotImplemented
        return (self.is_null(), self.get_string()) == (other.is_null(), other.get_string())

    __hash__ = None  # type: ignore[assignment]  # mutable, so it cannot be a dictionary key

    def __repr__(self) -> str:
        return f"RegistryValue({self.get()!r})"


class Registry:
    """A folder in a tree of keys: `registry["Layers.Layer[000].Role"].get_string()`.

    Looking up an entry does not create it. `folder` creates a missing folder.

    Args:
        filename: the file to read; if it is not given, the registry is empty.

    Attributes:
        tree: the same folder as a `dss_client.workspace.Registry`.

    Raises:
        WorkspaceMissing: the file does not exist.
        WorkspaceUnreadable: the file is not a registry, or its XML is malicious.
    """

    def __init__(self, filename: str | PathLike[str] | None = None) -> None:
        self.tree = workspace.Registry() if filename is None else workspace.Registry.read(filename)

    @classmethod
    def of(cls, tree: workspace.Registry) -> Registry:
        """Return a view of a folder of `dss_client`."""
        view = cls()
        view.tree = tree
        return view

    def entry(self, key: str) -> RegistryValue:
        """Return the entry with this key, also if it is missing."""
        return RegistryValue.at(self.tree, key)

    def __getitem__(self, key: str) -> RegistryValue:
        return self.entry(key)

    def folder(self, key: str) -> Registry:
        """Return the folder with this key; create it if it is missing."""
        return Registry.of(self.tree.folder(key))

    def has_entry(self, key: str) -> bool:
        """Return whether an entry has this key."""
        return key in self.tree

    def has_folder(self, key: str) -> bool:
        """Return whether a folder has this key."""
        return self.tree.has_folder(key)

    def get_entry_keys(self) -> list[str]:
        """Return the keys of the entries directly in this folder."""
        return self.tree.entry_keys()

    def get_folder_keys(self) -> list[str]:
        """Return the keys of the folders directly in this folder."""
        return self.tree.folder_keys()

    def find_folders_from_pattern(self, pattern: str) -> list[str]:
        """Return the keys of folders directly in this folder that match a pattern."""
        expression = re.compile(pattern)
        return [key for key in self.get_folder_keys() if expression.search(key)]

    def collect_keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all entries in this folder and its subfolders, each with a prefix."""
        nested = [
            key
            for name in self.get_folder_keys()
            for key in self.folder(name).collect_keys(f"{prefix}{name}.")
        ]
        return nested + [prefix + key for key in self.get_entry_keys()]

    def is_empty(self) -> bool:
        """Return whether this folder does not have any entries or folders."""
        return not self.get_entry_keys() and not self.get_folder_keys()

    def clear(self) -> None:
        """Remove all entries and folders from this folder."""
        self.tree.clear()

    def update(self, other: Registry) -> None:
        """Copy all entries of another registry; they replace entries with the same keys."""
        self.tree.update(other.tree)

    def read_from_xml_file(self, filename: str | PathLike[str]) -> None:
        """Copy all entries of a file; they replace entries with the same keys.

        Raises:
            WorkspaceMissing: the file does not exist.
            WorkspaceUnreadable: the file is not a registry, or its XML is malicious.
        """
        self.tree.update(workspace.Registry.read(filename))

    def write_to_xml_file(self, filename: str | PathLike[str], header: str | None = None) -> None:
        """Write the registry to a file, which is replaced only after it is complete.

        Args:
            filename: the file to write.
            header: a comment for the beginning of the file.

        Raises:
            FileNotWritten: the file could not be written.
        """
        data = self.tree.to_bytes()
        if header is not None:
            declaration, rest = data.split(b"\n", 1)
            # XML does not allow two hyphens in a row in a comment.
            comment = f"\n<!-- {re.sub('-(?=-)', '- ', header)} -->\n".encode()
            data = declaration + comment + rest
        with open_atomically(Path(filename)) as write:
            write(data)

    read_from_file = read_from_xml_file
    write_to_file = write_to_xml_file

    def print(self, indent: str = "  ", prefix: str = "") -> None:
        """Print the tree, each line after a prefix, and the contents of folders indented."""
        for name in self.get_folder_keys():
            sys.stdout.write(f"{prefix}{name}:\n")
            self.folder(name).print(indent, prefix + indent)
        for key in self.get_entry_keys():
            sys.stdout.write(f"{prefix}{key} = {self.tree[key]}\n")

    def put_array(self, array: Iterable[str | float]) -> None:
        """Store values in this folder as the elements of an array."""
        elements = list(array)
        self["ArraySize"].set(len(elements))
        for index, element in enumerate(elements):
            self[f"Element[{index}]"].set(element)

    def get_array(self, default_element: T) -> list[T]:
        """Return the elements of an array, each converted to the type of the default.

        If `ArraySize` is larger than the number of entries in the folder, the array is cut to the
        number of entries.

        Args:
            default_element: the result for an element that is missing or has a different type.
        """
        size = min(self["ArraySize"].get(0), len(self.get_entry_keys()))
        return [self[f"Element[{index}]"].get(default_element) for index in range(size)]

    @staticmethod
    def key(format_str: str, *args: object) -> str:
        """Return a key with numbers or names filled in: `Registry.key("Layer[%03d]", 1)`."""
        return format_str % args

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Registry):
            return NotImplemented
        return self.tree == other.tree

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return repr(self.tree)


def _convert_or_default(default: object, text: str) -> object:
    """Convert a string to the type of the default; return the default if that fails."""
    try:
        return _convert(default, text)
    except ValueError:
        return default


def _convert(example: object, text: str) -> object:
    """Convert a string to the type of an example.

    Raises:
        ValueError: the string does not have this type.
    """
    match example:
        case bool():
            return text.lower() in _TRUE_TEXTS
        case int() | float():
            return type(example)(text)
        case list() | tuple() if example:
            return type(example)(_convert(example[0], part) for part in text.split())
        case list() | tuple():
            return example
    return text
