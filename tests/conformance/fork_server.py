"""A process that imports the real middleware once, and then forks new middlewares quickly.

Run it with the Python of the real middleware: `fork_server.py HOME`. It reads commands from
standard input:

* A line with a folder in HOME and further flags starts a middleware on a free port of 127.0.0.1.
  The answer is the process id and the port, or `failed`. The log in the folder gives the reason.
* A line `stop ID` stops a middleware. The answer is `stopped`.

At the end of the input, it stops all middlewares and removes HOME, because the tests may have been
killed. If this process itself dies, all middlewares also stop.
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
"""The users of a new middleware: name (before `@example.com`), token, sysadmin or not, tier."""

DATABASE = "dss.sqlite"
FILES = "data"
LOG = "server.log"

DEADLINE = 20.0
"""Seconds to wait until a middleware listens."""

# These modules take long to import, and do not read the arguments of the program.
_SLOW_IMPORTS = (
    "web",
    "git",
    "googleapiclient.discovery",
    "oauth2client.client",
    "google_auth_httplib2",
)


def main() -> None:
    for name in _SLOW_IMPORTS:
        importlib.import_module(name)
    # Nothing is written to this pipe. It closes when this process ends.
    lifeline, lifeline_end = os.pipe()
    children: set[int] = set()
    for line in sys.stdin:
        match line.split():
            case ["stop", pid]:
                _kill(int(pid))
                children.discard(int(pid))
                print("stopped", flush=True)
            case [folder, *flags]:
                reading, writing = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.close(lifeline_end)
                    os.close(reading)
                    _serve(Path(folder), flags, writing, lifeline)
                os.close(writing)
                children.add(pid)
                with os.fdopen(reading) as report:
                    port = report.read()
                print(f"{pid} {port}" if port else "failed", flush=True)
    for pid in children:
        _kill(pid)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _serve(folder: Path, flags: list[str], report: int, lifeline: int) -> None:
    """Run a middleware until the process ends."""
    try:
        os.setsid()
        # An interrupt from the terminal must not stop it before its tests.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with Path(os.devnull).open() as nothing, (folder / LOG).open("wb") as log:
            os.dup2(nothing.fileno(), 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        _exit_with(lifeline)
        files = folder / FILES
        files.mkdir(exist_ok=True)
        os.chdir(folder)
        sys.argv = ["itksnap-dss-server", "--server", "--port", "0"]
        sys.argv += ["--sqlite-path", str(folder / DATABASE), "--datastore-root", str(files)]
        # With another domain, clients do not send the cookie back to this machine.
        sys.argv += ["--cookie-domain", "", *flags]
        function = importlib.import_module("itksnap_dss_server.app").app.wsgifunc()
        _add_users(folder / DATABASE)
        threading.Thread(target=_report_port, args=(report,), daemon=True).start()
        importlib.import_module("web").httpserver.runsimple(function, ("127.0.0.1", 0))
    except BaseException as error:  # noqa: BLE001  # a fork must not run on in its parent's code
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _exit_with(lifeline: int) -> None:
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
    """Write the port when the server listens; write nothing if it does not."""
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
