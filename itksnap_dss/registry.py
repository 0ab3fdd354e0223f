"""`Registry` and `RegistryValue` with the methods that existing provider scripts call.

They are views of a `dss_client.workspace.Registry`, which has shorter names for the same, and says
what is wrong with a value instead of taking the default.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import TypeVar, overload

from dss_client import workspace
from dss_client.atomic_write import whole_file

T = TypeVar("T")
Value = str | float | PathLike[str] | Iterable[str | float]
"""What an entry can be given: a text, a number, a truth value, a path, or several of them."""

_TRUE = frozenset({"1", "true"})


class RegistryValue:
    """The text of one entry, or that there is none: `registry["Version"].get(0)`.

    What a registry gives is live: setting it changes the registry. One that is made by itself
    stands alone.
    """

    def __init__(self, value: Value | None = None) -> None:
        self._tree, self._key = workspace.Registry(), "Value"
        self.set(value)

    @classmethod
    def at(cls, tree: workspace.Registry, key: str) -> RegistryValue:
        """The entry with this key, whether it is there or not."""
        found = cls()
        found._tree, found._key = tree, key
        return found

    def is_null(self) -> bool:
        """Whether there is no such entry."""
        return self._key not in self._tree

    def get_string(self) -> str:
        """The text; empty if there is none."""
        return self._tree.get(self._key)

    @overload
    def get(self, default_value: None = None) -> str | None: ...
    @overload
    def get(self, default_value: T) -> T: ...
    def get(self, default_value: object = None) -> object:
        """The value, of the same kind as a default.

        Args:
            default_value: given back when there is no such entry, or its text is none of this kind.
                A list or tuple stands for any number of values of the kind of its first.
        """
        return default_value if self.is_null() else _like(default_value, self.get_string())

    def __getitem__(self, default_value: T) -> T:
        return self.get(default_value)

    def set(self, value: Value | None) -> None:
        """Give the entry a value; `None` removes it.

        Raises:
            ValueError: it cannot be written, as a number that is not finite.
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

    __hash__ = None  # type: ignore[assignment]  # what changes is no key; this is how to say it

    def __repr__(self) -> str:
        return f"RegistryValue({self.get()!r})"


