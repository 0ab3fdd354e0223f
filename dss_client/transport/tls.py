"""Whom to trust over TLS, and how this client shows who it is."""

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
"""A client's certificate: one PEM file that holds its key too, or the files of both, and the key's
password if it has one."""

_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")


def make_context(
    peer: str, verify: bool | str | PathLike[str], cert: Cert | None
) -> ssl.SSLContext:
    """What connections are encrypted with.

    Args:
        who: the server or proxy that is spoken to, or both, as a warning names them.
        verify: whom to trust: the system's authorities, or those in `REQUESTS_CA_BUNDLE` or
            `SSL_CERT_FILE` (True); those in a PEM file or a folder that `openssl rehash` was run
            on; or anybody (False), which gives the warning `UnverifiedServer`.
        cert: the certificate of this client.

    Raises:
        CertificateUnusable: a file is missing, or is not what it should be.
        TypeError, ValueError: an argument cannot be right.
    """
    if not isinstance(verify, bool | str | PathLike):
        raise TypeError(
            f"verify must be True, False or the path of a file, not {type(verify).__name__}."
        )
    if verify is False:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        warnings.warn(
            f"Anybody may pass for {peer}: no certificate is looked at (verify=False).",
            UnverifiedServer,
            stacklevel=3,
        )
    else:
        made = _make_verifying_context(verify)
        # The name of a server is one that its authority has checked as such.
        made.hostname_checks_common_name = False
    if cert is not None:
        _load_client_certificate(made, cert)
    return made


def _make_verifying_context(verify: bool | str | PathLike[str]) -> ssl.SSLContext:
    if not isinstance(verify, bool):
        return _load_authorities(Path(verify), "verify", "Correct the path")
    for variable in _VARIABLES:
        named = os.environ.get(variable)
        if named:
            source = f"the environment variable {variable}"
            return _load_authorities(Path(named), source, f"Correct {variable}, or unset it")
    return ssl.create_default_context()


def _load_authorities(path: Path, source: str, advice: str) -> ssl.SSLContext:
    what = f"{path}, whose certificates shall be trusted by {source},"
    try:
        if path.is_dir():
            if not any(_HASHED_NAME.fullmatch(file.name) for file in path.iterdir()):
                raise CertificateUnusable(
                    f"{what} is a folder in which OpenSSL finds none; run `openssl rehash` on it, "
                    "or name a file."
                )
            made = ssl.create_default_context(capath=path)
        else:
            made = ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise CertificateUnusable(f"{what} is no PEM file with certificates. {advice}.") from error
    except CertificateUnusable:
        raise
    except OSError as error:
        raise _make_unreadable_error(what, error, advice) from error
    # As Python 3.13 does it: what is named need not be a root. And as 3.12 did: the authorities of
    # institutions often lack what the standard wants in a certificate.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return made


def _load_client_certificate(context: ssl.SSLContext, cert: Cert) -> None:
    if isinstance(cert, str | PathLike):
        parts: tuple[str | PathLike[str] | None, ...] = (cert,)
    else:
        parts = cert
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3:
        raise TypeError(
            "cert must be the path of a PEM file, or a tuple of the paths of certificate and key, "
            "perhaps with the key's password."
        )
    file, key, password = (*parts, None, None)[:3]
    if not isinstance(file, str | PathLike) or not isinstance(key, str | PathLike | None):
        raise TypeError("cert must name files by their paths.")
    if not isinstance(password, str | None):
        raise TypeError(f"The key's password must be a text, not {type(password).__name__}.")
    for path in (file, key):
        if path is not None:
            _check_readable(Path(path))
    key_file = Path(key or file)

    def given() -> str:
        # Without this, OpenSSL would ask on the terminal, and wait.
        if password is None:
            raise CertificateUnusable(
                f"The key in {key_file} is encrypted; give its password as the third of "
                "cert=(CERTIFICATE, KEY, PASSWORD)."
            )
        return password

    try:
        context.load_cert_chain(file, key, given)
    except ssl.SSLError as error:
        reason = error.reason or str(error)
        if reason == "KEY_VALUES_MISMATCH":
            text = f"The key in {key_file} is not that of the certificate in {file}."
        elif password is not None:
            text = f"The key in {key_file} cannot be read; is its password right?"
        else:
            text = (
                f"{file} and {key_file}, given as cert, are not the PEM files of a certificate "
                "and its key."
                if key
                else f"{file}, given as cert, is no PEM file with a certificate and its key."
            )
        raise CertificateUnusable(f"{text} OpenSSL says: {reason}.") from error


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise _make_unreadable_error(
            f"{path}, given as cert,", error, "Correct the path"
        ) from error


def _make_unreadable_error(what: str, cause: OSError, advice: str) -> CertificateUnusable:
    error = CertificateUnusable(f"{what} cannot be read: {cause.strerror or cause}. {advice}.")
    error.errno = cause.errno
    return error
