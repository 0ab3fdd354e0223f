"""The tree of keys and values that a workspace is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import TypeVar

from dss_client.atomic_write import whole_file
from dss_client.errors import KeyMissing, KeyUnreadable
from dss_client.workspace import values

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

DEEPEST = 20
"""How many parts a key may have; those of ITK-SNAP's own files have nine."""
LONGEST = 500
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
        registry_xml.parse_into(registry, data, source)
        registry.source = source
        return registry

    def to_bytes(self) -> bytes:
        """The content of the file that holds this tree, as ITK-SNAP would write it."""
        from dss_client.workspace import registry_xml  # noqa: PLC0415

        return registry_xml.to_bytes(self)

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
        folder, name = self._find(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._full(key)} is missing in {self._where()}.")
        return folder._entries[name]

    def __setitem__(self, key: str, value: str | float | Iterable[float]) -> None:
        """Give an entry a text; numbers are written so that they can be read back exactly.

        Raises:
            ValueError: the key is none, or XML cannot hold the value.
            TypeError: the value is neither text nor number, nor a row of numbers.
        """
        text = values.text(value, self._full(key))
        folder, name = self._place(key)
        _sort_in(folder._entries, {name: text})

    def __delitem__(self, key: str) -> None:
        """Remove an entry.

        Raises:
            KeyMissing: there is none.
        """
        folder, name = self._find(key)
        if folder is None or name not in folder._entries:
            raise KeyMissing(f"{self._full(key)} is missing in {self._where()}.")
        del folder._entries[name]

    def __contains__(self, key: str) -> bool:
        folder, name = self._find(key)
        return folder is not None and name in folder._entries

    def get(self, key: str, default: str = "") -> str:
        """The text of an entry, or another if there is none."""
        folder, name = self._find(key)
        return default if folder is None else folder._entries.get(name, default)

    def get_int(self, key: str, default: int | None = None) -> int:
        """A whole number.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is no whole number.
        """
        return self._read(key, default, values.whole, "a whole number")

    def get_float(self, key: str, default: float | None = None) -> float:
        """A number.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is no finite number.
        """
        return self._read(key, default, values.number, "a number")

    def get_bool(self, key: str, default: bool | None = None) -> bool:
        """A truth value, which is 0 or 1 in the file.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is neither.
        """
        return self._read(key, default, values.truth, "0 or 1")

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
        return self._read(key, given, lambda text: values.row(text, length, values.number), what)

    def get_ints(
        self, key: str, length: int | None = None, default: Iterable[int] | None = None
    ) -> tuple[int, ...]:
        """Whole numbers with blanks between; as `get_vector` otherwise."""
        given = None if default is None else tuple(default)
        what = "whole numbers" if length is None else f"{length} whole numbers"
        return self._read(key, given, lambda text: values.row(text, length, values.whole), what)

    def get_enum(self, key: str, names: type[E], default: E | None = None) -> E:
        """One of some names.

        Raises:
            KeyMissing: it is not there, and no default was given.
            KeyUnreadable: it is none of them.
        """
        what = "one of " + ", ".join(str(name.value) for name in names)
        return self._read(key, default, names, what)

    def entry_keys(self) -> list[str]:
        """The keys of the entries in this folder itself, in their order."""
        return list(self._entries)

    # Folders

    def folder(self, key: str) -> Registry:
        """A folder, which is made if it is not there.

        Raises:
            ValueError: the key is none.
        """
        found = self._look(key)
        if found is not None:
            return found
        above, name = self._place(key)
        made = Registry()
        above._adopt({name: made})
        return made

    def has_folder(self, key: str) -> bool:
        """Whether there is such a folder."""
        return self._look(key) is not None

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
        above, name = self._find(key)
        if above is None or name not in above._folders:
            raise KeyMissing(f"The folder {self._full(key)} is missing in {self._where()}.")
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
        above, name = self._place(key)
        if above._depth() + 1 + folder._height() + 1 > DEEPEST:  # with what stands in the last
            raise ValueError(f"{self._full(key)} would have more than {DEEPEST} parts in its keys.")
        self.remove_folder(key)
        above._adopt({name: folder})

    # As a reader does

    def append_entry(self, key: str, value: str) -> None:
        """Add an entry behind the others of its folder, or give another text to one."""
        *way, name = self._parts(key)
        self._appended(way)._entries[name] = values.text(value, key)

    def append_folder(self, key: str) -> Registry:
        """A folder, which is made behind its siblings if it is not there."""
        return self._appended(self._parts(key))

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
        if self._depth() + other._height() + 1 > DEEPEST:
            raise ValueError(f"A key of {self!r} would have more than {DEEPEST} parts.")
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
        return f"<Registry {self.key or '(whole)'} of {self._where()}>"

    # Within

    def _look(self, key: str) -> Registry | None:
        """The folder with this key, if there is one."""
        folder, name = self._find(key)
        return None if folder is None else folder._folders.get(name)

    def _find(self, key: str) -> tuple[Registry | None, str]:
        """The folder in which a key stands, if there is one, and the key's last part."""
        *way, name = key.split(".")
        folder: Registry | None = self
        for part in way:
            folder = folder._folders.get(part) if folder is not None else None
        return folder, name

    def _place(self, key: str) -> tuple[Registry, str]:
        """The folder in which a key stands or shall stand, and the key's last part."""
        *way, name = self._parts(key)
        folder = self
        for part in way:
            if part not in folder._folders:
                folder._adopt({part: Registry()})
            folder = folder._folders[part]
        return folder, name

    def _parts(self, key: str) -> list[str]:
        """The parts of a key that can stand here."""
        parts = key.split(".")
        if not all(parts):
            raise ValueError(f"{values.shown(key)} is no key; a key is names with dots between.")
        if values.UNWRITABLE.search(key):
            raise ValueError(f"The key {values.shown(key)} has a character that XML cannot hold.")
        full = self._full(key)
        if full.count(".") >= DEEPEST:
            raise ValueError(f"{values.shown(full)} has more than {DEEPEST} parts.")
        if len(full) > LONGEST:
            raise ValueError(f"{values.shown(full)} has more than {LONGEST} characters.")
        return parts

    def _appended(self, way: Iterable[str]) -> Registry:
        """The folder at the end of a way; what of the way is not there is made at the end."""
        folder = self
        for part in way:
            if part not in folder._folders:
                made = folder._folders[part] = Registry()
                made._parent, made._name = folder, part
            folder = folder._folders[part]
        return folder

    def _adopt(self, folders: Mapping[str, Registry]) -> None:
        for name, folder in folders.items():
            folder._parent, folder._name = self, name
        _sort_in(self._folders, folders)

    def _merge(self, other: Registry) -> None:
        """Take over what is in a tree that nobody else has."""
        _sort_in(self._entries, other._entries)
        new = {name: made for name, made in other._folders.items() if name not in self._folders}
        for name in other._folders.keys() - new.keys():
            self._folders[name]._merge(other._folders[name])
        self._adopt(new)

    def _depth(self) -> int:
        return 0 if self._parent is None else self._parent._depth() + 1

    def _height(self) -> int:
        return max((folder._height() + 1 for folder in self._folders.values()), default=0)

    def _full(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def _where(self) -> str:
        return self.root.source or "the registry"

    def _read(self, key: str, default: T | None, read: Callable[[str], T], what: str) -> T:
        if default is not None and key not in self:
            return default
        text = self[key]
        try:
            return read(text)
        except (ValueError, LookupError) as cause:
            raise KeyUnreadable(
                f"{self._full(key)} is {values.shown(text)} in {self._where()}; it should be "
                f"{what}."
            ) from cause


def _sort_in(siblings: dict[str, T], new: Mapping[str, T]) -> None:
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
