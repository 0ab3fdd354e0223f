"""A process that has imported what the real middleware needs, and forks a fresh one in no time.

Run by the Python that has the real middleware: `zygote.py HOME`. For each line on standard input,
which names a folder in HOME and further flags, it starts a middleware on a free port of 127.0.0.1
and prints its process id and the port, or `failed` (its log in the folder says why). A line `stop
ID` ends one, and is answered by `stopped`. At the end of the input all are ended, and HOME is
removed: those who sent the lines may have been killed. If this process dies itself, however that
happens, all are ended too.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path

USERS = (
    ("admin", "a" * 48, True, "poweruser"),
    ("prov1", "b" * 48, False, "guest"),
    ("prov2", "c" * 48, False, "guest"),
    ("user", "d" * 48, False, "guest"),
)
"""Who is there from the beginning: name (before `@example.com`), token, sysadmin or not, tier."""

DATABASE = "dss.sqlite"
FILES = "data"
LOG = "server.log"

DEADLINE = 20.0
"""Seconds in which a middleware must listen."""

# What takes long to import, and does not look at the arguments of the program.
_HEAVY = ("web", "git", "googleapiclient.discovery", "oauth2client.client", "google_auth_httplib2")


def main() -> None:
    for name in _HEAVY:
        importlib.import_module(name)
    # Nobody ever writes into it; it ends with this process.
    lifeline, held = os.pipe()
    children: set[int] = set()
    for line in sys.stdin:
        match line.split():
            case ["stop", pid]:
                _end(int(pid))
                children.discard(int(pid))
                print("stopped", flush=True)
            case [folder, *flags]:
                reading, writing = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.close(held)
                    os.close(reading)
                    _serve(Path(folder), flags, writing, lifeline)
                os.close(writing)
                children.add(pid)
                with os.fdopen(reading) as report:
                    port = report.read()
                print(f"{pid} {port}" if port else "failed", flush=True)
    for pid in children:
        _end(pid)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _serve(folder: Path, flags: list[str], report: int, lifeline: int) -> None:
    """Be a middleware; never comes back."""
    try:
        os.setsid()
        # No interrupt from a terminal ends it before its tests.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with Path(os.devnull).open() as nothing, (folder / LOG).open("wb") as log:
            os.dup2(nothing.fileno(), 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        _die_with(lifeline)
        files = folder / FILES
        files.mkdir(exist_ok=True)
        os.chdir(folder)
        sys.argv = ["itksnap-dss-server", "--server", "--port", "0"]
        sys.argv += ["--sqlite-path", str(folder / DATABASE), "--datastore-root", str(files)]
        # With any other domain, no client sends the cookie back to this machine.
        sys.argv += ["--cookie-domain", "", *flags]
        function = importlib.import_module("itksnap_dss_server.app").app.wsgifunc()
        _add_users(folder / DATABASE)
        threading.Thread(target=_report_port, args=(report,), daemon=True).start()
        importlib.import_module("web").httpserver.runsimple(function, ("127.0.0.1", 0))
    except BaseException as error:  # noqa: BLE001  # a fork must not run on in its parent's code
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _die_with(lifeline: int) -> None:
    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _add_users(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "insert into users (email, passwd, dispname, sysadmin, tier) values (?, ?, ?, ?, ?)",
            [
                (f"{name}@example.com", token, name, int(sysadmin), tier)
                for name, token, sysadmin, tier in USERS
            ],
        )


def _report_port(report: int) -> None:
    """Write the port, once the server listens; nothing if it never does."""
    module = importlib.import_module("web").httpserver
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        server = module.server
        if server is not None and server.ready:
            os.write(report, str(server.bind_addr[1]).encode())
            break
        time.sleep(0.002)
    else:
        os._exit(1)
    os.close(report)


if __name__ == "__main__":
    main()
