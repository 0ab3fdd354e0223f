"""Certificates of servers and clients, issued by an authority of the tests."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from dss_api import EncryptionFailed, ServerNotTrusted
from dss_client import CertificateUnusable, DSSClient, UnverifiedServer
from dss_client.transport.tls import Cert
from tests.authority import Authority
from tests.dss_wire.servers import raw_server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server_files(authority: Authority) -> tuple[Path, Path]:
    return authority.issue("server")


@pytest.fixture
def server(server_files: tuple[Path, Path]) -> Iterator[str]:
    """The address of a server with a certificate from the authority."""
    yield from serve(server_files)


@pytest.fixture
def mutual_tls_server(server_files: tuple[Path, Path], authority: Authority) -> Iterator[str]:
    """The address of a server that requires a client certificate from the authority."""
    yield from serve(server_files, authority.bundle)


def serve(files: tuple[Path, Path], clients: Path | None = None) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    with HTTPServer("127.0.0.1", 0, ssl_context=context) as running:
        running.expect_request("/api/token").respond_with_data("t")
        yield f"https://127.0.0.1:{running.port}"


def get_token(client: DSSClient) -> str:
    with client:
        return client.api.session.get_token()


def copy_to_hashed_folder(folder: Path, bundle: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl")
    shutil.copy(bundle, folder / "ca.pem")
    subprocess.run([openssl, "rehash", folder], check=True, timeout=10)
    return folder


class TestTrust:
    def test_server_of_an_unknown_authority_is_not_trusted(self, server: str) -> None:
        with pytest.raises(ServerNotTrusted, match="could not be verified") as caught:
            get_token(DSSClient(server))
        assert "verify" in str(caught.value)
        assert not caught.value.sent

    @pytest.mark.parametrize("kind", [str, Path])
    def test_server_of_the_given_authority_is_trusted(
        self, server: str, authority: Authority, kind: type[str] | type[Path]
    ) -> None:
        assert get_token(DSSClient(server, verify=kind(authority.bundle))) == "t"

    def test_server_is_trusted_with_any_spelling_of_its_address(
        self, server: str, authority: Authority
    ) -> None:
        odd = f" {server.replace('https', 'HTTPS')}\n"
        assert get_token(DSSClient(odd, verify=authority.bundle)) == "t"

    def test_authority_can_be_in_a_hashed_folder(
        self, server: str, authority: Authority, tmp_path: Path
    ) -> None:
        assert (
            get_token(DSSClient(server, copy_to_hashed_folder(tmp_path, authority.bundle))) == "t"
        )

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    def test_environment_can_name_the_authority(
        self, server: str, authority: Authority, variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, str(authority.bundle))
        assert get_token(DSSClient(server)) == "t"

    def test_verify_argument_precedes_environment_and_first_variable_precedes_second(
        self, server: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Authority(tmp_path, "Another CA")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.bundle))
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
        with pytest.raises(ServerNotTrusted):
            get_token(DSSClient(server))
        assert get_token(DSSClient(server, authority.bundle)) == "t"

    def test_named_authority_without_key_identifiers_is_trusted(self, tmp_path: Path) -> None:
        plain = Authority(tmp_path, with_key_ids=False)
        for server in serve(plain.issue("server")):
            assert get_token(DSSClient(server, plain.bundle)) == "t"

    def test_certificate_of_the_server_itself_can_be_trusted(
        self, server: str, server_files: tuple[Path, Path]
    ) -> None:
        assert get_token(DSSClient(server, server_files[0])) == "t"

    def test_server_whose_certificate_has_a_wrong_name_is_not_trusted(
        self, server: str, authority: Authority
    ) -> None:
        with pytest.raises(ServerNotTrusted, match="localhost"):
            get_token(DSSClient(server.replace("127.0.0.1", "localhost"), authority.bundle))

    def test_server_named_only_in_the_common_name_is_not_trusted(self, tmp_path: Path) -> None:
        alone = Authority(tmp_path)
        for server in serve(alone.issue("localhost", with_address=False)):
            with pytest.raises(ServerNotTrusted):
                get_token(DSSClient(server.replace("127.0.0.1", "localhost"), alone.bundle))

    def test_verify_false_gives_one_warning_for_a_client(self, server: str) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client = DSSClient(server, verify=False)
            for _ in range(2):
                assert get_token(client) == "t"
        [warning] = [warning for warning in caught if warning.category is not ResourceWarning]
        assert warning.category is UnverifiedServer
        assert warning.filename == __file__
        assert f"Any computer can pretend to be {server}," in str(warning.message)

    @pytest.mark.parametrize(
        ("server", "warned"),
        [
            ("http://dss.example", "pretend to be the proxy one:1,"),
            ("https://dss.example", "pretend to be https://dss.example and the proxy one:1,"),
        ],
    )
    def test_verify_false_warning_names_the_proxy(
        self, monkeypatch: pytest.MonkeyPatch, server: str, warned: str
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "https://me:swordfish@one:1")
        with pytest.warns(UnverifiedServer, match=warned):
            DSSClient(server, verify=False).close()

    def test_verify_false_raises_the_warning_when_warnings_are_errors(self, server: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UnverifiedServer):
                DSSClient(server, verify=False)
            warnings.simplefilter("ignore", UnverifiedServer)
            assert get_token(DSSClient(server, verify=False)) == "t"


def test_tls_connection_serves_several_requests(
    server_files: tuple[Path, Path], authority: Authority
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server_files)

    def answer_three(raw: socket.socket) -> None:
        with context.wrap_socket(raw, server_side=True) as connection:
            for _ in range(3):
                assert connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt")
            assert connection.recv(1) == b""

    with raw_server(answer_three) as server:
        address = server.replace("http:", "https:")
        with DSSClient(address, authority.bundle, read_timeout=5) as client:
            assert [client.api.session.get_token() for _ in range(3)] == ["t"] * 3


class TestAuthorityFiles:
    def test_error_names_a_missing_authority_file(self, tmp_path: Path) -> None:
        path = tmp_path / "ca.pem"
        with pytest.raises(CertificateUnusable, match=re.escape(f"{path} ")) as caught:
            DSSClient("https://dss.example", path)
        assert isinstance(caught.value, OSError)
        assert "from verify" in str(caught.value)
        assert "Correct the path" in str(caught.value)
        assert "No such file" in str(caught.value)

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    @pytest.mark.parametrize("content", [b"", b"\xff\x00garbage", b"-----BEGIN CERTIFICATE-----\n"])
    def test_error_names_an_invalid_authority_file_and_its_variable(
        self, tmp_path: Path, variable: str, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "ca.pem"
        path.write_bytes(content)
        monkeypatch.setenv(variable, str(path))
        with pytest.raises(CertificateUnusable, match="is not a PEM file") as caught:
            DSSClient("https://dss.example")
        assert str(path) in str(caught.value)
        assert f"the environment variable {variable}" in str(caught.value)
        assert f"Correct {variable}, or unset it" in str(caught.value)

    def test_authority_folder_without_hashed_names_is_refused_with_advice(
        self, tmp_path: Path, authority: Authority
    ) -> None:
        shutil.copy(authority.bundle, tmp_path)
        with pytest.raises(CertificateUnusable, match=r"Run `openssl rehash` on the folder"):
            DSSClient("https://dss.example", tmp_path)

    @pytest.mark.parametrize("verify", [None, 1, 0, b"ca.pem"])
    def test_verify_with_a_wrong_type_raises_type_error(self, verify: object) -> None:
        with pytest.raises(TypeError, match="verify must be True, False or the path"):
            DSSClient("https://dss.example", verify)  # type: ignore[arg-type]

    def test_unencrypted_server_ignores_a_missing_authority_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
        DSSClient("http://dss.example").close()


class TestClientCertificate:
    def test_server_that_requires_a_client_certificate_refuses_a_client_without_one(
        self, mutual_tls_server: str, authority: Authority
    ) -> None:
        with pytest.raises(EncryptionFailed, match="Pass it as `cert`"):
            get_token(DSSClient(mutual_tls_server, authority.bundle))

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_request_is_not_sent_to_server_that_refuses_the_client_certificate(
        self, server_files: tuple[Path, Path], authority: Authority, version: ssl.TLSVersion
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*server_files)
        context.verify_mode = ssl.CERT_REQUIRED
        context.maximum_version = version

        def refuse(raw: socket.socket) -> None:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(raw, server_side=True)

        with raw_server(refuse) as server:
            address = server.replace("http:", "https:")
            with (
                DSSClient(address, authority.bundle, session="swordfish-123") as client,
                pytest.raises(EncryptionFailed, match="alert") as caught,
            ):
                client.dssp_claim_ticket("abc", "lab", "i")
        assert not caught.value.sent

    def test_client_certificate_in_two_files_is_accepted(
        self, mutual_tls_server: str, authority: Authority
    ) -> None:
        certificate, key = authority.issue("client")
        client = DSSClient(mutual_tls_server, authority.bundle, cert=(certificate, str(key)))
        assert get_token(client) == "t"

    def test_client_certificate_can_be_one_file_with_its_key(
        self, mutual_tls_server: str, authority: Authority, tmp_path: Path
    ) -> None:
        both = tmp_path / "client.pem"
        both.write_bytes(b"".join(file.read_bytes() for file in authority.issue("client")))
        assert get_token(DSSClient(mutual_tls_server, authority.bundle, cert=both)) == "t"

    def test_client_key_can_have_a_password(
        self, mutual_tls_server: str, authority: Authority
    ) -> None:
        certificate, key = authority.issue("locked", "swordfish")
        cert = (certificate, key, "swordfish")
        assert get_token(DSSClient(mutual_tls_server, authority.bundle, cert=cert)) == "t"

    def test_encrypted_client_key_without_password_raises_an_error(
        self, authority: Authority
    ) -> None:
        cert = authority.issue("locked", "swordfish")
        with pytest.raises(CertificateUnusable, match=r"is encrypted\. Pass its password"):
            DSSClient("https://dss.example", cert=cert)

    def test_wrong_key_password_is_refused_without_showing_it(self, authority: Authority) -> None:
        cert = (*authority.issue("locked", "swordfish"), "hunter2")
        with pytest.raises(CertificateUnusable, match="Check its password") as caught:
            DSSClient("https://dss.example", cert=cert)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))

    def test_key_of_another_certificate_is_refused(self, authority: Authority) -> None:
        certificate, _ = authority.issue("client")
        _, key = authority.issue("other")
        with pytest.raises(CertificateUnusable, match="does not belong to the certificate"):
            DSSClient("https://dss.example", cert=(certificate, key))

    @pytest.mark.parametrize("missing", [0, 1])
    def test_error_names_a_missing_client_certificate_file(
        self, authority: Authority, tmp_path: Path, missing: int
    ) -> None:
        files = list(authority.issue("client"))
        files[missing] = tmp_path / "gone.pem"
        with pytest.raises(CertificateUnusable, match=re.escape(str(files[missing]))) as caught:
            DSSClient("https://dss.example", cert=(files[0], files[1]))
        assert "given as cert" in str(caught.value)

    def test_error_names_an_invalid_client_certificate_file(self, tmp_path: Path) -> None:
        path = tmp_path / "client.pem"
        path.write_bytes(b"garbage")
        with pytest.raises(
            CertificateUnusable, match="is not a PEM file with a certificate"
        ) as one:
            DSSClient("https://dss.example", cert=path)
        with pytest.raises(CertificateUnusable, match="are not the PEM files"):
            DSSClient("https://dss.example", cert=(path, path))
        assert str(path) in str(one.value)

    @pytest.mark.parametrize(
        "cert", [1, (), ("a", "b", "c", "d"), (1, "b"), ("a", 2), ("a", "b", 3)]
    )
    def test_cert_without_paths_raises_type_error(self, cert: Cert) -> None:
        with pytest.raises(TypeError, match=r"cert must|password must"):
            DSSClient("https://dss.example", cert=cert)


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout"])
class TestTimeouts:
    @pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
    def test_timeout_must_be_positive_and_finite(self, name: str, seconds: float) -> None:
        given: dict[str, Any] = {name: seconds}
        with pytest.raises(ValueError, match=f"{name} must be more than 0 seconds and finite"):
            DSSClient("http://dss.example", **given)

    @pytest.mark.parametrize("seconds", [True, None, "10"])
    def test_timeout_must_be_a_number(self, name: str, seconds: object) -> None:
        given: dict[str, Any] = {name: seconds}
        with pytest.raises(TypeError, match=f"{name} must be a number"):
            DSSClient("http://dss.example", **given)
