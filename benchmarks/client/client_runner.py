"""Runners of the measured clients, which start each client in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from .driver import EXPORT, REPORT, Measured

HERE = Path(__file__).parent
DEADLINE = 300.0
"""Maximum seconds for a stage."""

_IMPORT = """
import time
began = time.perf_counter()
from itksnap_dss import DSSClient
print(time.perf_counter() - began)
"""


class StageFailed(RuntimeError):
    """The error if a client fails at a stage of the benchmark."""


@attrs.frozen
class ClientRunner:
    """A runner of one client, or of the floor.

    Attributes:
        name: its name in the results.
        python: the Python of the client's environment.
        command: the program that drives the client, with its options.
        isolated: hide this checkout from the client.
        distribution: the name of the installed distribution.
    """

    name: str
    python: Path
    command: tuple[str, ...]
    isolated: bool = False
    distribution: str = "itksnap-dss-kit"

    def measure_import(self) -> float:
        """Import the client in a new process, and return the seconds."""
        return float(self._run("-c", _IMPORT))

    def version(self) -> str:
        """Return the version of the client."""
        code = f"from importlib.metadata import version; print(version({self.distribution!r}))"
        return self._run("-c", code).strip()

    def run_stage(
        self, stage: str, url: str, token: str, parameters: Mapping[str, object]
    ) -> Measured:
        """Run a stage in a new process that signs in with the token.

        Raises:
            StageFailed: the client failed.
        """
        output = self._run(*self.command, stage, url, token, json.dumps(parameters))
        measured: Measured = json.loads(output.rpartition(REPORT)[2])
        return measured

    def export_workspace(self, workspace: Path, folder: Path, files: int) -> Measured:
        """Export a workspace into a new folder, which must then have that number of files.

        Raises:
            StageFailed: the client failed.
        """
        parameters = {"path": f"{workspace}", "folder": f"{folder}", "files": files}
        return self.run_stage(EXPORT, "", "", parameters)

    def _run(self, *arguments: str) -> str:
        with TemporaryDirectory(prefix="bench_home_") as home:
            done = subprocess.run(  # noqa: S603  # no shell; all arguments are from this package
                [f"{self.python}", *arguments],
                check=False,
                cwd=home,
                env=self._make_environment(home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
        if done.returncode:
            raise StageFailed(f"{self.name} failed at {arguments}:\n{done.stderr[-4000:]}")
        return done.stdout

    def _make_environment(self, home: str) -> dict[str, str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            # Without this variable Python writes its bytecode cache, as it usually does.
            if name != "PYTHONDONTWRITEBYTECODE"
            and not (self.isolated and name.startswith("PYTHON"))
        }
        # The client must not find or replace the sign-ins of the user who runs the benchmark.
        environment["HOME"] = home
        environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        return environment


@attrs.frozen
class Comparison:
    """The clients that are compared.

    Attributes:
        this: the client of this repository.
        public: the earlier client, used by its documented methods.
        floor: the least work that every client must do.
    """

    this: ClientRunner
    public: ClientRunner
    floor: ClientRunner

    def order(self, repetition: int) -> Sequence[ClientRunner]:
        """Return all three clients, starting with a different client at each repetition."""
        runners = (self.this, self.public, self.floor)
        first = repetition % len(runners)
        return runners[first:] + runners[:first]


def make_comparison(public_python: Path) -> Comparison:
    """Return the runners of all three.

    Args:
        public_python: the Python of the public client's environment.
    """
    driver, python = f"{HERE / 'driver.py'}", Path(sys.executable)
    return Comparison(
        this=ClientRunner("this client", python, (driver,)),
        # -P keeps the folder of the driver out of the import path.
        public=ClientRunner(
            "public client",
            public_python,
            ("-P", driver),
            isolated=True,
            distribution="itksnap-dss",
        ),
        floor=ClientRunner("floor", python, ("-m", "benchmarks.client.floor_driver")),
    )
