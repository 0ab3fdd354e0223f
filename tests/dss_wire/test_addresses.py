"""Tests of the addresses of middlewares."""

from __future__ import annotations

import ssl
import traceback

import pytest

from dss_api import Urllib3Transport


@pytest.mark.parametrize(
    "server",
    [
        "",
        "dss.example",
        "dss.example:8080",
        "ftp://dss.example",
        "http://",
        "http:///path",
        "http://[::1",
        "http://dss.example:port",
        "http://dss.example:99999",
        "//dss.example",
        "file:///etc/passwd",
        "https://a..b",
        "https://.dss.example",
        f"https://{'a' * 64}.example",
    ],
)
def test_malformed_server_address_raises_value_error(server: str) -> None:
    with pytest.raises(ValueError, match=r"must look like https://HOST\[:PORT\]\[/PATH\]"):
        Urllib3Transport(server)


@pytest.mark.parametrize(
    "server",
    [
        "https://user:swordfish@dss.example",
        "https://:swordfish@dss.example",
        "https://swordfish@dss.example",
        "ftp://user:swordfish@dss.example",
        "user:swordfish@dss.example",
        "https://user:swordfish@dss.example:99999",
        "https://user:swordfish@[dss.example",
        "https://dss.example/?token=swordfish",
        "https://dss.example/#swordfish",
    ],
)
def test_server_address_with_a_secret_raises_value_error_without_showing_it(server: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        Urllib3Transport(server)
    assert "swordfish" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_server_address_is_shown_in_its_plain_form() -> None:
    for server in ("HTTPS://dss.example/a/", "https://dss.example/a?", "https://dss.example/a#"):
        context = ssl.create_default_context()
        with Urllib3Transport(server, ssl_context=context) as transport:
            assert transport.server == "https://dss.example/a"
            assert repr(transport) == "Urllib3Transport('https://dss.example/a')"


@pytest.mark.parametrize("path", ["", "/dss"])
def test_address_of_the_token_page_raises_value_error_with_the_right_address(path: str) -> None:
    with pytest.raises(ValueError, match=rf"address is https://dss\.example{path}\.$"):
        Urllib3Transport(f"https://dss.example{path}/token/")
