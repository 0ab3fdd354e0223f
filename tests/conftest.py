"""Fixtures for all tests, which protect the keyring, home folder and secrets of the user."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from dss_mock import DssServer
from dss_mock.git_repository import GIT_VARIABLES
from tests.dss_mock.contract import CheckedApplication

pytest_plugins = ["tests.secrets"]

# This process and the processes that tests start read it at the first import of keyring.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

DEADLINE = 120.0
"""Seconds that one test may take."""

# The network settings of this machine must not change the tests.
NETWORK_VARIABLES = [
    *(name for proxy in ("HTTP", "HTTPS", "ALL", "NO")
      for name in (f"{proxy}_PROXY", f"{proxy.lower()}_proxy")),
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # pytest-timeout reads the option in the same hook
def pytest_configure(config: pytest.Config) -> None:
    """Limit the time of each test.

    The limit is not in pyproject.toml, because pytest refuses it there without pytest-timeout. The
    developer of a provider may run a test in the checkout without the project's development tools.
    """
    given = config.option.timeout if config.pluginmanager.hasplugin("timeout") else DEADLINE
    if given is None and "PYTEST_TIMEOUT" not in os.environ:
        config.option.timeout = DEADLINE


@pytest.fixture
def dss_server(dss_server: DssServer) -> Iterator[DssServer]:
    """Return a mock without users that checks each response against the contract."""
    mock = dss_server.mock
    checked = CheckedApplication(dss_server)
    # It has all methods of the application that the server and the tests call.
    dss_server.mock = checked  # type: ignore[assignment]
    yield dss_server
    dss_server.mock = mock
    assert checked.mistakes_found == []


@pytest.fixture
def closed_port() -> int:
    """Return a port of this machine without a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def unresponsive_url() -> Iterator[str]:
    """Return the URL of a server that neither accepts nor refuses connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set an empty home folder, and remove the user's sessions, proxies and git settings."""
    for name in (*GIT_VARIABLES, *NETWORK_VARIABLES, "DSS_SESSION", "DSS_TOKEN", "DSS_SERVER"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a self-signed certificate for 127.0.0.1 with its key."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def https_server(certificate: Path) -> Iterator[HTTPServer]:
    """Start an HTTPS server with a self-signed certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer("127.0.0.1", 0, ssl_context=context)
    server.expect_request("/api/token").respond_with_data("t")
    server.start()
    yield server
    server.stop()
