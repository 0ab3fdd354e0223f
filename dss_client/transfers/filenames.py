"""Names of files: those that come from the network, and those that go there."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dss_client.errors import UnsafeFileName
from dss_wire.multipart import ESCAPES

MAX_NAME_BYTES = 255
"""How many bytes the name of a file may have on most disks."""

_DEVICE_PATTERN = re.compile(
    r"(CON|PRN|AUX|NUL|(COM|LPT)[0-9¹²³]|CONIN\$|CONOUT\$|CLOCK\$) *(\..*)?", re.I
)
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters: control, format, lone surrogates, ends of lines and paragraphs."""
_RESERVED_CHARACTERS = frozenset('<>"|?*')
"""Characters that no file can have on Windows, or on a disk that was made for it."""
_FAULT_CHECKS: dict[str, Callable[[str], object]] = {
    "is no name": lambda name: not name,
    "leads to another folder": lambda name: "/" in name or "\\" in name,
    # The middleware lists no such file. Among them are this folder, the one above, and those in
    # which downloads lie until they are whole.
    "begins with a dot": lambda name: name.startswith("."),
    "names a drive, or a part of another file": lambda name: ":" in name,
    'has one of the characters < > " | ? *': lambda name: not _RESERVED_CHARACTERS.isdisjoint(name),
    "has characters that nobody can see": lambda name: (
        not _INVISIBLE_CATEGORIES.isdisjoint(map(unicodedata.category, name))
    ),
    "ends with a dot or a blank": lambda name: name.endswith((".", " ")),
    "is the name of a device": _DEVICE_PATTERN.fullmatch,
    f"is longer than {MAX_NAME_BYTES} bytes": lambda name: len(name.encode()) > MAX_NAME_BYTES,
}
"""What can be wrong with a name; the first that applies is told."""
_MAX_SHOWN_CHARACTERS = 120
"""How many characters of a name a message shows."""


def get_download_paths(ticket: int, names: Sequence[str], folder: Path) -> list[Path]:
    """Where the files of a ticket go, in their order: straight into a folder, which need not exist.

    Raises:
        UnsafeFileName: some must not be written there.
    """
    refused = dict[str, str]()
    clashing = _find_clashes(names)
    for name in names:
        reason = find_name_fault(name)
        if reason is None and name in clashing:
            reason = f"is the same as {_quote_name(clashing[name])} on many disks"
        if reason is None:
            reason = _find_obstacle(folder / name)
        if reason is not None:
            refused[name] = reason
    if refused:
        listed = "; ".join(f"{_quote_name(name)} {reason}" for name, reason in refused.items())
        raise UnsafeFileName(
            f"Ticket {ticket} has files that are not safe to write to {folder}: {listed}. "
            "Nothing was downloaded. Whoever sent the files must rename them, so fail the ticket "
            "if it is yours to work on; what is in the way can be moved, or another folder given.",
            names=tuple(refused),
        )
    return [folder / name for name in names]


def check_upload_paths(paths: Iterable[Path]) -> None:
    """Check that there are files, under names that can be downloaded again.

    Raises:
        FileNotFoundError, IsADirectoryError: a path is no file.
        ValueError: the middleware would lose a name, no disk take it, or one stands twice.
    """
    seen: dict[str, Path] = {}
    for path in paths:
        name = require_file(path).name
        if (reason := _find_upload_fault(name)) is not None:
            raise ValueError(f"{name!r} {reason}; it could not be downloaded again. Rename it.")
        folded = _normalise_name(name)
        if (other := seen.get(folded)) == path:
            raise ValueError(f"{path} stands twice among the files to send. Give it once.")
        if other is not None:
            raise ValueError(
                f"{other} and {path} have the same name on many disks; one would replace the "
                "other. Rename one."
            )
        seen[folded] = path


def format_workspace_name(ticket: int, suffix: str = "") -> str:
    """What a ticket's workspace is called, which is where readers look for it.

    Args:
        suffix: what stands before the ending; empty for the input.

    Raises:
        TypeError: the suffix is no text.
        ValueError: nobody could download a file of this name again.
    """
    if not isinstance(suffix, str):
        raise TypeError(f"wsfile_suffix must be a text, not {type(suffix).__name__}.")
    name = f"ticket_{ticket:08d}{suffix}.itksnap"
    if (reason := _find_upload_fault(name)) is not None:
        raise ValueError(
            f"With the wsfile_suffix {_quote_name(suffix)}, the name of the workspace file {reason}; it "
            "could not be downloaded again. Give another."
        )
    return name


def require_file(path: Path) -> Path:
    """The same path, if a file is there.

    Raises:
        FileNotFoundError, IsADirectoryError: there is none.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the files in it one by one.")
    if path.is_file():
        return path
    if path.exists():
        raise FileNotFoundError(f"{path} is no file, but a pipe or a device; nothing was sent.")
    raise FileNotFoundError(f"There is no file {path}; nothing was sent.")


def find_name_fault(name: str) -> str | None:
    """What is wrong with a name, on whatever disk; `None` if nothing is."""
    return next((what for what, applies in _FAULT_CHECKS.items() if applies(name)), None)


def _find_upload_fault(name: str) -> str | None:
    """Why a file could not be downloaded again under its name; `None` if it could."""
    return _find_encoding_fault(name) or find_name_fault(name)


def _find_encoding_fault(name: str) -> str | None:
    """Why the middleware would list a file under another name than it was sent under."""
    try:
        name.encode("latin-1")
    except UnicodeEncodeError:
        return "is not all Latin-1, which is all that the middleware can give back"
    escaped = next((escape for escape in ESCAPES.values() if escape in name), None)
    return escaped and f"has {escaped} in it, which the middleware takes for another character"


def _find_clashes(names: Iterable[str]) -> dict[str, str]:
    """The names that are the same as another's on some disks, each with that other."""
    found = dict[str, str]()
    first = dict[str, str]()
    listed = set[str]()
    for name in names:
        other = first.setdefault(_normalise_name(name), name)
        if other != name or name in listed:
            found[name], found[other] = other, name
        listed.add(name)
    return found


def _normalise_name(name: str) -> str:
    """What is the same for names that a disk may not tell apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _find_obstacle(path: Path) -> str | None:
    """Why a file must not replace what is there; `None` if it may."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None  # nothing is there, or writing will say what is wrong
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        return "is a link there already"
    if stat.S_ISDIR(mode):
        return "is a folder there already"
    return "is there already, and no plain file"


def _quote_name(name: str) -> str:
    shown = ascii(name)
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else f"{shown[:_MAX_SHOWN_CHARACTERS]}[...]"
