"""The XML format of ITK-SNAP's registries."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Protocol
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.expatreader import DefusedExpatParser

from dss_client.errors import WorkspaceMissing, WorkspaceUnreadable

# ITK-SNAP's own files have about ten thousand bytes and about a hundred entries. The largest useful
# file describes all 65535 possible labels, each with a folder and five entries: 21 MB. Anything
# larger would only cost time and memory.
MAX_BYTES = 32 * 1024 * 1024
"""The largest number of bytes in a file."""
MAX_ENTRIES = 400_000
"""The largest number of entries in a file."""
MAX_FOLDERS = 100_000
"""The largest number of folders that the keys in a file name. Each dot in a key adds one folder."""

_HEADER = """\
<?xml version="1.0" encoding="UTF-8" ?>
<!--ITK-SNAP (itksnap.org) Project File

This file can be moved/copied along with the images that it references
as long as the relative location of the images to the project file is 
the same. Do not modify the SaveLocation entry, or this will not work.
-->
<!DOCTYPE registry [
<!ELEMENT registry (entry*,folder*)>
<!ELEMENT folder (entry*,folder*)>
<!ELEMENT entry EMPTY>
<!ATTLIST folder key CDATA #REQUIRED>
<!ATTLIST entry key CDATA #REQUIRED>
<!ATTLIST entry value CDATA #REQUIRED>
]>
"""  # noqa: W291  # ITK-SNAP writes this blank into every file
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "'": "&apos;",
        '"': "&quot;",
        # XML readers replace these by blanks unless they are escaped.
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


class Tree(Protocol):
    """A tree of entries and folders, in the order of the file."""

    def append_entry(self, key: str, value: str) -> None:
        """Add an entry after the other entries."""
        ...

    def append_folder(self, key: str) -> Tree:
        """Add a folder after the other folders, and return it."""
        ...

    def entry_keys(self) -> list[str]:
        """List the keys of the entries of this folder."""
        ...

    def folder_keys(self) -> list[str]:
        """List the keys of the folders of this folder."""
        ...

    def folder(self, key: str) -> Tree:
        """Return a folder of this folder."""
        ...

    def __getitem__(self, key: str, /) -> str: ...


def read_bytes(path: Path) -> bytes:
    """Read a file that may hold a registry.

    Raises:
        WorkspaceMissing: the file does not exist.
        WorkspaceUnreadable: the file cannot be read, or it is too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise WorkspaceUnreadable(f"{path} is not a file, so it cannot be a workspace.")
        _check_size(status.st_size, str(path))
        with path.open("rb") as stream:
            # One byte more than allowed: if the file has grown, parsing it reports that.
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError as cause:
        raise WorkspaceMissing(f"The workspace {path} does not exist.") from cause
    except OSError as cause:
        raise WorkspaceUnreadable(f"{path} cannot be read: {cause.strerror or cause}.") from cause


def parse_registry(tree: Tree, data: bytes, source: str) -> None:
    """Parse the content of a file into an empty tree.

    Raises:
        WorkspaceUnreadable: see `Registry.parse`.
    """
    _check_size(len(data), source)
    builder = _TreeBuilder(tree)
    parser = _SafeParser()
    parser.setContentHandler(builder)
    try:
        parser.parse(BytesIO(data))
    except (SAXException, DefusedXmlException, _RegistryError, LookupError, ValueError) as cause:
        # Python raises the last two for encodings that it does not support.
        raise WorkspaceUnreadable(
            f"{source} is not a readable workspace: line {builder.line}: {_describe_cause(cause)}. "
            "Save it again with ITK-SNAP, or ask the sender to do so."
        ) from cause


def format_registry(registry: Tree) -> bytes:
    """Return the content of the file that holds a tree."""
    return "".join(
        [_HEADER, "<registry>\n", *_format_lines(registry, "  "), "</registry>\n"]
    ).encode()


def _format_lines(registry: Tree, indent: str) -> Iterator[str]:
    for key in registry.entry_keys():
        name, value = key.translate(_ESCAPES), registry[key].translate(_ESCAPES)
        yield f'{indent}<entry key="{name}" value="{value}" />\n'
    for key in registry.folder_keys():
        yield f'{indent}<folder key="{key.translate(_ESCAPES)}" >\n'
        yield from _format_lines(registry.folder(key), indent + "  ")
        yield f"{indent}</folder>\n"


def _check_size(size: int, source: str) -> None:
    if size > MAX_BYTES:
        raise WorkspaceUnreadable(
            f"{source} has more than {MAX_BYTES >> 20} MiB. No workspace is that large."
        )


def _describe_cause(cause: Exception) -> str:
    """Return the reason why a file cannot be read, for messages."""
    if isinstance(cause, EntitiesForbidden):
        return "it declares entities, which no workspace does and which could do harm"
    if isinstance(cause, ExternalReferenceForbidden):
        return "it refers to another file, which no workspace does and which could do harm"
    return cause.getMessage() if isinstance(cause, SAXException) else str(cause)


class _RegistryError(Exception):
    """Well-formed XML that is not a registry."""


class _SafeParser(DefusedExpatParser):
    """A parser that accepts element declarations, but no entities and no external references."""

    def __init__(self) -> None:
        # Read all at once: before version 2.6, Expat parses a long value again for every block.
        super().__init__(
            bufsize=MAX_BYTES, forbid_dtd=False, forbid_entities=True, forbid_external=True
        )

    def reset(self) -> None:
        super().reset()
        # Ignore declared defaults. Otherwise each short element could repeat a long default value.
        self._parser.specified_attributes = True  # type: ignore[attr-defined]  # not in typeshed


class _TreeBuilder(ContentHandler):
    """A SAX handler that builds the tree from the elements."""

    def __init__(self, root: Tree) -> None:
        self._root = root
        self._open = list[Tree | None]()  # open elements, the innermost last; `None` is an entry
        self._entries = self._folders = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  # SAX's name
        self._locator = locator

    @property
    def line(self) -> int:
        return (self._locator.getLineNumber() or 0) if self._locator is not None else 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # SAX's name
        element = name.lower()
        if not self._open:
            if element != "registry":
                raise _RegistryError(f"it is <{name}>, not <registry>")
            self._open.append(self._root)
            return
        parent = self._open[-1]
        if parent is None or element not in {"folder", "entry"}:
            raise _RegistryError(f"<{name}> is not allowed here")
        key = _get_attribute(name, attrs, "key")
        self._entries += element == "entry"
        self._folders += key.count(".") + (element == "folder")
        if self._entries > MAX_ENTRIES:
            raise _RegistryError(f"it has more than {MAX_ENTRIES} entries")
        if self._folders > MAX_FOLDERS:
            raise _RegistryError(f"the keys in it name more than {MAX_FOLDERS} folders")
        try:
            if element == "folder":
                self._open.append(parent.append_folder(key))
            else:
                parent.append_entry(key, _get_attribute(name, attrs, "value"))
                self._open.append(None)
        except ValueError as cause:
            raise _RegistryError(str(cause).rstrip(".")) from cause

    def endElement(self, name: str) -> None:  # noqa: N802  # SAX's name
        self._open.pop()


def _get_attribute(element: str, attrs: AttributesImpl, name: str) -> str:
    value = attrs.get(name)
    if value is None:
        raise _RegistryError(f"<{element}> does not have the attribute {name}")
    return str(value)
