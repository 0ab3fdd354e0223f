"""TLS settings: the certificates that the client trusts, and its own certificate."""

from __future__ import annotations

import os
import re
import ssl
import warnings
from os import PathLike
from pathlib import Path

from dss_client.errors import CertificateUnusable, UnverifiedServer

Cert = (
    str
    | PathLike[str]
    | tuple[str | PathLike[str], str | PathLike[str]]
    | tuple[str | PathLike[str], str | PathLike[str], str]
)
"""The client's certificate: one PEM file with certificate and key, or the two files, or the two
files and the password of the key."""

_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")


def make_context(
    peer: str, verify: bool | str | PathLike[str], cert: Cert | None
) -> ssl.SSLContext:
    """Return the SSL context for connections.

    Args:
        peer: the server or proxy or both, as a warning names them.
        verify: the certificates to trust. True: the file or folder in `REQUESTS_CA_BUNDLE` or
            `SSL_CERT_FILE`, or else the certificates of the system. A path: a PEM file, or a folder
            after `openssl rehash`. False: every certificate, with the warning `UnverifiedServer`.
        cert: the certificate of this client.

    Raises:
        CertificateUnusable: a file does not exist or is not valid.
        TypeError, ValueError: an argument is not valid.
    """
    if not isinstance(verify, bool | str | PathLike):
        raise TypeError(
            f"verify must be True, False or the path of a file, not {type(verify).__name__}."
        )
    if verify is False:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        warnings.warn(
            f"Any computer can pretend to be {peer}, because certificates are not checked "
            "(verify=False).",
            UnverifiedServer,
            stacklevel=3,
        )
    else:
        context = _make_verifying_context(verify)
        # Authorities check the alternative names of a certificate, not its common name.
        context.hostname_checks_common_name = False
    if cert is not None:
        _load_client_certificate(context, cert)
    return context


def _make_verifying_context(verify: bool | str | PathLike[str]) -> ssl.SSLContext:
    if not isinstance(verify, bool):
        return _load_authorities(Path(verify), "verify", "Correct the path")
    for variable in _VARIABLES:
        value = os.environ.get(variable)
        if value:
            source = f"the environment variable {variable}"
            return _load_authorities(Path(value), source, f"Correct {variable}, or unset it")
    return ssl.create_default_context()


def _load_authorities(path: Path, source: str, advice: str) -> ssl.SSLContext:
    """Return a context that trusts the certificates in a file or folder.

    Raises:
        CertificateUnusable: no certificates can be read there.
    """
    subject = f"{path} (certificates to trust, from {source})"
    try:
        if path.is_dir():
            if not any(_HASHED_NAME.fullmatch(file.name) for file in path.iterdir()):
                raise CertificateUnusable(
                    f"{subject} is a folder, but OpenSSL finds no certificates in it. "
                    "Run `openssl rehash` on the folder, or give the path of a file."
                )
            context = ssl.create_default_context(capath=path)
        else:
            context = ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise CertificateUnusable(
            f"{subject} is not a PEM file with certificates. {advice}."
        ) from error
    except CertificateUnusable:
        raise
    except OSError as error:
        raise _create_unreadable_error(subject, error, advice) from error
    # As in Python 3.13, a trusted certificate need not be a root. As in Python 3.12, it need not
    # follow the standard strictly: the authorities of institutions often do not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _load_client_certificate(context: ssl.SSLContext, cert: Cert) -> None:
    if isinstance(cert, str | PathLike):
        parts: tuple[str | PathLike[str] | None, ...] = (cert,)
    else:
        parts = cert
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3:
        raise TypeError(
            "cert must be the path of a PEM file, (CERTIFICATE, KEY) or "
            "(CERTIFICATE, KEY, PASSWORD)."
        )
    file, key, password = (*parts, None, None)[:3]
    if not isinstance(file, str | PathLike) or not isinstance(key, str | PathLike | None):
        raise TypeError("cert must contain the paths of PEM files, as strings or Paths.")
    if not isinstance(password, str | None):
        raise TypeError(f"The key's password must be a string, not {type(password).__name__}.")
    for path in (file, key):
        if path is not None:
            _check_readable(Path(path))
    key_file = Path(key or file)

    def get_password() -> str:
        # Without this function, OpenSSL would ask on the terminal and wait for an answer.
        if password is None:
            raise CertificateUnusable(
                f"The key in {key_file} is encrypted. Pass its password: "
                "cert=(CERTIFICATE, KEY, PASSWORD)."
            )
        return password

    try:
        context.load_cert_chain(file, key, get_password)
    except ssl.SSLError as error:
        reason = error.reason or str(error)
        if reason == "KEY_VALUES_MISMATCH":
            text = f"The key in {key_file} does not belong to the certificate in {file}."
        elif password is not None:
            text = f"The key in {key_file} cannot be read. Check its password."
        else:
            text = (
                f"{file} and {key_file}, given as cert, are not the PEM files of a certificate "
                "and its key."
                if key
                else f"{file}, given as cert, is not a PEM file with a certificate and its key."
            )
        raise CertificateUnusable(f"{text} OpenSSL says: {reason}.") from error


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise _create_unreadable_error(
            f"{path}, given as cert,", error, "Correct the path"
        ) from error


def _create_unreadable_error(subject: str, cause: OSError, advice: str) -> CertificateUnusable:
    error = CertificateUnusable(f"{subject} cannot be read: {cause.strerror or cause}. {advice}.")
    error.errno = cause.errno
    return error
