"""The pytest fixture `dss_server`.

pytest loads this module in every run, so it imports the rest only when a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .dss_server import DssServer

_NEEDED = ("cheroot", "filelock", "multipart", "pytest_httpserver", "werkzeug", "yaml")


@pytest.fixture(scope="session")
def _dss_servers() -> Iterator[Callable[[], DssServer]]:
    try:
        from .dss_server import DssServer  # noqa: PLC0415  # see above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        pytest.skip(f"dss_server needs {error.name}: pip install 'itksnap-dss-kit[mock]'")
    with ExitStack() as closing:
        servers: list[DssServer] = []

        def started() -> DssServer:
            # A test can stop or close the server to see how its client reacts.
            if not servers or servers[-1].is_closed:
                servers.append(closing.enter_context(DssServer()))
            if not servers[-1].is_running():
                servers[-1].start()
            return servers[-1]

        yield started


@pytest.fixture
def dss_server(_dss_servers: Callable[[], DssServer]) -> DssServer:
    """Return a mock DSS middleware without users; see `dss_mock.DssServer`.

    The server runs for the whole pytest session, on a free port. Its content is removed before each
    test.
    """
    server = _dss_servers()
    server.reset()
    return server
