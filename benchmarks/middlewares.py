"""The two middlewares, mock and real, started as their users start them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs

from dss_client.version import __version__

from .server_process import ServerProcess
from .users import USERS, User, insert_users, write_seed

HERE = Path(__file__).parent


@attrs.frozen
class Mock:
    """The mock middleware, started by `dss-mock serve`.

    Attributes:
        name: its name in the results.
        claims: the number of claims in one measurement. It is large enough for a stable rate and
            small enough to be quick.
        users: its first users.
    """

    name: str = "mock"
    claims: int = 500
    users: Sequence[User] = USERS

    def version(self) -> str:
        """Return the name and the version of the program."""
        return f"dss-mock of itksnap-dss-kit {__version__}"

    def start(self, folder: Path) -> ServerProcess:
        """Start it with its users in a seed file."""
        seed = folder / "seed.yaml"
        write_seed(seed, self.users)
        command = shutil.which("dss-mock", path=f"{Path(sys.executable).parent}")
        assert command, "dss-mock is not installed beside this Python"
        arguments = ("serve", "--port", "{port}", "--seed", f"{seed}", "--quiet")
        return ServerProcess([command, *arguments], folder / "output.txt")


@attrs.frozen
class Real:
    """The real middleware.

    Attributes:
        python: the Python of its environment.
        name: its name in the results.
        claims: the number of claims in one measurement, as in `Mock`.
        users: its first users.
    """

    python: Path
    name: str = "real"
    claims: int = 100
    users: Sequence[User] = USERS

    def version(self) -> str:
        """Return the name and the version of the program."""
        code = "from importlib.metadata import version; print(version('itksnap-dss-server'))"
        return f"itksnap-dss-server {self._evaluate(code)}"

    def python_version(self) -> str:
        """Return the version of its Python."""
        return self._evaluate("import platform; print(platform.python_version())")

    def start(self, folder: Path) -> ServerProcess:
        """Start it, and insert its users into its new database."""
        command = [f"{self.python}", f"{HERE / 'real_server.py'}", "{port}", f"{folder}"]
        server = ServerProcess(command, folder / "output.txt")
        try:
            insert_users(folder / "dss.sqlite", self.users)
        except BaseException:
            server.close()
            raise
        return server

    def _evaluate(self, code: str) -> str:
        done = subprocess.run(  # noqa: S603  # the caller chooses the Python
            [f"{self.python}", "-c", code], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


Middleware = Mock | Real
"""A middleware that a benchmark can start."""
