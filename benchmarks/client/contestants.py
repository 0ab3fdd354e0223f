"""Those who are measured, each in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from .drive import EXPORT, REPORT, Found

HERE = Path(__file__).parent
DEADLINE = 300.0
"""Seconds that a stage may take."""

_IMPORT = """
import time
began = time.perf_counter()
from itksnap_dss import DSSClient
print(time.perf_counter() - began)
"""


class StageFailed(RuntimeError):
    """A contestant did not do what it was to do."""


@attrs.frozen
class Contestant:
    """A client, or the floor.

    Attributes:
        name: what the results call it.
        python: that of the environment in which it is installed.
        command: the program that drives it, with its options.
        isolated: whether it must not find this checkout.
    """

    name: str
    python: Path
    command: tuple[str, ...]
    isolated: bool = False

    def import_time(self) -> float:
        """The seconds that importing it takes a process that has just begun."""
        return float(self._run("-c", _IMPORT))

    def version(self) -> str:
        """What is measured."""
        code = "from importlib.metadata import version; print(version('itksnap-dss'))"
        return self._run("-c", code).strip()

    def run(self, stage: str, url: str, token: str, ask: Mapping[str, object]) -> Found:
        """Let it do a stage, in a process that has just begun, signed in with a token.

        Raises:
            StageFailed: it failed at it.
        """
        output = self._run(*self.command, stage, url, token, json.dumps(ask))
        found: Found = json.loads(output.rpartition(REPORT)[2])
        return found

    def export(self, workspace: Path, folder: Path, files: int) -> Found:
        """Let it export a workspace into a new folder, of so many files then.

        Raises:
            StageFailed: it failed at it.
        """
        ask = {"path": f"{workspace}", "folder": f"{folder}", "files": files}
        return self.run(EXPORT, "", "", ask)

    def _run(self, *arguments: str) -> str:
        with TemporaryDirectory(prefix="bench_home_") as home:
            done = subprocess.run(  # noqa: S603  # no shell, and only arguments from here
                [f"{self.python}", *arguments],
                check=False,
                cwd=home,
                env=self._environment(home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
        if done.returncode:
            raise StageFailed(f"{self.name} failed at {arguments}:\n{done.stderr[-4000:]}")
        return done.stdout

    def _environment(self, home: str) -> dict[str, str]:
        told = {
            name: value
            for name, value in os.environ.items()
            # Python keeps what it compiled, as it does by itself.
            if name != "PYTHONDONTWRITEBYTECODE"
            and not (self.isolated and name.startswith("PYTHON"))
        }
        # Nobody's own sign-ins are found, or replaced.
        return told | {"HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


def this_client() -> Contestant:
    """The client of this repository."""
    return Contestant("this client", Path(sys.executable), (f"{HERE / 'drive.py'}",))


def public_client(python: Path) -> Contestant:
    """The client that was there before, used by its documented methods."""
    return Contestant("public client", python, ("-P", f"{HERE / 'drive.py'}"), isolated=True)


def floor() -> Contestant:
    """The least that any client has to do."""
    return Contestant("floor", Path(sys.executable), ("-m", "benchmarks.client.drive_floor"))
