"""Servers as child processes: start, memory and end."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from dss_api.routes import LIST_SERVICES

HOST = "127.0.0.1"
DEADLINE = 60.0
"""Maximum seconds for a server to start, and to end."""

_PAUSE = 0.002
_RESET_PEAK = "5"


class ServerFailed(RuntimeError):
    """The error if a server does not start, or ends unexpectedly."""


class ServerProcess:
    """A server that runs until the end of the `with` block.

    The server counts as started as soon as it answers the usual first request of a program, with
    any status.

    Args:
        command: the command that starts it, with `{port}` in the place of the port.
        log: the file for its output.

    Attributes:
        url: its address.
        start_up: seconds from the start of the process to the first response.

    Raises:
        ServerFailed: it did not answer in time.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.port = find_free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._log = log
        with log.open("wb") as output:
            began = time.perf_counter()
            self._process = subprocess.Popen(  # noqa: S603  # the caller chooses the command
                [part.format(port=self.port) for part in command],
                env=_make_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_for_response(began + DEADLINE)
        except BaseException:
            self.close()
            raise
        self.start_up = time.perf_counter() - began

    @property
    def peak_memory(self) -> int:
        """The largest resident memory since the start or since `reset_peak`, in bytes."""
        return self._read_status("VmHWM")

    def reset_peak(self) -> int:
        """Reset the peak to the resident memory of now, and return that in bytes."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
        return self._read_status("VmRSS")

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is not None:
            error.add_note(f"{self.url} printed:\n{self._read_log()}")

    def _wait_for_response(self, deadline: float) -> None:
        request = (
            f"{LIST_SERVICES.method} {LIST_SERVICES.path} HTTP/1.1\r\n"
            f"Host: {HOST}:{self.port}\r\nConnection: close\r\n\r\n"
        )
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                raise ServerFailed(
                    f"The server ended unexpectedly. It printed:\n{self._read_log()}"
                )
            try:
                with socket.create_connection((HOST, self.port), DEADLINE) as connection:
                    connection.sendall(request.encode())
                    if connection.recv(1):
                        return
            except ConnectionError:
                time.sleep(_PAUSE)
        raise ServerFailed(f"The server did not answer in time. It printed:\n{self._read_log()}")

    def _read_status(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        if match is None:
            raise ServerFailed(f"The server ended unexpectedly. It printed:\n{self._read_log()}")
        return int(match[1]) << 10

    def _read_log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]


def _make_environment() -> dict[str, str]:
    """Return an environment that lets Python write its usual bytecode cache."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def find_free_port() -> int:
    """Return a port that no server uses."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
