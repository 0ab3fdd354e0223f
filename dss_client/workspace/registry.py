"""The tree of keys and values that a workspace is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import TypeVar

from dss_client.atomic_write import whole_file
from dss_client.errors import KeyMissing, KeyUnreadable
from dss_client.workspace import entry_values

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

MAX_KEY_PARTS = 20
"""How many parts a key may have; those of ITK-SNAP's own files have nine."""
MAX_KEY_LENGTH = 500
"""How many characters a key may have; those of ITK-SNAP's own files have some hundred."""


class Registry:
    """An ordered tree of folders and entries; each entry is a key with a text.

    A key names the folders on the way, with dots between: `registry["Layers.Layer[000].Role"]`.
    The folders of a tree are registries too, which `folder` gives; changing one changes the tree,
    until it is taken out of it: by `take_folder`, `remove_folder`, or `clear` of a folder around it
    (as `Workspace.set_main` does). Then it is a tree of its own; ask for it anew.
    The order is kept as it was read; a new key goes to where ITK-SNAP would sort it.

    Attributes:
        source: where the tree was read from, for messages; empty for a new one.
    """

    def __init__(self) -> None:
        self.source = ""
        self._entries = dict[str, str]()
        self._folders = dict[str, Registry]()
        self._parent: Registry | None = None
        self._name = ""

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Registry:
        """Read a file in ITK-SNAP's format, such as a workspace.

        Raises:
            WorkspaceMissing: there is no such file.
            WorkspaceUnreadable: it is none, or too large, too deep, or meant to do harm.
        """
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        return cls.parse(registry_xml.read_bytes(Path(path)), str(path))

    @classmethod
    def parse(cls, data: bytes, source: str = "the registry") -> Registry:
        """The tree that a file's content says.

        Args:
            source: where the content is from, for messages.

        Raises:
            WorkspaceUnreadable: it is no registry, or too large, too deep, or meant to do harm.
        """
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        registry = Registry()
        registry_xml.parse_registry(registry, data, source)
        registry.source = source
        return registry

    def to_bytes(self) -> bytes:
        """The content of the file that holds this tree, as ITK-SNAP would write it."""
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        return registry_xml.format_registry(self)

    def write(self, path: str | PathLike[str]) -> None:
        """Write the tree into a file, which gets its name when it is whole.

        Raises:
            FileNotWritten: it could not be written.
        """
        data = self.to_bytes()
        with whole_file(Path(path)) as write:
            write(data)

    @property
    def key(self) -> str:
        """Where this folder stands in the whole tree; empty for the tree itself."""
        names, folder = list[str](), self
        while folder._parent is not None:
            names.append(folder._name)
            folder = folder._parent
        return ".".join(reversed(names))

    @property
    def root(self) -> Registry:
        """The whole tree; this folder itself when it was taken out of one."""
        return self if self._parent is None else self._parent.root

    # Entries

    def __getitem__(self, key: str) -> str:
        """The text of an entry.

        Raises:
            KeyMissing: there is none.
        """
        folder, name = self._find_parent(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._get_full_key(key)} is missing in {self._get_source()}.")
        return folder._entries[name]

    def __setitem__(self, key: str, value: str | float | Iterable[float]) -> None:
        """Give an entry a text; numbers are written so that they can be read back exactly.

        Raises:
            ValueError: the key is none, or XML cannot hold the value.
            TypeError: the value is neither text nor number, nor a row of numbers.
        """
        text = entry_values.format_value(value, self._get_full_key(key))
        folder, name = self._create_parent(key)
        _insert_sorted(folder._entries, {name: text})

    def __delitem__(self, key: str) -> None:
        """Remove an entry.

        Raises:
            KeyMissing: there is none.
        """
        folder, name = self._find_parent(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._get_full_key(key)} is missing in {self._get_source()}.")
        del folder._entries[name]

    def __contains__(self, key: str) -> bool:
        folder, name = self._find_parent(key)
        return folder is not None and name in folder._entries

    def get(self, key: str, default: str = "") -> str:
        """The text of an entry, or another if there is none."""
        folder, name = self._find_parent(key)
        return default if folder is None else folder._entries.get(name, default)

    def get_int(self, key: str, default: int | None = None) -> int:
        """A whole number.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is no whole number.
        """
        return self._read_value(key, default, entry_values.parse_int, "a whole number")

    def get_float(self, key: str, default: float | None = None) -> float:
        """A number.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is no finite number.
        """
        return self._read_value(key, default, entry_values.parse_float, "a number")

    def get_bool(self, key: str, default: bool | None = None) -> bool:
        """A truth value, which is 0 or 1 in the file.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is neither.
        """
        return self._read_value(key, default, entry_values.parse_bool, "0 or 1")

    def get_vector(
        self, key: str, length: int | None = None, default: Iterable[float] | None = None
    ) -> tuple[float, ...]:
        """Numbers with blanks between.

        Args:
            length: how many there must be; any number if `None`.

        Raises:
            KeyMissing: they are not there, and no default was given.
            KeyUnreadable: they are no finite numbers, or not as many.
        """
        given = None if default is None else tuple(default)
        what = "numbers" if length is None else f"{length} numbers"
        return self._read_value(
            key,
            given,
            lambda text: entry_values.parse_list(text, length, entry_values.parse_float),
            what,
        )

    def get_ints(
        self, key: str, length: int | None = None, default: Iterable[int] | None = None
    ) -> tuple[int, ...]:
        """Whole numbers with blanks between; as `get_vector` otherwise."""
        given = None if default is None else tuple(default)
        what = "whole numbers" if length is None else f"{length} whole numbers"
        return self._read_value(
            key,
            given,
            lambda text: entry_values.parse_list(text, length, entry_values.parse_int),
            what,
        )

    def get_enum(self, key: str, names: type[E], default: E | None = None) -> E:
        """One of some names.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is none of them.
        """
        what = "one of " + ", ".join(str(name.value) for name in names)
        return self._read_value(key, default, names, what)

    def entry_keys(self) -> list[str]:
        """The keys of the entries in this folder itself, in their order."""
        return list(self._entries)

    # Folders

    def folder(self, key: str) -> Registry:
        """A folder, which is made if it is not there.

        Raises:
            ValueError: the key is none.
        """
        found = self._find_folder(key)
        if found is not None:
            return found
        above, name = self._create_parent(key)
        made = Registry()
        above._insert_folders({name: made})
        return made

    def has_folder(self, key: str) -> bool:
        """Whether there is such a folder."""
        return self._find_folder(key) is not None

    def folder_keys(self) -> list[str]:
        """The keys of the folders in this folder itself, in their order."""
        return list(self._folders)

    def remove_folder(self, key: str) -> None:
        """Remove a folder with all that is in it; nothing happens if there is none."""
        if self.has_folder(key):
            self.take_folder(key)

    def take_folder(self, key: str) -> Registry:
        """Take a folder out of the tree; it is a tree of its own then.

        Raises:
            KeyMissing: there is none.
        """
        above, name = self._find_parent(key)
        if above is None or name not in above._folders:
            raise KeyMissing(
                f"The folder {self._get_full_key(key)} is missing in {self._get_source()}."
            )
        taken = above._folders.pop(name)
        taken.source, taken._parent, taken._name = self.root.source, None, ""
        return taken

    def put_folder(self, key: str, folder: Registry) -> None:
        """Put a tree into this one as a folder, in place of what is there under this key.

        Raises:
            ValueError: the key is none, or the folder stands in a tree already.
        """
        if folder._parent is not None or folder is self.root:
            raise ValueError(f"{folder.key or 'The tree'} stands in a tree already; copy it first.")
        above, name = self._create_parent(key)
        if (
            above._get_depth() + 1 + folder._get_height() + 1 > MAX_KEY_PARTS
        ):  # with what stands in the last
            raise ValueError(
                f"{self._get_full_key(key)} would have more than {MAX_KEY_PARTS} parts in its keys."
            )
        self.remove_folder(key)
        above._insert_folders({name: folder})

    # As a reader does

    def append_entry(self, key: str, value: str) -> None:
        """Add an entry behind the others of its folder, or give another text to one."""
        *way, name = self._split_key(key)
        self._append_folders(way)._entries[name] = entry_values.format_value(value, key)

    def append_folder(self, key: str) -> Registry:
        """A folder, which is made behind its siblings if it is not there."""
        return self._append_folders(self._split_key(key))

    # The whole

    def clear(self) -> None:
        """Remove all that is in this folder."""
        self._entries.clear()
        for key in self.folder_keys():
            self.take_folder(key)

    def copy(self) -> Registry:
        """The same tree once more, which does not change with this one."""
        copied = Registry()
        copied.source = self.root.source
        copied._entries = dict(self._entries)
        for name, folder in self._folders.items():
            made = copied._folders[name] = folder.copy()
            made._parent, made._name = copied, name
        return copied

    def update(self, other: Registry) -> None:
        """Take over all folders and entries of another tree; of what both have, its texts.

        Raises:
            ValueError: a key would have too many parts.
        """
        if self._get_depth() + other._get_height() + 1 > MAX_KEY_PARTS:
            raise ValueError(f"A key of {self!r} would have more than {MAX_KEY_PARTS} parts.")
        self._merge(other.copy())

    def walk(self) -> Iterator[tuple[str, str]]:
        """All entries of the tree, with the keys under which this folder has them, in order."""
        yield from self._entries.items()
        for name, folder in self._folders.items():
            for key, value in folder.walk():
                yield f"{name}.{key}", value

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same folders and entries, in whatever order."""
        if not isinstance(other, Registry):
            return NotImplemented
        return self._entries == other._entries and self._folders == other._folders

    __hash__ = None  # type: ignore[assignment]  # what changes is no key; this is how to say it

    def __repr__(self) -> str:
        return f"<Registry {self.key or '(whole)'} of {self._get_source()}>"

    # Within

    def _find_folder(self, key: str) -> Registry | None:
        """The folder with this key, if there is one."""
        folder, name = self._find_parent(key)
        return None if folder is None else folder._folders.get(name)

    def _find_parent(self, key: str) -> tuple[Registry | None, str]:
        """The folder in which a key stands, if there is one, and the key's last part."""
        *way, name = key.split(".")
        folder: Registry | None = self
        for part in way:
            folder = folder._folders.get(part) if folder is not None else None
        return folder, name

    def _create_parent(self, key: str) -> tuple[Registry, str]:
        """The folder in which a key stands or shall stand, and the key's last part."""
        *way, name = self._split_key(key)
        folder = self
        for part in way:
            if part not in folder._folders:
                folder._insert_folders({part: Registry()})
            folder = folder._folders[part]
        return folder, name

    def _split_key(self, key: str) -> list[str]:
        """The parts of a key that can stand here."""
        parts = key.split(".")
        if not all(parts):
            raise ValueError(
                f"{entry_values.quote_shortened(key)} is no key; a key is names with dots between."
            )
        if entry_values.XML_FORBIDDEN.search(key):
            raise ValueError(
                f"The key {entry_values.quote_shortened(key)} has a character that XML cannot hold."
            )
        full = self._get_full_key(key)
        if full.count(".") >= MAX_KEY_PARTS:
            raise ValueError(
                f"{entry_values.quote_shortened(full)} has more than {MAX_KEY_PARTS} parts."
            )
        if len(full) > MAX_KEY_LENGTH:
            raise ValueError(
                f"{entry_values.quote_shortened(full)} has more than {MAX_KEY_LENGTH} characters."
            )
        return parts

    def _append_folders(self, names: Iterable[str]) -> Registry:
        """The folder at the end of a way; what of the way is not there is made at the end."""
        folder = self
        for part in names:
            if part not in folder._folders:
                made = folder._folders[part] = Registry()
                made._parent, made._name = folder, part
            folder = folder._folders[part]
        return folder

    def _insert_folders(self, folders: Mapping[str, Registry]) -> None:
        for name, folder in folders.items():
            folder._parent, folder._name = self, name
        _insert_sorted(self._folders, folders)

    def _merge(self, other: Registry) -> None:
        """Take over what is in a tree that nobody else has."""
        _insert_sorted(self._entries, other._entries)
        new = {name: made for name, made in other._folders.items() if name not in self._folders}
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
                f"{self._get_full_key(key)} is {entry_values.quote_shortened(text)} in {self._get_source()}; it should be "
                f"{expected}."
            ) from cause


def _insert_sorted(siblings: dict[str, T], new: Mapping[str, T]) -> None:
    """Put values under keys; a new one goes to the end, or before the first that is greater.

    What is there is gone through once at most, however much is new.
    """
    added = sorted((key for key in new if key not in siblings), reverse=True)  # the last is next
    if added and added[-1] < next(reversed(siblings), ""):
        there = dict(siblings)
        siblings.clear()
        for key, value in there.items():
            while added and added[-1] < key:
                first = added.pop()
                siblings[first] = new[first]
            siblings[key] = value
    siblings.update((key, new[key]) for key in reversed(added))
    siblings.update(new)
