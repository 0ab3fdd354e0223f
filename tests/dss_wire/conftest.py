"""Fixtures for the tests of the runtime below the compiled package."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from dss_api import Urllib3Transport


@pytest.fixture
def transport(httpserver: HTTPServer) -> Iterator[Urllib3Transport]:
    """Open a transport to the HTTP server of the test."""
    with Urllib3Transport(httpserver.url_for("/"), read_timeout=10) as transport:
        yield transport
