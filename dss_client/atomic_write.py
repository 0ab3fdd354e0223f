"""Writing files that appear under their names only when they are whole."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dss_client.errors import FileNotWritten

_PART_NAME = re.compile(r"\.[0-9a-f]{16}\.part")
"""What a file is called until it is whole."""
_ADVICE = {
    errno.ENOENT: "Make its folder, or give another",
    errno.EACCES: "Give a folder that may be written to",
    errno.EPERM: "Give a folder that may be written to",
    errno.EROFS: "Give a folder that may be written to",
    errno.EEXIST: "Move what is in the way, or give another folder",
    errno.EISDIR: "Move what is in the way, or give another folder",
    errno.ENOTDIR: "Move what is in the way, or give another folder",
    errno.ENAMETOOLONG: "Give a shorter name",
}
"""What to do about what a disk refuses, other than for want of space."""


@contextmanager
def open_atomically(target: Path) -> Iterator[Callable[[bytes], None]]:
    """What writes a file, which gets its name at the end, or is gone when something fails.

    Raises:
        FileNotWritten: it could not be written.
    """
    what = f"{target} cannot be written"
    # Beside the target, so that the last step is a rename and nothing that can fail half-way.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with translate_os_errors(what):
            stream = temporary.open("xb")

        def write(chunk: bytes) -> None:
            with translate_os_errors(what):
                stream.write(chunk)

        try:
            yield write
        except BaseException:
            with suppress(OSError):  # what led here says more
                stream.close()
            raise
        with translate_os_errors(what):
            stream.close()
            os.replace(temporary, target)  # noqa: PTH105  # the name says that it replaces
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_part_files(folder: Path) -> None:
    """Remove what a process left that was killed before its files were whole.

    Raises:
        FileNotWritten: it cannot be removed.
    """
    with translate_os_errors(f"What an earlier run left in {folder} cannot be removed"):
        for path in folder.iterdir():
            if _PART_NAME.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextmanager
def translate_os_errors(failure: str) -> Iterator[None]:
    """Within it, what the disk refuses is an error that says what to do.

    Args:
        what: what could not be done, as a sentence without its end.

    Raises:
        FileNotWritten: the disk refused.
    """
    try:
        yield
    except OSError as cause:
        to_do = _ADVICE.get(cause.errno or 0, "Free space, or give another folder")
        error = FileNotWritten(f"{failure}: {cause.strerror or cause}. {to_do}; then call again.")
        error.errno = cause.errno  # by which a full disk is told from a closed folder
        raise error from cause
