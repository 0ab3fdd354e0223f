"""Tests of requests, and of the secrets that they carry."""

from __future__ import annotations

import pytest

from dss_api import Urllib3Transport
from dss_api.requests import LoginRequest
from dss_api.routes import LIST_PROVIDERS, LOGIN
from dss_wire.codec import encode_request
from tests.dss_wire.exchanges import make_request
from tests.dss_wire.secret_texts import SESSION, TOKEN


def test_repr_of_requests_and_transports_hides_secrets() -> None:
    request = encode_request(LOGIN, LoginRequest(token=TOKEN)).with_session(SESSION)
    shown = f"{request!r} {request} {LoginRequest(token=TOKEN)!r} {request.body!r}"
    assert TOKEN in shown.rpartition(" b'")[2], "the body must contain the token"
    with Urllib3Transport("http://127.0.0.1:1") as transport:
        visible = f"{request!r} {request} {LoginRequest(token=TOKEN)!r} {transport!r}"
    assert TOKEN not in visible
    assert SESSION not in visible
    assert "login" in visible


@pytest.mark.parametrize("session", ["", "a b", "a;b", "a\r\nX-Evil: 1", "é", "a\n"])
def test_session_that_is_not_a_cookie_raises_value_error_without_showing_it(session: str) -> None:
    with pytest.raises(
        ValueError, match=r"^A session consists of visible ASCII characters, as a cookie does\.$"
    ):
        make_request(LIST_PROVIDERS).with_session(session)
