# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""All errors between this program and the middleware.

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
│   │   └── ClientClosed        the client was closed
│   └── OutcomeUnknown          the request must not be sent twice
├── UploadChanged               the file changed during the upload     (OSError)
└── AnswerError                 the response is not a success
    ├── UnexpectedAnswer        the contract does not know it          (ValueError)
    ├── ProxyPage               a web page instead of the response     (ConnectionError)
    ├── Redirected              the server redirects the request       (ConnectionError)
    ├── MiddlewareUnavailable   502, 503 or 504 from a gateway         (ConnectionError)
    ├── UploadTooLarge          413: the file is too large             (ValueError)
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

Every request can raise a `TransportError`, `UnexpectedAnswer`, `ProxyPage`, `Redirected` or
`MiddlewareUnavailable`, and most requests these:

* `NotLoggedIn`: This needs a signed-in user.
* `SessionExpired`: The session is no longer valid.
* `OperationNotSupported`: This middleware does not have the operation.
* `MiddlewareFault`: The middleware failed on this request.

Each message names the failure and its request, the answer of the other side, and what to do.
Tokens and session cookies are redacted.
"""

from dss_wire.errors import (
    AnswerCutShort,
    AnswerError,
    AnswerTimeout,
    AnswerUnusable,
    ClientClosed,
    DssError,
    EncryptionFailed,
    LastingFailure,
    MiddlewareUnavailable,
    OutcomeUnknown,
    ProxyPage,
    ProxyRefused,
    Redirected,
    ServerNotTrusted,
    TransportError,
    UnexpectedAnswer,
    UploadChanged,
    UploadTooLarge,
)

__all__ = [
    "AnswerCutShort",
    "AnswerError",
    "AnswerTimeout",
    "AnswerUnusable",
    "BlobErased",
    "BlobNotFound",
    "ChunkClash",
    "ClientClosed",
    "DescriptorUnreadable",
    "DssError",
    "EncryptionFailed",
    "FileNotFound",
    "FileNotServable",
    "InvalidToken",
    "LastingFailure",
    "LogEntryNotFound",
    "MiddlewareFault",
    "MiddlewareUnavailable",
    "MissingParameter",
    "NotAProvider",
    "NotAnAdministrator",
    "NotLoggedIn",
    "OperationNotSupported",
    "OutcomeUnknown",
    "ProxyPage",
    "ProxyRefused",
    "QuotaExceeded",
    "Redirected",
    "RepositoryUnreadable",
    "ServerNotTrusted",
    "ServiceExists",
    "ServiceNotFound",
    "SessionExpired",
    "StatusRefused",
    "TermsNotAccepted",
    "TicketDeleted",
    "TicketNotClaimed",
    "TicketNotFound",
    "TransportError",
    "UnexpectedAnswer",
    "UploadChanged",
    "UploadRefused",
    "UploadTooLarge",
    "UserNotFound",
]


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
    advice = "A token works only once; fetch a new one from the middleware's page /token and check that it is complete."


class TermsNotAccepted(AnswerError, PermissionError):
    """The middleware gives no token to this session."""

    description = "The middleware gives no token to this session."
    advice = "Sign in and accept the terms of service in a browser, then take the token from the page /token."


class NotAProvider(AnswerError, PermissionError):
    """This user is not a provider of the service."""

    description = "This user is not a provider of the service."
    advice = "Check the hash against the list of provided services, and ask the middleware's administrator to add this user to the provider."


class NotAnAdministrator(AnswerError, PermissionError):
    """This needs a system administrator."""

    description = "This needs a system administrator."
    advice = "Sign in as a system administrator, or ask one."


class UserNotFound(AnswerError, LookupError):
    """The middleware does not know a user with this e-mail address."""

    description = "The middleware does not know a user with this e-mail address."
    advice = "The user must have signed in to the middleware in a browser once; check the spelling."


class ServiceNotFound(AnswerError, LookupError):
    """The middleware does not have this service."""

    description = "The middleware does not have this service."
    advice = "List the services for their current names and hashes; a new version of a service has a new hash."


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
    advice = "Check that service.json is at the top of the repository, is valid JSON, and has name, version and shortdesc."


class TicketNotFound(AnswerError, LookupError):
    """This user does not have such a ticket, or its status does not allow this."""

    description = "This user does not have such a ticket, or its status does not allow this."
    advice = "Check the ticket's id and status, and that this is the account that submitted it or provides its service."


class TicketNotClaimed(AnswerError, PermissionError):
    """The ticket has not been claimed by this user."""

    description = "The ticket has not been claimed by this user."
    advice = "Claim the ticket first, with the account that works on it; check the ticket's id."


class TicketDeleted(AnswerError, LookupError):
    """The ticket has been deleted, by its user or by a purge."""

    description = "The ticket has been deleted, by its user or by a purge."
    advice = "Stop working on it; its results are not wanted."


class StatusRefused(AnswerError, ValueError):
    """The ticket cannot get this status."""

    description = "The ticket cannot get this status."
    advice = "A provider sets success or failed; a user sets ready, once, on a new ticket."


class QuotaExceeded(AnswerError, RuntimeError):
    """This user has as many open tickets as the middleware allows."""

    description = "This user has as many open tickets as the middleware allows."
    advice = "Delete tickets that are no longer needed, or ask the administrator for a higher tier."


class FileNotFound(AnswerError, IndexError):
    """The ticket does not have a file with this index."""

    description = "The ticket does not have a file with this index."
    advice = "List the ticket's files again; indices shift when files are added or overwritten."


class LogEntryNotFound(AnswerError, LookupError):
    """This user does not have such a log entry."""

    description = "This user does not have such a log entry."
    advice = "Take the id from the log of a ticket of this user."


class BlobNotFound(AnswerError, LookupError):
    """The attachment does not exist."""

    description = "The attachment does not exist."
    advice = "Take the address from the ticket's log; attachments are erased with their ticket."


class BlobErased(BlobNotFound):
    """The attachment was erased with its ticket, which an administrator restored later."""

    description = (
        "The attachment was erased with its ticket, which an administrator restored later."
    )
    advice = "Take the address of a later attachment from the ticket's log."


class ChunkClash(AnswerError, ValueError):
    """The middleware did not store the progress; probably two chunks have the same start."""

    description = (
        "The middleware did not store the progress; probably two chunks have the same start."
    )
    advice = "Use the same chunks throughout a ticket, or clear them first by setting progress 0 on the whole range from 0 to 1."


class UploadRefused(AnswerError, ValueError):
    """The upload does not contain a file that the middleware can store."""

    description = "The upload does not contain a file that the middleware can store."
    advice = "Check the file's name; `.` and `..`, more than 255 bytes, and a `\\` at the end are refused."


class FileNotServable(AnswerError, OSError):
    """The middleware cannot send this file."""

    description = "The middleware cannot send this file."
    advice = "The file's name may contain a newline or characters outside Latin-1. Ask the sender of the file to rename it."


class MissingParameter(AnswerError, ValueError):
    """The request lacks a parameter that the middleware needs."""

    description = "The request lacks a parameter that the middleware needs."
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
    advice = "It fails on every missing or malformed parameter. Check the arguments; if they are right, tell the middleware's administrator."
    leaves_outcome_unknown = True
