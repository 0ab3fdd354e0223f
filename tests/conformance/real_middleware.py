"""Real middlewares, each in a new process and folder.

`make conformance` installs the real middleware into its own virtual environment.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from . import fork_server
from .http_connection import Address

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / f"py{sys.version_info[0]}.{sys.version_info[1]}-real" / "bin" / "python"
"""The Python of the environment with the real middleware and the original client."""

NOT_INSTALLED = (
    f"The real middleware and the original client are not installed at {PYTHON}. "
    "Run make conformance."
)

DEADLINE = 30.0
"""Seconds to wait for the start of a middleware."""

_TIMED_TABLES = ("ticket_history", "ticket_log", "claim_history")
_SHARED_MEMORY = Path("/dev/shm")


def is_installed() -> bool:
    return PYTHON.exists()


class RealMiddleware:
    """A real middleware in its own process."""

    def __init__(self, launcher: MiddlewareLauncher, folder: Path, pid: int, port: int) -> None:
        self.address: Address = ("127.0.0.1", port)
        self.folder = folder
        self._launcher = launcher
        self._pid = pid

    @property
    def clock_offset(self) -> float:
        return 0.0

    @property
    def log(self) -> str:
        """The text on its standard output and standard error."""
        return (self.folder / fork_server.LOG).read_text(encoding="utf-8", errors="replace")

    def get_token(self, user: str) -> str:
        with self._database() as database:
            query = "select passwd from users where email = ?"
            (token,) = database.execute(query, (f"{user}@example.com",)).fetchone()
        return str(token)

    def advance_time(self, seconds: int) -> None:
        with self._database() as database:
            for table in _TIMED_TABLES:
                database.execute(f"update {table} set atime = atime - ?", (seconds,))
            database.execute("update services set pingtime = pingtime - ?", (seconds,))

    def wait_for_new_mtime(self) -> None:
        """Wait for the next modification time, because the middleware sorts files by it."""
        probe = self.folder / "probe"
        probe.write_bytes(b"")
        before = probe.stat().st_mtime_ns
        deadline = time.monotonic() + DEADLINE
        while probe.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline
            probe.write_bytes(b".")

    def close(self) -> None:
        self._launcher.stop(self._pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        path = self.folder / fork_server.DATABASE
        with contextlib.closing(sqlite3.connect(path, timeout=DEADLINE)) as database, database:
            yield database


class MiddlewareLauncher:
    """A process that starts real middlewares, and stops all of them when it is closed."""

    def __init__(self) -> None:
        # The middleware waits for the disk after each commit. Shared memory avoids that wait.
        memory = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
        self._home = tempfile.TemporaryDirectory(
            prefix="dss_real_", dir=memory, ignore_cleanup_errors=True
        )
        self._number = 0
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [PYTHON, fork_server.__file__, self._home.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The variables of this process name other packages, or another repository if a git
            # hook runs the tests.
            env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GIT_"))},
            text=True,
            bufsize=1,
        )

    def start(self, *flags: str) -> RealMiddleware:
        """Start a middleware that has users but no other data.

        Raises:
            RuntimeError: the middleware does not start.
        """
        with self._lock:
            self._number += 1
            folder = Path(self._home.name) / f"{self._number}"
        folder.mkdir()
        response = self._send_command(" ".join((str(folder), *flags)))
        if response == "failed":
            log = (folder / fork_server.LOG).read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"The real middleware does not start. Its log:\n{log}")
        pid, port = response.split()
        return RealMiddleware(self, folder, int(pid), int(port))

    def stop(self, pid: int) -> None:
        """Stop one middleware."""
        self._send_command(f"stop {pid}")

    def _send_command(self, line: str) -> str:
        streams = self._process.stdin, self._process.stdout
        assert streams[0] is not None
        assert streams[1] is not None
        with self._lock, selectors.DefaultSelector() as selector:
            streams[0].write(line + "\n")
            selector.register(streams[1], selectors.EVENT_READ)
            response = streams[1].readline() if selector.select(DEADLINE) else ""
        if not response:
            self.close()
            raise RuntimeError("The process that starts real middlewares does not respond.")
        return response.strip()

    def close(self) -> None:
        """Stop all middlewares and remove their folders."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._home.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
