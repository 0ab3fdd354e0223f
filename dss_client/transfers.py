"""Files of tickets, from and to disk; no file is ever in memory as a whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from dss_api import Download, DssError, FileArea, Upload
from dss_api.provider_operations import ProviderOperations
from dss_client.errors import FileNotWritten, FilesChanged, UnsafeFileName

Advance = Callable[[float], object]
"""What is told how many bytes have moved."""


def download_files(
    provider: ProviderOperations, ticket: int, area: FileArea, folder: Path, advance: Advance
) -> list[Path]:
    """Download all files of a claimed ticket; the paths, in the order of the middleware's list.

    A file appears under its name only when it is whole.

    Raises:
        UnsafeFileName: a file has a name that must not be used; nothing was downloaded.
        FilesChanged: the list of files changed meanwhile.
        FileNotWritten: the folder or a file could not be written.
        DssError: the middleware refused, or the connection broke.
    """
    files = provider.list_claimed_ticket_files(ticket_id=ticket, area=area)
    for file in files:
        _check_received_name(file.filename, ticket)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"The folder {folder} for ticket {ticket} cannot be made"
        raise _not_written(what, error) from error
    paths: list[Path] = []
    for file in files:
        with provider.download_claimed_ticket_file(
            ticket_id=ticket, area=area, index=file.index
        ) as download:
            if download.filename != file.filename:
                raise FilesChanged(
                    f"The files of ticket {ticket} changed during the download: in place of "
                    f"{file.filename!r} came {download.filename!r}. Download the ticket again."
                )
            paths.append(_write(download, folder / file.filename, advance))
    return paths


def upload_files(
    provider: ProviderOperations,
    ticket: int,
    area: FileArea,
    paths: Iterable[Path],
    advance: Advance,
) -> None:
    """Upload files to a claimed ticket, each under its own name.

    Raises:
        FileNotFoundError, IsADirectoryError: a path is no file; nothing was sent.
        ValueError: a name that the middleware would lose, or that stands twice; nothing was sent.
        UploadChanged: a file could not be read, or became shorter, while it was sent.
        DssError: the middleware refused, or the connection broke.
    """
    checked = list(paths)
    _check_sent_names(checked)
    for path in checked:
        with path.open("rb") as stream:
            upload = Upload.of(path, stream)
            provider.upload_claimed_ticket_file(ticket_id=ticket, area=area, file=upload)
        advance(upload.size)


def existing_file(path: Path) -> Path:
    """The same path, if a file is there.

    Raises:
        FileNotFoundError, IsADirectoryError: there is none.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the files in it one by one.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}; nothing was sent.")
    return path


def _check_sent_name(path: Path) -> None:
    """Check that a file exists, under a name that can be downloaded again.

    Raises:
        FileNotFoundError, IsADirectoryError: it is no file.
        ValueError: the middleware would lose it.
    """
    name = existing_file(path).name
    if name.startswith("."):
        raise ValueError(f"The middleware does not list {name!r}: it begins with a dot. Rename it.")
    try:
        name.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The middleware cannot give {name!r} back: its name is not all Latin-1. Rename it."
        ) from error
    if "\\" in name or not name.isprintable():
        raise ValueError(f"The middleware does not keep the name {name!r} as it is. Rename it.")


def _check_sent_names(paths: list[Path]) -> None:
    seen: dict[str, Path] = {}
    for path in paths:
        _check_sent_name(path)
        if path.name in seen:
            raise ValueError(
                f"{seen[path.name]} and {path} have the same name; the second would replace the "
                "first. Rename one."
            )
        seen[path.name] = path


def _check_received_name(name: str, ticket: int) -> None:
    hostile = name in ("", ".", "..") or "/" in name or "\\" in name or not name.isprintable()
    if hostile or Path(name).drive:
        raise UnsafeFileName(
            f"Ticket {ticket} has a file named {name!r}, which is not safe to write here. "
            "Nothing was downloaded; fail the ticket, and ask its user to rename the file."
        )


def _write(download: Download, target: Path, advance: Advance) -> Path:
    # Beside the target, so that the last step is a rename and nothing that can fail half-way.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as stream:
            for chunk in download:
                stream.write(chunk)
                advance(len(chunk))
        os.replace(temporary, target)  # noqa: PTH105  # the name says that it replaces
    except OSError as error:
        if isinstance(error, DssError):
            raise
        raise _not_written(f"{target} cannot be written", error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _not_written(what: str, cause: OSError) -> FileNotWritten:
    error = FileNotWritten(f"{what}: {cause.strerror or cause}.")
    error.errno = cause.errno  # by which a full disk is told from a closed folder
    return error
