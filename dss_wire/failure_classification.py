"""Classification of network failures: the error class and the message for each.

The messages quote urllib3, OpenSSL and the other side, with the secrets of the request redacted.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

from .addresses import Proxy
from .connections import NotConnected
from .errors import (
    AnswerCutShort,
    AnswerTimeout,
    ClientClosed,
    EncryptionFailed,
    ProxyRefused,
    ServerNotTrusted,
    TransportError,
    UploadChanged,
    make_printable,
)
from .transport import Request

_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d+) ?(.*)", re.DOTALL)

# OpenSSL's reasons for an answer without TLS.
_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)

# OpenSSL's reasons for a peer that rejects this client. With TLS 1.3 the rejection arrives in place
# of the answer to the first request, which the peer did not read.
_CLIENT_REJECTED = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)")

_TLS_CUT_SHORT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)

_CHECK = "Check the address, the network, and that the middleware is running."
_WAIT = "The middleware or the network is slow or down. Try again later."
_CHECK_PROXY = "Check the proxy settings, such as HTTPS_PROXY, and the network."


def classify_connect_failure(request: Request, server: str, error: NotConnected) -> TransportError:
    """Return the error for a connection that could not be made."""
    cause, proxy = error.cause, error.proxy
    tunnel = _TUNNEL_REFUSED.fullmatch(str(cause))
    if proxy and tunnel:
        return classify_proxy_refusal(request, server, proxy, int(tunnel[1]), tunnel[2])
    what, said = _name_request(request, server), _quote_cause(request, cause)
    if proxy is None or error.reached:
        kind, advice = _diagnose(cause, "the server")
        through = f" through {proxy}" if proxy else ""
        message = f"{_describe_no_answer(kind)} to {what}{through}: {said}. {advice}"
    else:
        kind, advice = _diagnose(cause, "the proxy", _CHECK_PROXY)
        message = f"No answer to {what}: {proxy} cannot be reached: {said}. {advice}"
    return kind(message, method=request.method, path=request.path, sent=False)


def classify_proxy_refusal(
    request: Request, server: str, proxy: Proxy, status: int, reason: str
) -> TransportError:
    """Return the error for a proxy that rejects a request."""
    answered = _quote(request, f"{status} {reason}")
    what = _name_request(request, server)
    message = f"{what} did not get past {proxy}, which answered {answered}."
    if status == 407:
        message += (
            " It requires a login: put user and password into its address, as in "
            "http://USER:PASSWORD@HOST:PORT, or correct them."
        )
    elif status < 500:
        message += " Ask its administrator to let this machine reach the server."
    else:
        message += " It could not reach the server. Check the address, or try again later."
    # A proxy that could not reach the server now may reach it later.
    kind = ProxyRefused if status < 500 else TransportError
    return kind(message, method=request.method, path=request.path, sent=False)


def classify_missing_response(
    request: Request, server: str, error: Exception, *, sent: bool
) -> TransportError:
    """Return the error for a request without a response over an open connection."""
    kind, advice = _diagnose(error, "the server")
    client_rejected = _CLIENT_REJECTED.search(_find_openssl_reason(error)) is not None
    if kind is EncryptionFailed and not client_rejected:
        kind = TransportError  # because encryption worked
    what, said = _name_request(request, server), _quote_cause(request, error)
    return kind(
        f"{_describe_no_answer(kind)} to {what}: {said}. {advice}",
        method=request.method,
        path=request.path,
        sent=sent and not client_rejected,
    )


def classify_partial_response(request: Request, server: str, error: Exception) -> TransportError:
    """Return the error for a response that is not complete."""
    if isinstance(error, TimeoutError):
        return classify_missing_response(request, server, error, sent=True)
    what, said = _name_request(request, server), _quote_cause(request, error)
    return AnswerCutShort(
        f"The answer to {what} broke off: {said}. The response is not complete. Try again.",
        method=request.method,
        path=request.path,
    )


def classify_closed_client(request: Request, server: str, *, sent: bool) -> ClientClosed:
    """Return the error for a request whose connection this program closed."""
    return ClientClosed(
        f"No complete answer to {_name_request(request, server)}: the client was closed. "
        "Close it after all threads have finished.",
        method=request.method,
        path=request.path,
        sent=sent,
    )


def classify_upload_failure(request: Request, server: str, error: UploadChanged) -> UploadChanged:
    """Return the same error, with the request in its message."""
    return UploadChanged(
        f"{_name_request(request, server)} was not sent: {error}",
        method=request.method,
        path=request.path,
    )


def _name_request(request: Request, server: str) -> str:
    return f"{request.method} {request.path} at {server}"


def _describe_no_answer(kind: type[TransportError]) -> str:
    return "No answer in time" if kind is AnswerTimeout else "No answer"


def _diagnose(error: Exception, peer: str, check: str = "") -> tuple[type[TransportError], str]:
    """Return the error class, and what to do.

    Args:
        peer: the server or the proxy.
        check: what to do if the cause is unknown.
    """
    if isinstance(error, TimeoutError):
        return AnswerTimeout, check or _WAIT
    tls = _find_tls_error(error)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return ServerNotTrusted, (
            f"The certificate of {peer} could not be verified. Check the address, and that this "
            "machine trusts the issuer. Otherwise pass a file of trusted certificates as `verify`."
        )
    if _find_openssl_reason(error) in _NO_TLS:
        return EncryptionFailed, (
            f"The other side does not speak TLS. Check the port of {peer}, or use an address "
            "with http:// if it does not offer TLS."
        )
    if _CLIENT_REJECTED.search(_find_openssl_reason(error)):
        return EncryptionFailed, (
            f"This client's certificate is missing, or {peer} rejects it. Pass it as `cert`."
        )
    if tls is None or isinstance(tls, _TLS_CUT_SHORT):
        return TransportError, check or _CHECK
    return EncryptionFailed, f"The encrypted connection with {peer} failed."


def _find_tls_error(error: Exception) -> ssl.SSLError | None:
    """Return the TLS error among the causes, if there is one."""
    return next(
        (cause for cause in _iterate_causes(error) if isinstance(cause, ssl.SSLError)), None
    )


def _find_openssl_reason(error: Exception) -> str:
    """Return OpenSSL's name of a TLS error; empty for other errors."""
    tls = _find_tls_error(error)
    return (tls and tls.reason) or ""


def _iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes; the last cause is the most specific."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        seen = inner or seen.__cause__


def _quote_cause(request: Request, error: Exception) -> str:
    """Return the text of the most specific cause that has a text."""
    texts = [str(cause) for cause in _iterate_causes(error) if str(cause)]
    return _quote(request, texts[-1] if texts else type(error).__name__)


def _quote(request: Request, text: str) -> str:
    """Return a text from the server on one line, without secrets and control characters."""
    return make_printable(request.redact(" ".join(text.split())))
