# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""What can go wrong, as one hierarchy.

```text
DssError                        catch-all
├── TransportError              no answer, or not all of it      (ConnectionError)
│   ├── AnswerTimeout           not in time                      (TimeoutError)
│   ├── AnswerCutShort          the connection broke in the middle of the answer
│   ├── LastingFailure          to ask again would lead here again
│   │   ├── ProxyRefused        a proxy does not let the request pass
│   │   ├── ServerNotTrusted    the server's certificate could not be verified
│   │   ├── EncryptionFailed    the other side speaks no TLS, or none with this client
│   │   ├── AnswerUnusable      the answer comes in a way in which it could be taken wrongly
│   │   └── ClientClosed        the client was closed meanwhile
│   └── OutcomeUnknown          and the request must not be sent twice
├── UploadChanged               the file changed while it was sent   (OSError)
└── AnswerError                 there is an answer, but not the one hoped for
    ├── UnexpectedAnswer        none that the contract knows     (ValueError)
    ├── ProxyPage               a web page from something in between (ConnectionError)
    ├── Redirected              the middleware is elsewhere      (ConnectionError)
    ├── MiddlewareUnavailable   a gateway answers for it: 502, 503, 504 (ConnectionError)
    ├── UploadTooLarge          something takes no file of this size: 413 (ValueError)
    ├── NotLoggedIn             (PermissionError)
    ├── SessionExpired          (NotLoggedIn)
    ├── InvalidToken            (PermissionError)
    ├── TermsNotAccepted        (PermissionError)
    ├── NotAProvider            (PermissionError)
    ├── NotAnAdministrator      (PermissionError)
    ├── UserNotFound            (LookupError)
    ├── ServiceNotFound         (LookupError)
    ├── ServiceExists           (ValueError)
    ├── RepositoryUnreadable    (ValueError)
    ├── DescriptorUnreadable    (ValueError)
    ├── TicketNotFound          (LookupError)
    ├── TicketNotClaimed        (PermissionError)
    ├── TicketDeleted           (LookupError)
    ├── StatusRefused           (ValueError)
    ├── QuotaExceeded           (RuntimeError)
    ├── FileNotFound            (IndexError)
    ├── LogEntryNotFound        (LookupError)
    ├── BlobNotFound            (LookupError)
    ├── BlobErased              (BlobNotFound)
    ├── ChunkClash              (ValueError)
    ├── UploadRefused           (ValueError)
    ├── FileNotServable         (OSError)
    ├── MissingParameter        (ValueError)
    ├── OperationNotSupported   (NotImplementedError)
    └── MiddlewareFault         (RuntimeError)
```

A message names what failed, on which request, what the other side said and what to do. Tokens and
session cookies are struck out of what the other side said.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

from .enums import Dialect
from .record import Record
from .template import pattern

SHOWN = 300
"""How many characters of the other side's text a message shows."""


class DssError(Exception):
    """Whatever goes wrong between this program and the middleware; may be used as catch-all.

    Attributes:
        method: of the request, `GET` or `POST`; empty if there was none.
        path: of the request, without server and query.
    """

    def __init__(self, message: str, *, method: str = "", path: str = "") -> None:
        super().__init__(message)
        self.method = method
        self.path = path


