"""Files that curl sends and fetches, and how fast."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import attrs

from dss_api import SESSION_COOKIE, OperationRequest
from dss_wire.operation import Operation

MB = 1_000_000
"""Bytes, as curl and disks count them."""

_DEADLINE = 300


class TransferFailed(RuntimeError):
    """Curl failed, or a file did not arrive as a whole."""


@attrs.frozen
class Curl:
    """Somebody who moves files with curl.

    Attributes:
        session: in whose name; `None` for nobody's.
    """

    session: str | None = None

    def fetch(self, url: str, size: int) -> float:
        """Download and throw away; bytes per second.

        Raises:
            TransferFailed: what came was not a file of that size.
        """
        [(seconds, moved)] = self._run("%{size_download}", "--output", os.devnull, url)
        if moved != size:
            raise TransferFailed(f"{moved} of {size} bytes came from {url}")
        return size / seconds

    def keep(self, urls: Sequence[str], folder: Path) -> float:
        """Download into a folder, one after the other over one connection; seconds.

        Raises:
            TransferFailed: one did not come.
        """
        arguments: list[str] = []
        for number, url in enumerate(urls):
            arguments += ["--output", f"{folder / f'{number}.bin'}", url]
        return sum(seconds for seconds, _ in self._run("%{size_download}", *arguments))

    def send(self, url: str, operation: Operation[OperationRequest, object], path: Path) -> float:
        """Upload as the operation wants it; bytes per second.

        Raises:
            TransferFailed: it was refused.
        """
        size = path.stat().st_size
        form = f"{file_field(operation)}=@{path}"
        arguments = ("--output", os.devnull, "--form", form, url)
        [(seconds, moved)] = self._run("%{size_upload}", *arguments)
        if moved < size:
            raise TransferFailed(f"{moved} of {size} bytes went to {url}")
        return size / seconds

    def _run(self, moved: str, *arguments: str) -> list[tuple[float, int]]:
        """The seconds that each transfer took, and how many bytes moved."""
        command = ["curl", "--silent", "--show-error", "--fail"]
        command += ["--max-time", f"{_DEADLINE}", "--write-out", f"%{{time_total}} {moved}\\n"]
        # It would wait for a server that does not say at once that it may go on.
        command += ["--header", "Expect:"]
        if self.session:
            command += ["--cookie", f"{SESSION_COOKIE}={self.session}"]
        done = subprocess.run(  # noqa: S603  # no shell, and only arguments from here
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


def is_there() -> bool:
    """Whether this machine has curl."""
    return shutil.which("curl") is not None


def file_field(operation: Operation[OperationRequest, object]) -> str:
    """The name of the form field in which an operation takes its file."""
    return operation.wire_name(operation.file)


def make_file(path: Path, size: int) -> None:
    """Write a file in which all bytes are as frequent, as in a compressed image."""
    block = random.Random(0).randbytes(MB)  # noqa: S311  # nothing secret
    with path.open("wb") as stream:
        for _ in range(size // MB):
            stream.write(block)
        stream.write(block[: size % MB])
