"""File transfers by curl, with their speed."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import attrs

from dss_api import SESSION_COOKIE, OperationRequest
from dss_wire.operation import Operation

MB = 1_000_000
"""Bytes in a megabyte, as curl and disks count."""

_DEADLINE = 300


class TransferFailed(RuntimeError):
    """The error if curl fails, or if a file does not arrive completely."""


@attrs.frozen
class Curl:
    """The curl command.

    Attributes:
        session: the session to send; `None` for no session.
    """

    session: str | None = None

    def fetch(self, url: str, size: int) -> float:
        """Download a file without keeping it, and return the bytes per second.

        Raises:
            TransferFailed: the file does not have that size.
        """
        [(seconds, moved)] = self._run("%{size_download}", "--output", os.devnull, url)
        if moved != size:
            raise TransferFailed(f"{url}: curl received {moved} of {size} bytes.")
        return size / seconds

    def download(self, urls: Sequence[str], folder: Path) -> float:
        """Download files one by one over one connection, and return the seconds.

        Raises:
            TransferFailed: a download failed.
        """
        arguments: list[str] = []
        for number, url in enumerate(urls):
            arguments += ["--output", f"{folder / f'{number}.bin'}", url]
        return sum(seconds for seconds, _ in self._run("%{size_download}", *arguments))

    def upload(self, url: str, operation: Operation[OperationRequest, object], path: Path) -> float:
        """Upload a file in the form of the operation, and return the bytes per second.

        Raises:
            TransferFailed: the upload failed.
        """
        size = path.stat().st_size
        form = f"{get_file_field(operation)}=@{path}"
        arguments = ("--output", os.devnull, "--form", form, url)
        [(seconds, moved)] = self._run("%{size_upload}", *arguments)
        if moved < size:
            raise TransferFailed(f"{url}: curl sent {moved} of {size} bytes.")
        return size / seconds

    def _run(self, moved: str, *arguments: str) -> list[tuple[float, int]]:
        """Run curl and return the seconds and the number of bytes of each transfer."""
        command = ["curl", "--silent", "--show-error", "--fail"]
        command += ["--max-time", f"{_DEADLINE}", "--write-out", f"%{{time_total}} {moved}\\n"]
        # Otherwise curl waits for a "100 Continue" that some servers do not send.
        command += ["--header", "Expect:"]
        if self.session:
            command += ["--cookie", f"{SESSION_COOKIE}={self.session}"]
        done = subprocess.run(  # noqa: S603  # no shell; all arguments are from this module
            [*command, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise TransferFailed(f"curl {arguments[-1]}: {done.stderr.strip()}")
        lines = (line.split() for line in done.stdout.splitlines())
        return [(float(seconds), int(count)) for seconds, count in lines]


def get_file_field(operation: Operation[OperationRequest, object]) -> str:
    """Return the name of the form field for the file of an operation."""
    return operation.wire_name(operation.file)


def write_random_file(path: Path, size: int) -> None:
    """Write a file of random bytes, which are as hard to compress as a compressed image."""
    block = random.Random(0).randbytes(MB)  # noqa: S311  # not a secret
    with path.open("wb") as stream:
        for _ in range(size // MB):
            stream.write(block)
        stream.write(block[: size % MB])