class Registry:
    """A folder of a tree of keys: `registry["Layers.Layer[000].Role"].get_string()`.

    Looking for an entry does not make it; asking for a folder does.

    Args:
        filename: read at once, if given.

    Attributes:
        tree: the same folder as `dss_client` has it.

    Raises:
        WorkspaceMissing: there is no such file.
        WorkspaceUnreadable: it is no registry, or meant to do harm.
    """

    def __init__(self, filename: str | PathLike[str] | None = None) -> None:
        self.tree = workspace.Registry() if filename is None else workspace.Registry.read(filename)

    @classmethod
    def of(cls, tree: workspace.Registry) -> Registry:
        """A view of a folder."""
        found = cls()
        found.tree = tree
        return found

    def entry(self, key: str) -> RegistryValue:
        """The entry with this key, whether it is there or not."""
        return RegistryValue.at(self.tree, key)

    def __getitem__(self, key: str) -> RegistryValue:
        return self.entry(key)

    def folder(self, key: str) -> Registry:
        """The folder with this key, which is made if it is not there."""
        return Registry.of(self.tree.folder(key))

    def has_entry(self, key: str) -> bool:
        """Whether there is such an entry."""
        return key in self.tree

    def has_folder(self, key: str) -> bool:
        """Whether there is such a folder."""
        return self.tree.has_folder(key)

    def get_entry_keys(self) -> list[str]:
        """The keys of the entries in this folder itself."""
        return self.tree.entry_keys()

    def get_folder_keys(self) -> list[str]:
        """The keys of the folders in this folder itself."""
        return self.tree.folder_keys()

    def find_folders_from_pattern(self, pattern: str) -> list[str]:
        """The keys of the folders in this folder itself in which a regular expression is found."""
        sought = re.compile(pattern)
        return [key for key in self.get_folder_keys() if sought.search(key)]

    def collect_keys(self, prefix: str = "") -> list[str]:
        """The keys of all entries in this folder and those in it, each behind a prefix."""
        within = [
            key
            for name in self.get_folder_keys()
            for key in self.folder(name).collect_keys(f"{prefix}{name}.")
        ]
        return within + [prefix + key for key in self.get_entry_keys()]

    def is_empty(self) -> bool:
        """Whether there is neither entry nor folder."""
        return not self.get_entry_keys() and not self.get_folder_keys()

    def clear(self) -> None:
        """Remove all that is in this folder."""
        self.tree.clear()

    def update(self, other: Registry) -> None:
        """Take over all entries of another, in place of what is here under their keys."""
        self.tree.update(other.tree)

    def read_from_xml_file(self, filename: str | PathLike[str]) -> None:
        """Take over all entries of a file, in place of what is here under their keys.

        Raises:
            WorkspaceMissing: there is no such file.
            WorkspaceUnreadable: it is no registry, or meant to do harm.
        """
        self.tree.update(workspace.Registry.read(filename))

    def write_to_xml_file(self, filename: str | PathLike[str], header: str | None = None) -> None:
        """Write into a file, which gets its name when it is whole.

        Args:
            header: a comment to put at the file's beginning.

        Raises:
            FileNotWritten: it could not be written.
        """
        data = self.tree.to_bytes()
        if header is not None:
            declaration, rest = data.split(b"\n", 1)
            # A comment must not have two hyphens in a row.
            comment = f"\n<!-- {re.sub('-(?=-)', '- ', header)} -->\n".encode()
            data = declaration + comment + rest
        with whole_file(Path(filename)) as write:
            write(data)

    read_from_file = read_from_xml_file
    write_to_file = write_to_xml_file

    def print(self, indent: str = "  ", prefix: str = "") -> None:
        """Print the tree, each line behind a prefix, and what is in a folder behind an indent."""
        for name in self.get_folder_keys():
            sys.stdout.write(f"{prefix}{name}:\n")
            self.folder(name).print(indent, prefix + indent)
        for key in self.get_entry_keys():
            sys.stdout.write(f"{prefix}{key} = {self.tree[key]}\n")

    def put_array(self, array: Iterable[str | float]) -> None:
        """Write values as the elements of an array, which this folder is then."""
        elements = list(array)
        self["ArraySize"].set(len(elements))
        for index, element in enumerate(elements):
            self[f"Element[{index}]"].set(element)

    def get_array(self, default_element: T) -> list[T]:
        """The elements of an array, each of the kind of a default.

        There are never more than the folder has entries, whatever the array says of its size.

        Args:
            default_element: put where an element is missing, or of another kind.
        """
        size = min(self["ArraySize"].get(0), len(self.get_entry_keys()))
        return [self[f"Element[{index}]"].get(default_element) for index in range(size)]

    @staticmethod
    def key(format_str: str, *args: object) -> str:
        """A key with numbers or names put in: `Registry.key("Layer[%03d]", 1)`."""
        return format_str % args

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Registry):
            return NotImplemented
        return self.tree == other.tree

    __hash__ = None  # type: ignore[assignment]  # as above

    def __repr__(self) -> str:
        return repr(self.tree)


def _like(default: object, text: str) -> object:
    """A text as a value of the kind of a default, which it is if that cannot be."""
    try:
        return _read(default, text)
    except ValueError:
        return default


def _read(kind: object, text: str) -> object:
    """A text as a value of the kind of another.

    Raises:
        ValueError: it is none.
    """
    match kind:
        case bool():
            return text.lower() in _TRUE
        case int() | float():
            return type(kind)(text)
        case list() | tuple() if kind:
            return type(kind)(_read(kind[0], part) for part in text.split())
        case list() | tuple():
            return kind
    return text
