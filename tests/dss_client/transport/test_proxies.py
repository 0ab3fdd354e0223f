"""The proxy from the environment, and requests through a proxy."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from dss_api import AnswerTimeout, ProxyRefused, ServerNotTrusted, TransportError
from dss_client import DSSClient
from dss_client.transport.proxies import find_proxy
from dss_mock import DssServer
from dss_wire.addresses import Origin
from tests.dss_client.conftest import QUICK_RETRIES
from tests.dss_client.transport import proxy_server as proxies
from tests.dss_client.transport.proxy_server import ProxyServer
from tests.dss_wire.servers import raw_server

SECRET = "sword/fish"
QUOTED = "sword%2Ffish"
BASIC = base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    with proxies.run_proxy() as running:
        yield running


def choose_proxy(server: str) -> str | None:
    """Return the address of the proxy for a server."""
    proxy = find_proxy(Origin.of(server))
    return str(proxy.origin) if proxy else None


class TestProxyChoice:
    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    def test_proxy_comes_from_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "http://proxy.example:3128")
        assert choose_proxy("https://dss.example") == "http://proxy.example:3128"

    def test_proxy_is_chosen_by_the_scheme_of_the_server(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://one:1")
        monkeypatch.setenv("HTTPS_PROXY", "two:2")
        monkeypatch.setenv("ALL_PROXY", "http://three:3")
        assert choose_proxy("http://dss.example") == "http://one:1"
        assert choose_proxy("https://dss.example") == "http://two:2"

    def test_lower_case_proxy_variable_takes_precedence(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://one:1")
        monkeypatch.setenv("http_proxy", "http://two:2")
        assert choose_proxy("http://dss.example") == "http://two:2"

    def test_unset_or_empty_variables_mean_no_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert choose_proxy("https://dss.example") is None
        monkeypatch.setenv("HTTPS_PROXY", "")
        assert choose_proxy("https://dss.example") is None

    @pytest.mark.parametrize(
        ("exceptions", "server"),
        [
            ("*", "https://dss.example"),
            ("dss.example", "https://dss.example"),
            ("DSS.example", "https://dss.example"),
            ("other, dss.example ,", "https://dss.example"),
            ("example", "https://dss.example"),
            (".example", "https://dss.example:8443"),
            ("dss.example:8443", "https://dss.example:8443"),
            ("dss.example:443", "https://dss.example"),
            ("localhost,127.0.0.1", "http://127.0.0.1:8080"),
            ("10.0.0.0/8", "http://10.1.2.3"),
            ("10.1.2.3:80", "http://10.1.2.3"),
            ("::1", "http://[::1]:8080"),
            ("[::1]", "http://[::1]:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("fd00::/8", "http://[fd00::7]"),
            ("[::1]/128", "http://[::1]"),
            ("*.example", "https://dss.example"),
            ("*.example:8443", "https://dss.example:8443"),
            ("one two dss.example", "https://dss.example"),
            ("one\tdss.example", "https://dss.example"),
            ("dss.example.", "https://dss.example"),
            ("dss.example", "https://dss.example."),
            ("münchen.example", "https://dss.münchen.example"),
            ("xn--mnchen-3ya.example", "https://münchen.example"),
        ],
    )
    def test_server_listed_in_no_proxy_bypasses_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, exceptions: str, server: str
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
        monkeypatch.setenv("NO_PROXY", exceptions)
        assert choose_proxy(server) is None

    @pytest.mark.parametrize(
        ("exceptions", "server"),
        [
            ("", "http://127.0.0.1:8080"),
            (",", "https://dss.example"),
            (".", "https://dss.example"),
            ("ample", "https://dss.example"),
            ("dss.example.org", "https://dss.example"),
            ("dss.example:8443", "https://dss.example"),
            ("10.0.0.0/8", "http://11.1.2.3"),
            ("10.0.0.0/8", "http://dss.example"),
            ("10.0.0.0/99", "http://10.1.2.3"),
            ("*.", "https://dss.example"),
            ("*dss.example.", "https://other.example"),
            ("a..b, ü" + "a" * 70, "https://dss.example"),
        ],
    )
    def test_server_not_listed_in_no_proxy_uses_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, exceptions: str, server: str
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
        monkeypatch.setenv("NO_PROXY", exceptions)
        assert choose_proxy(server) == "http://proxy.example:3128"

    @pytest.mark.parametrize(
        "address",
        [
            "http://me:sword/fish@proxy.example:3128",
            "http://me:1/fish@proxy.example:3128",
            "http://me:1?fish@proxy.example:3128",
            "http://me:1#fish@proxy.example:3128",
            "http://me:swordfish@proxy.example:port",
            "http://me:swordfish@",
            "http://me:swordfish@[::1",
            "ftp://me:swordfish@proxy.example",
            "http://me:swordfish@proxy.example:99999",
            "http://me:swordfish@pro xy",
        ],
    )
    def test_invalid_proxy_address_is_refused_without_showing_its_password(
        self, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", address)
        with pytest.raises(ValueError, match="HTTPS_PROXY or https_proxy is wrong") as caught:
            DSSClient("https://dss.example")
        assert "http://[USER:PASSWORD@]HOST:PORT" in str(caught.value)
        shown = "".join(traceback.format_exception(caught.value))
        assert "fish" not in shown

    @pytest.mark.parametrize("scheme", ["socks5", "SOCKS5h", "socks4", "socks"])
    def test_socks_proxy_is_refused(self, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:swordfish@proxy.example:1080")
        with pytest.raises(ValueError, match="SOCKS proxies are not supported") as caught:
            DSSClient("https://dss.example")
        assert "ALL_PROXY" in str(caught.value)
        assert "swordfish" not in str(caught.value)


class TestUnencryptedServer:
    def test_unencrypted_requests_go_through_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, dss_server: DssServer, proxy: ProxyServer
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        user = dss_server.add_user("user@example.com")
        with DSSClient(dss_server.url) as client:
            client.login(user.token)
            assert client.api.session.get_login().email == "user@example.com"
        assert proxy.request_lines == [
            f"POST {dss_server.url}/api/login?format=json HTTP/1.1",
            f"GET {dss_server.url}/api/login?format=json HTTP/1.1",
        ]
        assert proxy.headers[0]["host"] == dss_server.url.removeprefix("http://")
        assert "proxy-authorization" not in proxy.headers[0]

    def test_proxy_receives_user_and_password(
        self, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer, proxy: ProxyServer
    ) -> None:
        proxy.authorization = f"Basic {BASIC}"
        httpserver.expect_request("/api/token").respond_with_data("t")
        monkeypatch.setenv("HTTP_PROXY", f"me:{QUOTED}@127.0.0.1:{proxy.port}")
        with DSSClient(httpserver.url_for("/")) as client:
            assert client.api.session.get_token() == "t"

    def test_error_of_proxy_that_wants_a_password_names_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, dss_server: DssServer, proxy: ProxyServer
    ) -> None:
        proxy.authorization = "Basic other"
        monkeypatch.setenv("HTTP_PROXY", f"http://me:{QUOTED}@127.0.0.1:{proxy.port}")
        with DSSClient(dss_server.url) as client, pytest.raises(ProxyRefused) as caught:
            client.api.session.get_login()
        assert f"the proxy 127.0.0.1:{proxy.port}, which answered 407" in str(caught.value)
        assert "put user and password into its address" in str(caught.value)
        assert not caught.value.sent
        assert_secrets_hidden(caught.value, client)

    def test_error_of_unreachable_proxy_names_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, closed_port: int
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:{QUOTED}@127.0.0.1:{closed_port}")
        with (
            DSSClient("http://dss.example", retries=QUICK_RETRIES) as client,
            pytest.raises(TransportError, match="cannot be reached") as caught,
        ):
            client.api.session.get_login()
        assert f"the proxy 127.0.0.1:{closed_port}" in str(caught.value)
        assert "Check the proxy settings" in str(caught.value)
        assert not caught.value.sent
        assert_secrets_hidden(caught.value, client)


class TestTunnels:
    def test_encrypted_requests_go_through_a_tunnel_without_proxy_authorization(
        self,
        monkeypatch: pytest.MonkeyPatch,
        https_server: HTTPServer,
        certificate: Path,
        proxy: ProxyServer,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        proxy.authorization = f"Basic {BASIC}"
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{QUOTED}@127.0.0.1:{proxy.port}")
        with DSSClient(f"https://127.0.0.1:{https_server.port}", certificate) as client:
            assert client.api.session.get_token() == "t"
            assert SECRET not in repr(vars(client)) + repr(vars(vars(client)["_transport"]))
        assert proxy.request_lines == [
            f"CONNECT 127.0.0.1:{https_server.port} HTTP/1.{proxy.request_lines[0][-1]}"
        ]
        arrived, _ = https_server.log[0]
        assert "Proxy-Authorization" not in arrived.headers
        assert BASIC not in caplog.text
        assert QUOTED not in caplog.text

    @pytest.mark.parametrize(
        ("refusal", "advice"),
        [
            ("407 Who are you?", "put user and password"),
            ("403 Forbidden", "Ask its administrator"),
        ],
    )
    def test_error_of_refused_tunnel_names_the_proxy_and_its_response(
        self, monkeypatch: pytest.MonkeyPatch, proxy: ProxyServer, refusal: str, advice: str
    ) -> None:
        proxy.refusal = refusal
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{QUOTED}@127.0.0.1:{proxy.port}")
        with DSSClient("https://dss.example") as client, pytest.raises(ProxyRefused) as caught:
            client.api.session.get_login()
        assert f"the proxy 127.0.0.1:{proxy.port}, which answered {refusal}" in str(caught.value)
        assert advice in str(caught.value)
        assert not caught.value.sent
        assert_secrets_hidden(caught.value, client)

    @pytest.mark.parametrize("refusal", ["502 Bad Gateway", "503 Service Unavailable"])
    def test_error_says_that_the_proxy_cannot_reach_the_server(
        self, monkeypatch: pytest.MonkeyPatch, proxy: ProxyServer, refusal: str
    ) -> None:
        proxy.refusal = refusal
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with (
            DSSClient("https://dss.example", retries=QUICK_RETRIES) as client,
            pytest.raises(TransportError, match=f"which answered {refusal}") as caught,
        ):
            client.api.session.get_login()
        assert not isinstance(caught.value, ProxyRefused)
        assert "It could not reach the server" in str(caught.value)
        assert not caught.value.sent

    def test_silent_proxy_raises_a_timeout(
        self, monkeypatch: pytest.MonkeyPatch, proxy: ProxyServer
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            with (
                DSSClient(
                    "https://dss.example", connect_timeout=0.2, retries=QUICK_RETRIES
                ) as client,
                pytest.raises(AnswerTimeout, match=f"the proxy 127.0.0.1:{port}") as caught,
            ):
                client.api.session.get_login()
        assert not caught.value.sent

    @pytest.mark.parametrize("encrypted", [True, False])
    def test_connection_to_the_proxy_can_use_tls(
        self,
        monkeypatch: pytest.MonkeyPatch,
        https_server: HTTPServer,
        httpserver: HTTPServer,
        certificate: Path,
        encrypted: bool,
    ) -> None:
        httpserver.expect_request("/api/token").respond_with_data("t")
        server = f"https://127.0.0.1:{https_server.port}" if encrypted else httpserver.url_for("")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with proxies.run_proxy(context) as proxy:
            monkeypatch.setenv("ALL_PROXY", f" HTTPS://127.0.0.1:{proxy.port}")
            with DSSClient(server, verify=certificate) as client:
                assert client.api.session.get_token() == "t"
        assert len(proxy.request_lines) == 1

    @pytest.mark.parametrize("server", ["http://dss.example", "https://dss.example"])
    def test_error_of_untrusted_proxy_names_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, certificate: Path, server: str
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        def refused(raw: socket.socket) -> None:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(raw, server_side=True)

        with raw_server(refused) as proxy:
            place = proxy.removeprefix("http://")
            monkeypatch.setenv("ALL_PROXY", f"https://me:{QUOTED}@{place}")
            with DSSClient(server) as client, pytest.raises(ServerNotTrusted) as caught:
                client.api.session.get_login()
        assert f"the proxy {place} cannot be reached" in str(caught.value)
        assert "The certificate of the proxy could not be verified" in str(caught.value)
        assert_secrets_hidden(caught.value, client)


def assert_secrets_hidden(error: BaseException, client: DSSClient) -> None:
    shown = "".join(traceback.format_exception(error)) + repr(client) + repr(vars(client))
    for secret in (SECRET, QUOTED, BASIC):
        assert secret not in shown
