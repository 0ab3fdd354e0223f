"""The two that are measured, each started as its users start it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from dss_client.version import __version__

from .process import ServerProcess
from .world import PEOPLE, Person, insert_users, write_seed

HERE = Path(__file__).parent


@attrs.frozen
class Mock:
    """The mock middleware, as `dss-mock serve`.

    Attributes:
        name: what the results call it.
        claims: how many make a measurement that is neither a moment nor an age.
        people: the users that it begins with.
    """

    name: str = "mock"
    claims: int = 500
    people: Sequence[Person] = PEOPLE

    def version(self) -> str:
        """What is measured."""
        return f"dss-mock of itksnap-dss {__version__}"

    def start(self, folder: Path) -> ServerProcess:
        """Start it; its users come from a seed file."""
        seed = folder / "seed.yaml"
        write_seed(seed, self.people)
        command = shutil.which("dss-mock", path=f"{Path(sys.executable).parent}")
        assert command, "dss-mock is not installed beside this Python"
        arguments = ("serve", "--port", "{port}", "--seed", f"{seed}", "--quiet")
        return ServerProcess([command, *arguments], folder / "output.txt")


@attrs.frozen
class Real:
    """The real middleware.

    Attributes:
        python: that of the environment in which it is installed.
        name: what the results call it.
        claims: how many make a measurement that is neither a moment nor an age.
        people: the users that it begins with.
    """

    python: Path
    name: str = "real"
    claims: int = 100
    people: Sequence[Person] = PEOPLE

    def version(self) -> str:
        """What is measured."""
        code = "from importlib.metadata import version; print(version('itksnap-dss-server'))"
        return f"itksnap-dss-server {self._says(code)}"

    def python_version(self) -> str:
        """The version of its Python."""
        return self._says("import platform; print(platform.python_version())")

    def start(self, folder: Path) -> ServerProcess:
        """Start it; its users come into the database that it has made."""
        command = [f"{self.python}", f"{HERE / 'serve_real.py'}", "{port}", f"{folder}"]
        server = ServerProcess(command, folder / "output.txt")
        try:
            insert_users(folder / "dss.sqlite", self.people)
        except BaseException:
            server.close()
            raise
        return server

    def _says(self, code: str) -> str:
        done = subprocess.run(  # noqa: S603  # the caller's Python
            [f"{self.python}", "-c", code], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


Contender = Mock | Real
"""A middleware that is measured."""


@contextmanager
def http_server(folder: Path, log: Path) -> Iterator[ServerProcess]:
    """`python -m http.server`, which serves the files of a folder."""
    command = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
    with ServerProcess([*command, "--directory", f"{folder}"], log) as server:
        yield server


@contextmanager
def floor_server(log: Path) -> Iterator[ServerProcess]:
    """The server that does nothing but answer."""
    with ServerProcess([sys.executable, f"{HERE / 'serve_floor.py'}", "{port}"], log) as server:
        yield server
