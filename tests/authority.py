"""A certificate authority for tests."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_NOW = datetime.datetime.now(datetime.UTC)
_DAY = datetime.timedelta(days=1)


class Authority:
    """An authority that writes certificates for clients, and for servers at 127.0.0.1.

    Args:
        folder: the folder for the certificates.
        name: the name of the authority.
        with_key_ids: whether certificates have key identifiers, as the standard requires.

    Attributes:
        bundle: the PEM file with the certificate of the authority.
    """

    def __init__(
        self, folder: Path, name: str = "Hospital CA", *, with_key_ids: bool = True
    ) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _make_name(name)
        public = self._key.public_key()
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        self._identifier = (
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
            if with_key_ids
            else None
        )
        builder = (
            _make_builder(self._name, self._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_make_key_usage(signs=True), critical=True)
        )
        if with_key_ids:
            builder = builder.add_extension(identifier, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        self.bundle = folder / f"{name}.pem"
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self, name: str, password: str = "", *, with_address: bool = True
    ) -> tuple[Path, Path]:
        """Write a new certificate and its key, and return both files.

        Args:
            name: the common name of the certificate.
            password: the password of the key; if it is empty, the key is not encrypted.
            with_address: whether the certificate names 127.0.0.1 as an alternative name, as the
                standard requires.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = (
            _make_builder(_make_name(name), self._name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_make_key_usage(signs=False), critical=True)
        )
        if with_address:
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        if self._identifier:
            builder = builder.add_extension(self._identifier, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password:
            encryption = serialization.BestAvailableEncryption(password.encode())
        certificate_file = self._folder / f"{name}.crt"
        key_file = self._folder / f"{name}.key"
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
            )
        )
        return certificate_file, key_file


def _make_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _make_builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - _DAY)
        .not_valid_after(_NOW + _DAY)
    )


def _make_key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
