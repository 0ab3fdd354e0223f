"""The tree of keys and values in a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import TypeVar

from dss_client.atomic_write import open_atomically
from dss_client.errors import KeyMissing, KeyUnreadable
from dss_client.workspace import entry_values

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

MAX_KEY_PARTS = 20
"""The largest number of parts in a key. Keys in ITK-SNAP's own files have up to nine."""
MAX_KEY_LENGTH = 500
"""The largest number of characters in a key. Keys in ITK-SNAP's own files have about 100."""


class Registry:
    """An ordered tree of folders and entries. Each entry is a key with a string.

    A key contains the names of its folders, separated by dots:
    `registry["Layers.Layer[000].Role"]`.

    The method `folder` returns a folder of the tree. It is a registry too, and changing it changes
    the tree. `take_folder`, `remove_folder` and `clear` separate folders from the tree; they become
    trees of their own. `Workspace.set_main` clears a folder too, so call `folder` again after it.

    Existing keys keep their order. New keys go where ITK-SNAP sorts them.

    Attributes:
        source: the file that the tree was read from, for messages; empty for a new tree.
    """

    def __init__(self) -> None:
        """Create an empty tree."""
        self.source = ""
        self._entries = dict[str, str]()
        self._folders = dict[str, Registry]()
        self._parent: Registry | None = None
        self._name = ""

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Registry:
        """Read a file in ITK-SNAP's registry format, such as a workspace.

        Raises:
            WorkspaceMissing: the file does not exist.
            WorkspaceUnreadable: the file is not a registry, is too large or too deep, or contains
                XML that could do harm.
        """
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        file = Path(path)
        return cls.parse(registry_xml.read_bytes(file), str(file))

    @classmethod
    def parse(cls, data: bytes, source: str = "the registry") -> Registry:
        """Parse the content of a file.

        Args:
            data: the content.
            source: the name of the file, for messages.

        Raises:
            WorkspaceUnreadable: the content is not a registry, is too large or too deep, or
                contains XML that could do harm.
        """
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        registry = Registry()
        registry_xml.parse_registry(registry, data, source)
        registry.source = source
        return registry

    def to_bytes(self) -> bytes:
        """Return the file content for this tree, in ITK-SNAP's format."""
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        return registry_xml.format_registry(self)

    def write(self, path: str | PathLike[str]) -> None:
        """Write the tree into a file. It replaces an existing file only when it is complete.

        Raises:
            FileNotWritten: the file could not be written.
        """
        data = self.to_bytes()
        with open_atomically(Path(path)) as write:
            write(data)

    @property
    def key(self) -> str:
        """The key of this folder in the complete tree; empty for the tree itself."""
        names, folder = list[str](), self
        while folder._parent is not None:
            names.append(folder._name)
            folder = folder._parent
        return ".".join(reversed(names))

    @property
    def root(self) -> Registry:
        """The complete tree that this folder belongs to."""
        return self if self._parent is None else self._parent.root

    # Entries

    def __getitem__(self, key: str) -> str:
        """Return the value of an entry as a string.

        Raises:
            KeyMissing: the entry does not exist.
        """
        folder, name = self._find_parent(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._get_full_key(key)} is missing in {self._get_source()}.")
        return folder._entries[name]

    def __setitem__(self, key: str, value: str | float | Iterable[float]) -> None:
        """Set the value of an entry. Numbers are written so that reading them back is exact.

        Raises:
            ValueError: the key is not valid, a number is not finite, or the value contains a
                character that XML cannot hold.
            TypeError: the value is not a string, a number or a list of numbers.
        """
        text = entry_values.format_value(value, self._get_full_key(key))
        folder, name = self._create_parent(key)
        _insert_sorted(folder._entries, {name: text})

    def __delitem__(self, key: str) -> None:
        """Remove an entry.

        Raises:
            KeyMissing: the entry does not exist.
        """
        folder, name = self._find_parent(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._get_full_key(key)} is missing in {self._get_source()}.")
        del folder._entries[name]

    def __contains__(self, key: str) -> bool:
        folder, name = self._find_parent(key)
        return folder is not None and name in folder._entries

    def get(self, key: str, default: str = "") -> str:
        """Return the value of an entry as a string, or the default if the entry does not exist."""
        folder, name = self._find_parent(key)
        return default if folder is None else folder._entries.get(name, default)

    def get_int(self, key: str, default: int | None = None) -> int:
        """Return the whole number in an entry.

        Raises:
            KeyMissing: the entry does not exist, and no default is given.
            KeyUnreadable: the value is not a whole number.
        """
        return self._read_value(key, default, entry_values.parse_int, "a whole number")

    def get_float(self, key: str, default: float | None = None) -> float:
        """Return the number in an entry.

        Raises:
            KeyMissing: the entry does not exist, and no default is given.
            KeyUnreadable: the value is not a finite number.
        """
        return self._read_value(key, default, entry_values.parse_float, "a number")

    def get_bool(self, key: str, default: bool | None = None) -> bool:
        """Return the truth value in an entry. The file stores it as 0 or 1.

        Raises:
            KeyMissing: the entry does not exist, and no default is given.
            KeyUnreadable: the value is not a truth value.
        """
        return self._read_value(key, default, entry_values.parse_bool, "0 or 1")

    def get_vector(
        self, key: str, length: int | None = None, default: Iterable[float] | None = None
    ) -> tuple[float, ...]:
        """Return the numbers in an entry. The file separates them by blanks.

        Args:
            key: the key of the entry.
            length: the required number of values; any number if `None`.
            default: the result if the entry does not exist.

        Raises:
            KeyMissing: the entry does not exist, and no default is given.
            KeyUnreadable: a value is not a finite number, or the number of values is wrong.
        """
        default_values = None if default is None else tuple(default)
        expected = "numbers" if length is None else f"{length} numbers"
        return self._read_value(
            key,
            default_values,
            lambda text: entry_values.parse_list(text, length, entry_values.parse_float),
            expected,
        )

    def get_ints(
        self, key: str, length: int | None = None, default: Iterable[int] | None = None
    ) -> tuple[int, ...]:
        """Return the whole numbers in an entry. Otherwise like `get_vector`."""
        default_values = None if default is None else tuple(default)
        expected = "whole numbers" if length is None else f"{length} whole numbers"
        return self._read_value(
            key,
            default_values,
            lambda text: entry_values.parse_list(text, length, entry_values.parse_int),
            expected,
        )

    def get_enum(self, key: str, names: type[E], default: E | None = None) -> E:
        """Return the enum member that has the value of an entry.

        Raises:
            KeyMissing: the entry does not exist, and no default is given.
            KeyUnreadable: the value is not a value of the enum.
        """
        expected = "one of " + ", ".join(str(name.value) for name in names)
        return self._read_value(key, default, names, expected)

    def entry_keys(self) -> list[str]:
        """List the keys of the entries directly in this folder, in their order."""
        return list(self._entries)

    # Folders

    def folder(self, key: str) -> Registry:
        """Return a folder. It is created if it does not exist.

        Raises:
            ValueError: the key is not valid.
        """
        found = self._find_folder(key)
        if found is not None:
            return found
        parent, name = self._create_parent(key)
        new = Registry()
        parent._insert_folders({name: new})
        return new

    def has_folder(self, key: str) -> bool:
        """Tell whether a folder exists."""
        return self._find_folder(key) is not None

    def folder_keys(self) -> list[str]:
        """List the keys of the folders directly in this folder, in their order."""
        return list(self._folders)

    def remove_folder(self, key: str) -> None:
        """Remove a folder with everything in it. Nothing happens if it does not exist."""
        if self.has_folder(key):
            self.take_folder(key)

    def take_folder(self, key: str) -> Registry:
        """Take a folder out of the tree and return it as a tree of its own.

        Raises:
            KeyMissing: the folder does not exist.
        """
        parent, name = self._find_parent(key)
        if parent is None or name not in parent._folders:
            raise KeyMissing(
                f"The folder {self._get_full_key(key)} is missing in {self._get_source()}."
            )
        taken = parent._folders.pop(name)
        taken.source, taken._parent, taken._name = self.root.source, None, ""
        return taken

    def put_folder(self, key: str, folder: Registry) -> None:
        """Put a tree into this one as a folder. An existing folder with this key is replaced.

        Raises:
            ValueError: the key is not valid, or the folder already belongs to a tree.
        """
        if folder._parent is not None or folder is self.root:
            raise ValueError(
                f"{folder.key or 'The tree'} already belongs to a tree. Copy it first."
            )
        parent, name = self._create_parent(key)
        # One more for the new folder, and one for the entries in the deepest folder.
        if parent._get_depth() + 1 + folder._get_height() + 1 > MAX_KEY_PARTS:
            raise ValueError(
                f"{self._get_full_key(key)} would have more than {MAX_KEY_PARTS} parts in its keys."
            )
        self.remove_folder(key)
        parent._insert_folders({name: folder})

    # Appending, for the parser

    def append_entry(self, key: str, value: str) -> None:
        """Add an entry after the others in its folder. An existing entry gets the new value."""
        *names, name = self._split_key(key)
        self._append_folders(names)._entries[name] = entry_values.format_value(value, key)

    def append_folder(self, key: str) -> Registry:
        """Return a folder. If it does not exist, it is created after the other folders."""
        return self._append_folders(self._split_key(key))

    # The complete tree

    def clear(self) -> None:
        """Remove everything in this folder."""
        self._entries.clear()
        for key in self.folder_keys():
            self.take_folder(key)

    def copy(self) -> Registry:
        """Return an independent copy of the tree."""
        copied = Registry()
        copied.source = self.root.source
        copied._entries = dict(self._entries)
        for name, folder in self._folders.items():
            new = copied._folders[name] = folder.copy()
            new._parent, new._name = copied, name
        return copied

    def update(self, other: Registry) -> None:
        """Copy all folders and entries of another tree into this one.

        An existing entry with the same key is replaced.

        Raises:
            ValueError: a key would have too many parts.
        """
        if self._get_depth() + other._get_height() + 1 > MAX_KEY_PARTS:
            raise ValueError(f"A key of {self!r} would have more than {MAX_KEY_PARTS} parts.")
        self._merge(other.copy())

    def walk(self) -> Iterator[tuple[str, str]]:
        """Iterate over all entries, in order, with their keys relative to this folder."""
        yield from self._entries.items()
        for name, folder in self._folders.items():
            for key, value in folder.walk():
                yield f"{name}.{key}", value

    def __eq__(self, other: object) -> bool:
        """Tell whether the other tree has the same folders and entries, in any order."""
        if not isinstance(other, Registry):
            return NotImplemented
        return self._entries == other._entries and self._folders == other._folders

    __hash__ = None  # type: ignore[assignment]  # mutable, so not hashable

    def __repr__(self) -> str:
        return f"<Registry {self.key or '(whole)'} of {self._get_source()}>"

    def _find_folder(self, key: str) -> Registry | None:
        """Return the folder with a key; `None` if it does not exist."""
        folder, name = self._find_parent(key)
        return None if folder is None else folder._folders.get(name)

    def _find_parent(self, key: str) -> tuple[Registry | None, str]:
        """Return the folder that a key is in, if it exists, and the last part of the key."""
        *names, name = key.split(".")
        folder: Registry | None = self
        for part in names:
            folder = folder._folders.get(part) if folder is not None else None
        return folder, name

    def _create_parent(self, key: str) -> tuple[Registry, str]:
        """Return the folder that a key is in, created if needed, and the last part of the key."""
        *names, name = self._split_key(key)
        folder = self
        for part in names:
            if part not in folder._folders:
                folder._insert_folders({part: Registry()})
            folder = folder._folders[part]
        return folder, name

    def _split_key(self, key: str) -> list[str]:
        """Return the parts of a key.

        Raises:
            ValueError: the key is not valid in this folder.
        """
        parts = key.split(".")
        if not all(parts):
            raise ValueError(
                f"{entry_values.quote_shortened(key)} is not a key. A key consists of names with "
                "dots between them."
            )
        if entry_values.XML_FORBIDDEN.search(key):
            raise ValueError(
                f"The key {entry_values.quote_shortened(key)} contains a character that XML cannot "
                "hold."
            )
        full = self._get_full_key(key)
        if full.count(".") >= MAX_KEY_PARTS:
            raise ValueError(
                f"The key {entry_values.quote_shortened(full)} has more than {MAX_KEY_PARTS} parts "
                "separated by dots."
            )
        if len(full) > MAX_KEY_LENGTH:
            raise ValueError(
                f"{entry_values.quote_shortened(full)} has more than {MAX_KEY_LENGTH} characters."
            )
        return parts

    def _append_folders(self, names: Iterable[str]) -> Registry:
        """Return the folder at the end of a path. Missing folders are created after the others."""
        folder = self
        for part in names:
            if part not in folder._folders:
                new = folder._folders[part] = Registry()
                new._parent, new._name = folder, part
            folder = folder._folders[part]
        return folder

    def _insert_folders(self, folders: Mapping[str, Registry]) -> None:
        for name, folder in folders.items():
            folder._parent, folder._name = self, name
        _insert_sorted(self._folders, folders)

    def _merge(self, other: Registry) -> None:
        """Move the contents of `other` into this tree. Do not use `other` afterwards."""
        _insert_sorted(self._entries, other._entries)
        new = {name: each for name, each in other._folders.items() if name not in self._folders}
        for name in other._folders.keys() - new.keys():
            self._folders[name]._merge(other._folders[name])
        self._insert_folders(new)

    def _get_depth(self) -> int:
        return 0 if self._parent is None else self._parent._get_depth() + 1

    def _get_height(self) -> int:
        return max((folder._get_height() + 1 for folder in self._folders.values()), default=0)

    def _get_full_key(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def _get_source(self) -> str:
        return self.root.source or "the registry"

    def _read_value(
        self, key: str, default: T | None, read: Callable[[str], T], expected: str
    ) -> T:
        if default is not None and key not in self:
            return default
        text = self[key]
        try:
            return read(text)
        except (ValueError, LookupError) as cause:
            raise KeyUnreadable(
                f"{self._get_full_key(key)} is {entry_values.quote_shortened(text)} in "
                f"{self._get_source()}; it should be {expected}."
            ) from cause


def _insert_sorted(siblings: dict[str, T], new: Mapping[str, T]) -> None:
    """Add values to sorted siblings: each new key goes before the first larger one, or to the end.

    The function passes through the siblings once at most, even for many new keys.
    """
    added = sorted((key for key in new if key not in siblings), reverse=True)  # the next is last
    if added and added[-1] < next(reversed(siblings), ""):
        existing = dict(siblings)
        siblings.clear()
        for key, value in existing.items():
            while added and added[-1] < key:
                first = added.pop()
                siblings[first] = new[first]
            siblings[key] = value
    siblings.update((key, new[key]) for key in reversed(added))
    siblings.update(new)
