"""Servers as processes: their start, their memory and their end."""

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
"""How long a server may take to start or to end, in seconds."""

_PAUSE = 0.002
_PEAK_IS_NOW = "5"


class ServerFailed(RuntimeError):
    """A server did not start, or ended by itself."""


class ServerProcess:
    """A server that runs until the end of the `with` block.

    It is there once it has answered a program's usual first request, whatever the answer.

    Args:
        command: what starts it, with `{port}` for the port.
        log: the file that takes what it prints.

    Attributes:
        url: its address.
        start_up: seconds from before the process began until the first answer was there.

    Raises:
        ServerFailed: it did not answer in time.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._log = log
        with log.open("wb") as output:
            began = time.perf_counter()
            self._process = subprocess.Popen(  # noqa: S603  # what the caller wants started
                [part.format(port=self.port) for part in command],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_for_answer(began + DEADLINE)
        except BaseException:
            self.close()
            raise
        self.start_up = time.perf_counter() - began

    @property
    def peak_memory(self) -> int:
        """The most memory that was resident since the start or `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> int:
        """Let the peak begin anew; how much memory is resident now, in bytes."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text(_PEAK_IS_NOW, encoding="ascii")
        return self._status("VmRSS")

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
            error.add_note(f"{self.url} printed:\n{self._printed()}")

    def _wait_for_answer(self, deadline: float) -> None:
        request = (
            f"{LIST_SERVICES.method} {LIST_SERVICES.path} HTTP/1.1\r\n"
            f"Host: {HOST}:{self.port}\r\nConnection: close\r\n\r\n"
        )
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                raise ServerFailed(f"the server ended by itself:\n{self._printed()}")
            try:
                with socket.create_connection((HOST, self.port), DEADLINE) as connection:
                    connection.sendall(request.encode())
                    if connection.recv(1):
                        return
            except ConnectionError:
                time.sleep(_PAUSE)
        raise ServerFailed(f"the server did not answer in time:\n{self._printed()}")

    def _status(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        if found is None:
            raise ServerFailed(f"the server ended by itself:\n{self._printed()}")
        return int(found[1]) << 10

    def _printed(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]


def _environment() -> dict[str, str]:
    """What the process is told; that Python keeps what it compiled, as it does by itself."""
    told = dict(os.environ)
    told.pop("PYTHONDONTWRITEBYTECODE", None)
    return told


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
