"""Checks of file names, before a download and before an upload."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dss_client.errors import UnsafeFileName
from dss_wire.multipart import ESCAPES

MAX_NAME_BYTES = 255
"""The longest file name on most disks, in bytes."""

_DEVICE_PATTERN = re.compile(
    r"(CON|PRN|AUX|NUL|(COM|LPT)[0-9¹²³]|CONIN\$|CONOUT\$|CLOCK\$) *(\..*)?", re.I
)
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories: control, format, lone surrogate, line and paragraph separator."""
_RESERVED_CHARACTERS = frozenset('<>"|?*')
"""Characters that Windows and its file systems do not allow in file names."""
_FAULT_CHECKS: dict[str, Callable[[str], object]] = {
    "is empty": lambda name: not name,
    "points to another folder": lambda name: "/" in name or "\\" in name,
    # The middleware never lists such files. `.`, `..` and the names of partial downloads are
    # among them.
    "begins with a dot": lambda name: name.startswith("."),
    "contains a colon, as in a drive or a part of another file": lambda name: ":" in name,
    'contains one of the characters < > " | ? *': lambda name: (
        not _RESERVED_CHARACTERS.isdisjoint(name)
    ),
    "contains invisible characters": lambda name: (
        not _INVISIBLE_CATEGORIES.isdisjoint(map(unicodedata.category, name))
    ),
    "ends with a dot or a space": lambda name: name.endswith((".", " ")),
    "is the name of a Windows device": _DEVICE_PATTERN.fullmatch,
    f"is longer than {MAX_NAME_BYTES} bytes": lambda name: len(name.encode()) > MAX_NAME_BYTES,
}
"""Problems of a file name and their tests; the first problem found is reported."""
_MAX_SHOWN_CHARACTERS = 120
"""The most characters of a name that a message shows."""


def get_download_paths(ticket: int, names: Sequence[str], folder: Path) -> list[Path]:
    """Return the path for each file of a ticket, directly in the folder, which may not exist yet.

    Raises:
        UnsafeFileName: the names of one or more files are not safe to write to the folder.
    """
    faults = dict[str, str]()
    clashes = _find_clashes(names)
    for name in names:
        fault = find_name_fault(name)
        if fault is None and name in clashes:
            fault = f"is the same as {_quote_name(clashes[name])} on many disks"
        if fault is None:
            fault = _find_obstacle(folder / name)
        if fault is not None:
            faults[name] = fault
    if faults:
        description = "; ".join(f"{_quote_name(name)} {fault}" for name, fault in faults.items())
        raise UnsafeFileName(
            f"Ticket {ticket} has files that are not safe to write to {folder}: {description}. "
            "Nothing was downloaded. The sender must rename them: if you are the provider, "
            "set the ticket to failed. If a file, folder or link is in the way, move it or use a "
            "different folder.",
            names=tuple(faults),
        )
    return [folder / name for name in names]


def check_upload_paths(paths: Iterable[Path]) -> None:
    """Check that the files exist and that their names allow a download later.

    Raises:
        FileNotFoundError, IsADirectoryError: a path is not a file.
        ValueError: the middleware or a disk would change or refuse a name, or a name appears
            twice.
    """
    seen: dict[str, Path] = {}
    for path in paths:
        name = require_file(path).name
        if (fault := _find_upload_fault(name)) is not None:
            raise ValueError(
                f"{name!r} {fault}. The file could not be downloaded from the ticket. Rename it."
            )
        key = _normalise_name(name)
        if (other := seen.get(key)) == path:
            raise ValueError(f"{path} appears twice in the files to send. Give it once.")
        if other is not None:
            raise ValueError(
                f"{other} and {path} have the same name on disks that do not distinguish case. "
                "One file would replace the other. Rename one of them."
            )
        seen[key] = path


def format_workspace_name(ticket: int, suffix: str = "") -> str:
    """Return the file name of a ticket's workspace. Readers find the workspace by this name.

    Args:
        suffix: text before the extension; empty for the input.

    Raises:
        TypeError: the suffix is not a string.
        ValueError: a file with this name could not be downloaded from the ticket.
    """
    if not isinstance(suffix, str):
        raise TypeError(f"wsfile_suffix must be a string, not {type(suffix).__name__}.")
    name = f"ticket_{ticket:08d}{suffix}.itksnap"
    if (fault := _find_upload_fault(name)) is not None:
        raise ValueError(
            f"With the wsfile_suffix {_quote_name(suffix)}, the name of the workspace file "
            f"{fault}. The file could not be downloaded from the ticket. Give a different suffix."
        )
    return name


def require_file(path: Path) -> Path:
    """Return the path if it is a file.

    Raises:
        FileNotFoundError, IsADirectoryError: the path is not a file.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Give the files in it one by one.")
    if path.is_file():
        return path
    if path.exists():
        raise FileNotFoundError(f"{path} is a pipe or a device, not a file. Nothing was sent.")
    raise FileNotFoundError(f"The file {path} does not exist. Nothing was sent.")


def find_name_fault(name: str) -> str | None:
    """Return the problem of a file name on any operating system, or `None`."""
    return next((fault for fault, applies in _FAULT_CHECKS.items() if applies(name)), None)


def _find_upload_fault(name: str) -> str | None:
    """Return why a file with this name could not be downloaded after its upload, or `None`."""
    return _find_encoding_fault(name) or find_name_fault(name)


def _find_encoding_fault(name: str) -> str | None:
    """Return why the middleware would list a file under a different name, or `None`."""
    try:
        name.encode("latin-1")
    except UnicodeEncodeError:
        return "contains characters outside Latin-1, which the middleware cannot send back"
    escaped = next((escape for escape in ESCAPES.values() if escape in name), None)
    return escaped and f"contains {escaped}, which the middleware reads as another character"


def _find_clashes(names: Iterable[str]) -> dict[str, str]:
    """Return pairs of names that some disks cannot tell apart, such as `A.nii` and `a.nii`."""
    clashes = dict[str, str]()
    first_names = dict[str, str]()
    seen = set[str]()
    for name in names:
        other = first_names.setdefault(_normalise_name(name), name)
        if other != name or name in seen:
            clashes[name], clashes[other] = other, name
        seen.add(name)
    return clashes


def _normalise_name(name: str) -> str:
    """Normalise a file name for comparison on case-insensitive disks."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _find_obstacle(path: Path) -> str | None:
    """Return why a download must not replace the file at a path, or `None`."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None  # the path does not exist, or writing to it reports the reason
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        return "already exists there as a symbolic link"
    if stat.S_ISDIR(mode):
        return "already exists there as a folder"
    return "already exists there and is not a regular file"


def _quote_name(name: str) -> str:
    shown = ascii(name)
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else f"{shown[:_MAX_SHOWN_CHARACTERS]}[...]"
