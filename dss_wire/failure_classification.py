{% include "header" %}
"""What to say when a connection fails, as errors of this package.

The texts of urllib3, of OpenSSL and of the other side go into the messages with the secrets of the
request struck out.
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
    printable,
)
from .transport import Request

_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d+) ?(.*)", re.DOTALL)

# How OpenSSL says that the other side answered without TLS.
_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)

# How it says that the other side does not speak with this client. With TLS 1.3 it hears of that
# only in place of the answer to its first request, which was not looked at.
_UNWELCOME = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)")

_BROKE_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)

_CHECK = "Check the address, the network, and that the middleware is running."
_WAIT = "The middleware or the network is slow or down; try again in a while."
_CHECK_PROXY = "Check the settings for proxies, such as HTTPS_PROXY, and the network."


def not_connected(request: Request, server: str, error: NotConnected) -> TransportError:
    """The error for a connection that could not be made."""
    cause, proxy = error.cause, error.proxy
    tunnel = _TUNNEL_REFUSED.fullmatch(str(cause))
    if proxy and tunnel:
        return refused(request, server, proxy, int(tunnel[1]), tunnel[2])
    what, said = _what(request, server), _said(request, cause)
    if proxy is None or error.reached:
        kind, advice = _diagnosis(cause, "the server")
        through = f" through {proxy}" if proxy else ""
        message = f"{_none(kind)} to {what}{through}: {said}. {advice}"
    else:
        kind, advice = _diagnosis(cause, "the proxy", _CHECK_PROXY)
        message = f"No answer to {what}: {proxy} cannot be reached: {said}. {advice}"
    return kind(message, method=request.method, path=request.path, sent=False)


def refused(
    request: Request, server: str, proxy: Proxy, status: int, reason: str
) -> TransportError:
    """The error for a proxy that does not let a request pass."""
    answered = _shown(request, f"{status} {reason}")
    message = f"{_what(request, server)} did not get past {proxy}, which answered {answered}."
    if status == 407:
        message += (
            " It wants to know who asks: put user and password into its address, as in "
            "http://USER:PASSWORD@HOST:PORT, or correct them."
        )
    elif status < 500:
        message += " Ask its administrator to let this machine reach the server."
    else:
        message += " It could not reach the server; check the address, or try again in a while."
    # One that could not do it just now may do so later.
    kind = ProxyRefused if status < 500 else TransportError
    return kind(message, method=request.method, path=request.path, sent=False)


def no_answer(request: Request, server: str, error: Exception, *, sent: bool) -> TransportError:
    """The error for a request that was not answered over a connection that stood."""
    kind, advice = _diagnosis(error, "the server")
    unwelcome = _UNWELCOME.search(_reason(error)) is not None
    if kind is EncryptionFailed and not unwelcome:
        kind = TransportError  # for there was encryption
    return kind(
        f"{_none(kind)} to {_what(request, server)}: {_said(request, error)}. {advice}",
        method=request.method,
        path=request.path,
        sent=sent and not unwelcome,
    )


def cut_short(request: Request, server: str, error: Exception) -> TransportError:
    """The error for an answer that began and did not end."""
    if isinstance(error, TimeoutError):
        return no_answer(request, server, error, sent=True)
    return AnswerCutShort(
        f"The answer to {_what(request, server)} broke off: {_said(request, error)}. "
        "What arrived is not complete; try again.",
        method=request.method,
        path=request.path,
    )


def closed(request: Request, server: str, *, sent: bool) -> ClientClosed:
    """The error for a request whose connection was closed on this side."""
    return ClientClosed(
        f"No whole answer to {_what(request, server)}: the client was closed meanwhile. "
        "Close it when no thread uses it any more.",
        method=request.method,
        path=request.path,
        sent=sent,
    )


def upload_changed(request: Request, server: str, error: UploadChanged) -> UploadChanged:
    """The same error, with the request that was on the way."""
    return UploadChanged(
        f"{_what(request, server)} was not sent: {error}", method=request.method, path=request.path
    )


def _what(request: Request, server: str) -> str:
    return f"{request.method} {request.path} at {server}"


def _none(kind: type[TransportError]) -> str:
    return "No answer in time" if kind is AnswerTimeout else "No answer"


def _diagnosis(
    error: Exception, who: str, check: str = ""
) -> tuple[type[TransportError], str]:
    """What kind of failure it is, and what to do.

    Args:
        who: with whom the connection is.
        check: what to do if nothing is known that helps more.
    """
    if isinstance(error, TimeoutError):
        return AnswerTimeout, check or _WAIT
    tls = _tls(error)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return ServerNotTrusted, (
            f"The certificate of {who} could not be verified; check the address, and that this "
            "machine trusts who signed it, or give the file with the certificates to trust as "
            "`verify`."
        )
    if _reason(error) in _NO_TLS:
        return EncryptionFailed, (
            f"What answers there does not speak TLS; check the port of {who}, or use an address "
            "with http:// if it has no other."
        )
    if _UNWELCOME.search(_reason(error)):
        return EncryptionFailed, (
            f"This client's certificate is missing, or {who} does not accept it; give it as `cert`."
        )
    if tls is None or isinstance(tls, _BROKE_OFF):
        return TransportError, check or _CHECK
    return EncryptionFailed, f"No encrypted connection with {who} came about."


def _tls(error: Exception) -> ssl.SSLError | None:
    """What went wrong with the encryption, if that is at fault."""
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)


def _reason(error: Exception) -> str:
    """How OpenSSL calls it; empty if it is not at fault."""
    tls = _tls(error)
    return (tls and tls.reason) or ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, the last of which knows best."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        seen = inner or seen.__cause__


def _said(request: Request, error: Exception) -> str:
    """The shortest true account of what happened: the text of the last cause with a text."""
    texts = [str(cause) for cause in _causes(error) if str(cause)]
    return _shown(request, texts[-1] if texts else type(error).__name__)


def _shown(request: Request, text: str) -> str:
    """What another said, on one line, without secrets and what a terminal would obey."""
    return printable(request.struck(" ".join(text.split())))
