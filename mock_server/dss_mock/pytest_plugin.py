"""The pytest fixture `dss_server`.

Every run of pytest loads this, so it imports nothing before a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .server import DssServer

_NEEDED = ("cheroot", "pytest_httpserver", "werkzeug", "yaml")


@pytest.fixture(scope="session")
def _dss_server_of_session() -> Iterator[DssServer]:
    try:
        from .server import DssServer  # noqa: PLC0415  # see above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        pytest.skip(f"dss_server needs {error.name}: pip install 'itksnap-dss[mock]'")
    with DssServer() as server:
        yield server


@pytest.fixture
def dss_server(_dss_server_of_session: DssServer) -> DssServer:
    """A mock DSS middleware that knows nobody yet; see `dss_mock.DssServer`.

    The server serves the whole session, on a free port; what it knows is forgotten before each
    test.
    """
    _dss_server_of_session.reset()
    return _dss_server_of_session
