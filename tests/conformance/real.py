"""The real middleware, a fresh one whenever a test wants it.

`make conformance` installs it, into a virtual environment of its own.
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

from . import zygote
from .raw import Address

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / f"py{sys.version_info[0]}.{sys.version_info[1]}-real" / "bin" / "python"
"""The Python that has it."""

DEADLINE = 30.0
"""Seconds in which a middleware must be there."""

_AGED = ("ticket_history", "ticket_log", "claim_history")
_SHARED_MEMORY = Path("/dev/shm")


def is_installed() -> bool:
    return PYTHON.exists()


class RealMiddleware:
    """The real middleware, in a process of its own."""

    def __init__(self, zygote: Zygote, folder: Path, pid: int, port: int) -> None:
        self.address: Address = ("127.0.0.1", port)
        self.folder = folder
        self._zygote = zygote
        self._pid = pid

    @property
    def ahead(self) -> float:
        return 0.0

    @property
    def log(self) -> str:
        """What it wrote to its standard output and error."""
        return (self.folder / zygote.LOG).read_text(encoding="utf-8", errors="replace")

    def token(self, user: str) -> str:
        with self._database() as database:
            query = "select passwd from users where email = ?"
            (token,) = database.execute(query, (f"{user}@example.com",)).fetchone()
        return str(token)

    def pass_time(self, seconds: int) -> None:
        with self._database() as database:
            for table in _AGED:
                database.execute(f"update {table} set atime = atime - ?", (seconds,))
            database.execute("update services set pingtime = pingtime - ?", (seconds,))

    def settle(self) -> None:
        """It lists files by their times, which come in steps."""
        probe = self.folder / "probe"
        probe.write_bytes(b"")
        before = probe.stat().st_mtime_ns
        deadline = time.monotonic() + DEADLINE
        while probe.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline
            probe.write_bytes(b".")

    def close(self) -> None:
        self._zygote.stop(self._pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        path = self.folder / zygote.DATABASE
        with contextlib.closing(sqlite3.connect(path, timeout=DEADLINE)) as database, database:
            yield database


class Zygote:
    """Starts real middlewares; all of them end with it."""

    def __init__(self) -> None:
        # Each commit is written through to the disk; where there is no disk, it takes no time.
        memory = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
        self._home = tempfile.TemporaryDirectory(
            prefix="dss_real_", dir=memory, ignore_cleanup_errors=True
        )
        self._number = 0
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [PYTHON, zygote.__file__, self._home.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The interpreter of the tests has other packages, and git may have run the tests.
            env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GIT_"))},
            text=True,
            bufsize=1,
        )

    def fresh(self, *flags: str) -> RealMiddleware:
        """A middleware that knows nothing but its users.

        Raises:
            RuntimeError: it does not start.
        """
        with self._lock:
            self._number += 1
            folder = Path(self._home.name) / f"{self._number}"
        folder.mkdir()
        answer = self._ask(" ".join((str(folder), *flags)))
        if answer == "failed":
            log = (folder / zygote.LOG).read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"the real middleware does not start:\n{log}")
        pid, port = answer.split()
        return RealMiddleware(self, folder, int(pid), int(port))

    def stop(self, pid: int) -> None:
        """End one of them."""
        self._ask(f"stop {pid}")

    def _ask(self, line: str) -> str:
        streams = self._process.stdin, self._process.stdout
        assert streams[0] is not None
        assert streams[1] is not None
        with self._lock, selectors.DefaultSelector() as selector:
            streams[0].write(line + "\n")
            selector.register(streams[1], selectors.EVENT_READ)
            answer = streams[1].readline() if selector.select(DEADLINE) else ""
        if not answer:
            self.close()
            raise RuntimeError("the process that starts real middlewares does not answer")
        return answer.strip()

    def close(self) -> None:
        """End all of them, and remove their folders."""
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
