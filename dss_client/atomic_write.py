"""Atomic writing of files: a file appears under its name only when it is complete."""

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
"""The name of a file that is not complete yet."""
_ADVICE = {
    errno.ENOENT: "Create the folder, or give a different folder",
    errno.EACCES: "Give a folder that you can write to",
    errno.EPERM: "Give a folder that you can write to",
    errno.EROFS: "Give a folder that you can write to",
    errno.EEXIST: "Move what is in the way, or give a different folder",
    errno.EISDIR: "Move what is in the way, or give a different folder",
    errno.ENOTDIR: "Move what is in the way, or give a different folder",
    errno.ENAMETOOLONG: "Give a shorter name",
}
"""Advice for the operating system's errors, except a full disk."""


@contextmanager
def open_atomically(target: Path) -> Iterator[Callable[[bytes], None]]:
    """Open a file for writing. The file gets its name when the `with` block ends.

    An existing file is replaced. If the `with` block raises an exception, the new data is removed
    and an existing file is unchanged.

    Yields:
        A function that appends bytes to the file.

    Raises:
        FileNotWritten: the file could not be written.
    """
    failure = f"{target} cannot be written"
    # Beside the target, so that the last step is a rename, which cannot fail halfway.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with translate_os_errors(failure):
            stream = temporary.open("xb")

        def write(chunk: bytes) -> None:
            with translate_os_errors(failure):
                stream.write(chunk)

        try:
            yield write
        except BaseException:
            with suppress(OSError):  # the first exception says more
                stream.close()
            raise
        with translate_os_errors(failure):
            stream.close()
            os.replace(temporary, target)  # noqa: PTH105  # the name says that it replaces
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_part_files(folder: Path) -> None:
    """Remove the incomplete files that a killed process left in a folder.

    Raises:
        FileNotWritten: a file cannot be removed.
    """
    with translate_os_errors(f"Incomplete files of an earlier run in {folder} cannot be removed"):
        for path in folder.iterdir():
            if _PART_NAME.fullmatch(path.name):
                path.unlink(missing_ok=True)


@contextmanager
def translate_os_errors(failure: str) -> Iterator[None]:
    """Turn an `OSError` of the `with` block into a `FileNotWritten` that says what to do.

    Args:
        failure: what could not be done, as a sentence without its full stop.

    Raises:
        FileNotWritten: the operating system reported an error.
    """
    try:
        yield
    except OSError as cause:
        advice = _ADVICE.get(cause.errno or 0, "Free space, or give a different folder")
        error = FileNotWritten(f"{failure}: {cause.strerror or cause}. {advice}; then call again.")
        error.errno = cause.errno  # callers tell a full disk from a read-only folder by errno
        raise error from cause
