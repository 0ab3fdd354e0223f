"""Base classes of the errors between this program and the middleware.

```text
DssError                        catch-all
├── TransportError              no response, or only a part of it      (ConnectionError)
│   ├── AnswerTimeout           the response did not arrive in time    (TimeoutError)
│   ├── AnswerCutShort          the connection broke during the response
│   ├── LastingFailure          retrying does not help
│   │   ├── ProxyRefused        the proxy rejected the request
│   │   ├── ServerNotTrusted    the server's certificate could not be verified
│   │   ├── EncryptionFailed    TLS failed
│   │   ├── AnswerUnusable      a broken download could not be detected
│   │   └── ClientClosed        another thread closed the client
│   └── OutcomeUnknown          the request must not be sent twice
├── UploadChanged               the file changed during the upload     (OSError)
└── AnswerError                 the response is not a success
    ├── UnexpectedAnswer        the contract does not know it          (ValueError)
    ├── ProxyPage               a web page instead of the response     (ConnectionError)
    ├── Redirected              the server redirects the request       (ConnectionError)
    ├── MiddlewareUnavailable   502, 503 or 504 from a gateway         (ConnectionError)
    └── UploadTooLarge          413: the file is too large             (ValueError)
```

Each message names the failure and its request, the answer of the other side, and what to do.
Tokens and session cookies are redacted.
"""

from __future__ import annotations

from typing import ClassVar

MAX_SHOWN = 300
"""The number of characters of a response that a message shows."""


class DssError(Exception):
    """Base class of all errors between this program and the middleware.

    Attributes:
        method: the method of the request, `GET` or `POST`; empty without a request.
        path: the path of the request, without server and query.
    """

    def __init__(self, message: str, *, method: str = "", path: str = "") -> None:
        super().__init__(message)
        self.method = method
        self.path = path


class TransportError(DssError, ConnectionError):
    """No response arrived, or only a part of it.

    Attributes:
        sent: whether the request may have reached the middleware. If True, the effect of the
            request is unknown. If False, no byte was written, or a proxy stopped the request.
    """

    def __init__(
        self, message: str, *, method: str = "", path: str = "", sent: bool = True
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.sent = sent


class AnswerTimeout(TransportError, TimeoutError):
    """The response, or its next byte, did not arrive in time."""


class AnswerCutShort(TransportError):
    """The connection broke before the response was complete."""


class LastingFailure(TransportError):
    """No response arrived, and a retry fails again until the user changes something."""


class ProxyRefused(LastingFailure):
    """The proxy rejected the request."""


class ServerNotTrusted(LastingFailure):
    """The certificate of the server or the proxy could not be verified; nothing was sent."""


class EncryptionFailed(LastingFailure):
    """The server or the proxy does not speak TLS, or not with this client."""


class AnswerUnusable(LastingFailure):
    """The client could not tell whether the response is complete and unchanged."""


class ClientClosed(LastingFailure):
    """Another thread closed the client while this thread waited for a response."""


class OutcomeUnknown(TransportError):
    """The effect of the request is unknown, and sending it again would do harm."""


class UploadChanged(DssError, OSError):
    """The file could not be read during the upload, or it changed."""


class AnswerError(DssError):
    """The middleware, or a server in front of it, sent a response that is not a success.

    Attributes:
        status: the HTTP status.
        text: the body of the response, at most 64 KiB, with secrets redacted.
    """

    description: ClassVar[str] = "The request failed."
    advice: ClassVar[str] = ""
    leaves_outcome_unknown: ClassVar[bool] = False
    """Whether this error leaves open if the request took effect."""

    def __init__(
        self, message: str, *, method: str = "", path: str = "", status: int = 0, text: str = ""
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.status = status
        self.text = text

    @classmethod
    def from_response(
        cls,
        method: str,
        path: str,
        status: int,
        *,
        reason: str,
        text: str,
        detail: str = "",
        server: str = "",
    ) -> AnswerError:
        """Return the error for a response, with its message.

        Args:
            detail: one more sentence for the message, such as what could not be read.
            server: the address of the server; empty if it is not known.
        """
        words = make_printable(" ".join(text.split()))
        shown = words if len(words) <= MAX_SHOWN else words[:MAX_SHOWN] + " [...]"
        said = f'the answer was "{shown}"' if shown else "the answer was empty"
        asked = f"{method} {path}" + (f" at {server}" if server else "")
        sentences = (
            cls.description,
            f"{asked} gave {status} {make_printable(reason)}".rstrip() + f"; {said}.",
            detail,
            cls.advice,
        )
        return cls(
            " ".join(sentence for sentence in sentences if sentence),
            method=method,
            path=path,
            status=status,
            text=text,
        )


def make_printable(text: str) -> str:
    """Replace the characters that could control a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


class UnexpectedAnswer(AnswerError, ValueError):
    """The contract does not know this response to the request."""

    description = "The middleware is not known to give this response to this request."
    advice = (
        "Check that the server's address belongs to a DSS middleware. If it does, the middleware "
        "may be newer than this client, or a server in between changed the response."
    )
    leaves_outcome_unknown = True


class ProxyPage(AnswerError, ConnectionError):
    """A web page arrived instead of the middleware's response."""

    description = "A web page arrived instead of the middleware's response."
    advice = (
        "A server in between, such as a proxy or a sign-in page of the network, may have answered. "
        "Otherwise the server's address does not belong to a DSS middleware; check it."
    )
    leaves_outcome_unknown = True


class Redirected(AnswerError, ConnectionError):
    """The server redirects the request to an address that this client does not follow."""

    description = "The server redirects this request to another address."
    advice = "If the middleware has moved there, use that address."


class MiddlewareUnavailable(AnswerError, ConnectionError):
    """A gateway could not reach the middleware behind it."""

    description = "The gateway in front of the middleware cannot reach it."
    advice = "Try again later. If it still fails, tell the middleware's administrator."
    leaves_outcome_unknown = True


class UploadTooLarge(AnswerError, ValueError):
    """The middleware, or a server in front of it, does not accept a file of this size."""

    description = "The server, or one in front of it, does not accept a file of this size."
    advice = "Ask the middleware's administrator to raise the limit, or send a smaller file."