class TransportError(DssError, ConnectionError):
    """No answer came, or not all of it.

    Attributes:
        sent: whether the request may have reached the middleware; if so, what it did with it is
            not known. False where certainly nothing of it was written, or a proxy kept it.
    """

    def __init__(
        self, message: str, *, method: str = "", path: str = "", sent: bool = True
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.sent = sent


class AnswerTimeout(TransportError, TimeoutError):
    """The answer, or its next byte, did not come in time."""


class AnswerCutShort(TransportError):
    """The connection broke before the answer was complete."""


class LastingFailure(TransportError):
    """No answer came, and none will unless something is changed; to ask again is of no use."""


class ProxyRefused(LastingFailure):
    """The proxy does not let the request pass."""


class ServerNotTrusted(LastingFailure):
    """The server, or the proxy, could not prove who it is, so that nothing was sent to it."""


class EncryptionFailed(LastingFailure):
    """The server, or the proxy, speaks no TLS, or none with this client."""


class AnswerUnusable(LastingFailure):
    """The answer comes in a way in which nobody could tell whether it is whole and unchanged."""


class ClientClosed(LastingFailure):
    """The client was closed by another thread, while this one waited for an answer."""


class OutcomeUnknown(TransportError):
    """Nobody knows whether the request took effect, and to send it twice would do harm."""


class UploadChanged(DssError, OSError):
    """The file could not be read while it was being sent, or was not what it was before."""


class AnswerError(DssError):
    """The middleware, or something in front of it, answered with something other than success.

    Attributes:
        status: the HTTP status.
        text: what the other side said, at most 64 KiB of it, with secrets struck out.
    """

    description: ClassVar[str] = "The request failed."
    advice: ClassVar[str] = ""

    def __init__(
        self, message: str, *, method: str = "", path: str = "", status: int = 0, text: str = ""
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.status = status
        self.text = text

    @classmethod
    def answered(
        cls,
        method: str,
        path: str,
        status: int,
        reason: str,
        text: str,
        detail: str = "",
        *,
        server: str = "",
    ) -> AnswerError:
        """The error for an answer, with the message made of its parts.

        Args:
            detail: a sentence on this very answer, such as what in it could not be read.
            server: the address of who gave it, if it is known.
        """
        words = printable(" ".join(text.split()))
        shown = words if len(words) <= SHOWN else words[:SHOWN] + " [...]"
        said = f'the answer was "{shown}"' if shown else "the answer was empty"
        asked = f"{method} {path}" + (f" at {server}" if server else "")
        sentences = (
            cls.description,
            f"{asked} gave {status} {printable(reason)}".rstrip() + f"; {said}.",
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


def printable(text: str) -> str:
    """A text of which no terminal takes orders."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


class UnexpectedAnswer(AnswerError, ValueError):
    """The answer is none of those that the contract knows for this request."""

    description = "The answer is none that the middleware is known to give to this request."
    advice = (
        "Check that the server's address is that of a DSS middleware; if it is, it may be newer "
        "than this client, or something in between garbled the answer."
    )


class ProxyPage(AnswerError, ConnectionError):
    """A web page came in place of the middleware's answer."""

    description = "A web page came in place of the middleware's answer."
    advice = (
        "Something between this machine and the middleware answers for it, such as a proxy or a "
        "sign-in page of the network; or the server's address is not that of a DSS middleware."
    )


class Redirected(AnswerError, ConnectionError):
    """The server sends the request elsewhere."""

    description = "The server sends this request elsewhere."
    advice = "If that is where the middleware is now, use its address."


class MiddlewareUnavailable(AnswerError, ConnectionError):
    """A gateway answers that the middleware behind it does not."""

    description = "The gateway in front of the middleware cannot reach it."
    advice = "Try again in a while; if it stays so, tell the middleware's administrator."


class UploadTooLarge(AnswerError, ValueError):
    """The middleware, or something in front of it, takes no file of this size."""

    description = "The server, or something in front of it, takes no file of this size."
    advice = "Ask the middleware's administrator to raise the limit, or send less."


class NotLoggedIn(AnswerError, PermissionError):
    """This needs a signed-in user."""

    description = "This needs a signed-in user."
    advice = "Sign in first, with DSSClient.login()."


class SessionExpired(NotLoggedIn):
    """The session is no longer valid."""

    description = "The session is no longer valid."
    advice = (
        "Sign in again with DSSClient.login(), with a new token from the middleware's page /token."
    )


class InvalidToken(AnswerError, PermissionError):
    """The middleware does not know this token."""

    description = "The middleware does not know this token."
    advice = "A token works only once; fetch a new one from the middleware's page /token and check that it is whole."


class TermsNotAccepted(AnswerError, PermissionError):
    """The middleware gives no token to this session."""

    description = "The middleware gives no token to this session."
    advice = "Sign in and accept the terms of service in a browser, then take the token from the page /token."


class NotAProvider(AnswerError, PermissionError):
    """This user is no provider of the service."""

    description = "This user is no provider of the service."
    advice = "Check the hash against the list of provided services, and ask the middleware's administrator to add this user to the provider."


class NotAnAdministrator(AnswerError, PermissionError):
    """This needs a system administrator."""

    description = "This needs a system administrator."
    advice = "Sign in as a system administrator, or ask one."


class UserNotFound(AnswerError, LookupError):
    """The middleware knows no user with this e-mail address."""

    description = "The middleware knows no user with this e-mail address."
    advice = "The user must have signed in to the middleware in a browser once; check the spelling."


class ServiceNotFound(AnswerError, LookupError):
    """The middleware has no such service."""

    description = "The middleware has no such service."
    advice = "List the services for their present names and hashes; a new version of a service has a new hash."


class ServiceExists(AnswerError, ValueError):
    """A service with this name and version exists already."""

    description = "A service with this name and version exists already."
    advice = "Raise the version in service.json, commit, and register again."


class RepositoryUnreadable(AnswerError, ValueError):
    """The middleware could not fetch the git repository."""

    description = "The middleware could not fetch the git repository."
    advice = "Check that the middleware's machine can reach the repository and that the branch, tag or commit exists."


class DescriptorUnreadable(AnswerError, ValueError):
    """The middleware could not read the repository's service.json."""

    description = "The middleware could not read the repository's service.json."
    advice = "Check that service.json stands at the top of the repository, is valid JSON, and has name, version and shortdesc."


class TicketNotFound(AnswerError, LookupError):
    """There is no such ticket for this user, or its status does not allow this."""

    description = "There is no such ticket for this user, or its status does not allow this."
    advice = "Check the ticket's id and status, and that this is the account that submitted it or provides its service."


class TicketNotClaimed(AnswerError, PermissionError):
    """The ticket has not been claimed by this user."""

    description = "The ticket has not been claimed by this user."
    advice = "Claim the ticket first, with the account that works on it; check the ticket's id."


class TicketDeleted(AnswerError, LookupError):
    """The ticket has been deleted, by its user or by a purge."""

    description = "The ticket has been deleted, by its user or by a purge."
    advice = "Stop working on it; nobody waits for its results."


class StatusRefused(AnswerError, ValueError):
    """The ticket cannot be given this status."""

    description = "The ticket cannot be given this status."
    advice = "A provider sets success or failed; a user sets ready, once, on a new ticket."


class QuotaExceeded(AnswerError, RuntimeError):
    """This user has as many open tickets as the middleware allows."""

    description = "This user has as many open tickets as the middleware allows."
    advice = "Delete tickets that are no longer needed, or ask the administrator for a higher tier."


class FileNotFound(AnswerError, IndexError):
    """The ticket has no file with this index."""

    description = "The ticket has no file with this index."
    advice = "List the ticket's files again; indices shift when files are added or overwritten."


class LogEntryNotFound(AnswerError, LookupError):
    """There is no such log entry for this user."""

    description = "There is no such log entry for this user."
    advice = "Take the id from the log of one's own ticket."


class BlobNotFound(AnswerError, LookupError):
    """There is no such attachment."""

    description = "There is no such attachment."
    advice = "Take the address from the ticket's log; attachments are erased with their ticket."


class BlobErased(BlobNotFound):
    """The attachment was erased with its ticket, which an administrator has brought back since."""

    description = (
        "The attachment was erased with its ticket, which an administrator has brought back since."
    )
    advice = "Take the address of a later attachment from the ticket's log."


class ChunkClash(AnswerError, ValueError):
    """The middleware did not store the progress; most likely two chunks begin at one place."""

    description = (
        "The middleware did not store the progress; most likely two chunks begin at one place."
    )
    advice = "Use the same chunks throughout a ticket, or clear them first by setting progress 0 on the whole range from 0 to 1."


class UploadRefused(AnswerError, ValueError):
    """The middleware found no file that it could store in the upload."""

    description = "The middleware found no file that it could store in the upload."
    advice = "Check the file's name; `.` and `..`, more than 255 bytes, and a `\\` at the end are refused."


class FileNotServable(AnswerError, OSError):
    """The middleware cannot send this file."""

    description = "The middleware cannot send this file."
    advice = "It never can when the name holds characters outside Latin-1 or a newline; ask the user to rename the file."


class MissingParameter(AnswerError, ValueError):
    """The request lacks something that the middleware needs."""

    description = "The request lacks something that the middleware needs."
    advice = "The text of the answer names it."


class OperationNotSupported(AnswerError, NotImplementedError):
    """This middleware does not have the operation."""

    description = "This middleware does not have the operation."
    advice = (
        "Check the server's address; if it is right, the middleware is older than the operation."
    )


class MiddlewareFault(AnswerError, RuntimeError):
    """The middleware failed on this request."""

    description = "The middleware failed on this request."
    advice = "It does so for every missing or malformed parameter, so check the arguments; if they are right, tell the middleware's administrator."


@attrs.frozen(eq=False, repr=False)
class Failure(Record):
    """A known error of an operation: which answer means it.

    Attributes:
        status: the HTTP status.
        text: the body, with `{field}` for what varies.
        error: the class of the error.
        media_type: what its Content-Type says; empty for none.
        session: whether it means this only when the request carried a session.
        versions: of the middleware, that have it.
    """

    status: int
    text: str
    error: type[AnswerError]
    media_type: str = ""
    session: bool = False
    versions: tuple[Dialect, ...] = tuple(Dialect)

    def means(self, status: int, text: str, carried_session: bool) -> bool:
        """Whether an answer is this failure."""
        return (
            status == self.status
            and (carried_session or not self.session)
            and pattern(self.text.strip()).fullmatch(text.strip()) is not None
        )
