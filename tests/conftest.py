"""What all tests share: they leave keyring and home of who runs them alone, and show no secret."""

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
from dss_mock.repository import ELSEWHERE
from tests.dss_mock.contract import CheckedApplication

pytest_plugins = ["tests.secrets"]

# Read once, when keyring is first imported; also by the processes that tests start.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# What this machine says of its network is not that of the servers in the tests.
NETWORK = [
    *(name for proxy in ("HTTP", "HTTPS", "ALL", "NO")
      for name in (f"{proxy}_PROXY", f"{proxy.lower()}_proxy")),
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
]  # fmt: skip


@pytest.fixture
def dss_server(dss_server: DssServer) -> Iterator[DssServer]:
    """A mock that knows nobody yet, each of whose answers must be one of the contract's."""
    mock = dss_server.mock
    checked = CheckedApplication(dss_server)
    # It stands in for the application in all that tests and the server ask of one.
    dss_server.mock = checked  # type: ignore[assignment]
    yield dss_server
    dss_server.mock = mock
    assert checked.faults_found == []


@pytest.fixture
def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def never_accepting() -> Iterator[str]:
    """The address of a server to which no connection comes about, and none is refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as waiting:
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and neither session, proxy nor git repository of who runs this."""
    for name in (*ELSEWHERE, *NETWORK, "DSS_SESSION", "DSS_TOKEN", "DSS_SERVER"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key."""
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
def secure(certificate: Path) -> Iterator[HTTPServer]:
    """A server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer("127.0.0.1", 0, ssl_context=context)
    server.expect_request("/api/token").respond_with_data("t")
    server.start()
    yield server
    server.stop()
