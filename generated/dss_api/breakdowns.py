# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""What to say when a connection fails, as errors of this package.

The texts of urllib3, of OpenSSL and of the other side go into the messages with the secrets of the
request struck out.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from .addresses import Proxy
from .connections import NotConnected
from .errors import (
    AnswerCutShort,
    AnswerTimeout,
    ProxyRefused,
    ServerNotTrusted,
    TransportError,
    UploadChanged,
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

_CHECK = "Check the address, the network, and that the middleware is running."


def not_connected(request: Request, server: str, error: NotConnected) -> TransportError:
    """The error for a connection that could not be made."""
    if error.proxy is None:
        return no_answer(request, server, error.cause, sent=False)
    tunnel = _TUNNEL_REFUSED.fullmatch(str(error.cause))
    if tunnel:
        return refused(request, server, error.proxy, int(tunnel[1]), tunnel[2])
    if error.reached:
        return no_answer(request, server, error.cause, sent=False, through=error.proxy)
    kind = AnswerTimeout if _late(error.cause) else TransportError
    return kind(
        f"No answer to {_what(request, server)}: {error.proxy} cannot be reached: "
        f"{_said(request, error.cause)}. Check the settings for proxies, such as HTTPS_PROXY, and "
        "the network.",
        method=request.method,
        path=request.path,
        sent=False,
    )


def refused(
    request: Request, server: str, proxy: Proxy, status: int, reason: str
) -> TransportError:
    """The error for a proxy that does not let a request pass."""
    answered = request.struck(" ".join(f"{status} {reason}".split()))
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


def no_answer(
    request: Request, server: str, error: Exception, *, sent: bool, through: Proxy | None = None
) -> TransportError:
    """The error for a request that was not answered."""
    what = _what(request, server) + (f" through {through}" if through else "")
    said = _said(request, error)
    kind = TransportError
    message = f"No answer to {what}: {said}. {_CHECK}"
    tls = next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)
    if _late(error):
        kind = AnswerTimeout
        message = (
            f"No answer in time to {what}: {said}. "
            "The middleware or the network is slow or down; try again in a while."
        )
    elif isinstance(tls, ssl.SSLCertVerificationError):
        kind = ServerNotTrusted
        message = (
            f"No answer to {what}: {said}. The server's certificate could not be verified; check "
            "the address, and that this machine trusts who signed it, or give the file with the "
            "certificates to trust as `verify`."
        )
    elif tls is not None and tls.reason in _NO_TLS:
        message = (
            f"No answer to {what}: {said}. The other side does not speak TLS; check the port, or "
            "use an address with http:// if the server has no other."
        )
    elif tls is not None and "CERTIFICATE" in (tls.reason or ""):
        message = (
            f"No answer to {what}: {said}. The server did not accept this client's certificate, "
            "or wants one; give it as `cert`."
        )
    elif tls is not None:
        message = f"No answer to {what}: {said}. No encrypted connection came about."
    return kind(message, method=request.method, path=request.path, sent=sent)


def cut_short(request: Request, server: str, error: Exception) -> TransportError:
    """The error for an answer that began and did not end."""
    if _late(error):
        return no_answer(request, server, error, sent=True)
    return AnswerCutShort(
        f"The answer to {_what(request, server)} broke off: {_said(request, error)}. "
        "What arrived is not complete; try again.",
        method=request.method,
        path=request.path,
    )


def upload_changed(request: Request, server: str, error: UploadChanged) -> UploadChanged:
    """The same error, with the request that was on the way."""
    return UploadChanged(
        f"{_what(request, server)} was not sent: {error}", method=request.method, path=request.path
    )


def _what(request: Request, server: str) -> str:
    return f"{request.method} {request.path} at {server}"


def _late(error: Exception) -> bool:
    # urllib3 counts a refused connection among the timeouts.
    refused = isinstance(error, NewConnectionError)
    return isinstance(error, Urllib3Timeout | TimeoutError) and not refused


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
    text = texts[-1] if texts else type(error).__name__
    return request.struck(" ".join(text.split()))
