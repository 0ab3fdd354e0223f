# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""ITK-SNAP Distributed Segmentation Service (DSS) middleware: its contract as typed Python.

`DssApi(transport)` has one method for each operation, in groups:

* `api.session`: Signing in and out.
* `api.user`: What a user of the service does, submitting tickets and fetching their results.
* `api.provider`: What a provider of services does, claiming tickets and processing them.
* `api.admin`: What a system administrator does. Everybody else is refused.

Times are aware `datetime`, durations `timedelta`, tables lists of frozen classes. Whatever goes
wrong is a `DssError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .enums import Dialect, FileArea, LogCategory, PurgeScope, TicketStatus
from .errors import (
    AnswerCutShort,
    AnswerError,
    AnswerTimeout,
    AnswerUnusable,
    BlobErased,
    BlobNotFound,
    ChunkClash,
    ClientClosed,
    DescriptorUnreadable,
    DssError,
    EncryptionFailed,
    FileNotFound,
    FileNotServable,
    InvalidToken,
    LastingFailure,
    LogEntryNotFound,
    MiddlewareFault,
    MiddlewareUnavailable,
    MissingParameter,
    NotAnAdministrator,
    NotAProvider,
    NotLoggedIn,
    OperationNotSupported,
    OutcomeUnknown,
    ProxyPage,
    ProxyRefused,
    QuotaExceeded,
    Redirected,
    RepositoryUnreadable,
    ServerNotTrusted,
    ServiceExists,
    ServiceNotFound,
    SessionExpired,
    StatusRefused,
    TermsNotAccepted,
    TicketDeleted,
    TicketNotClaimed,
    TicketNotFound,
    TransportError,
    UnexpectedAnswer,
    UploadChanged,
    UploadRefused,
    UploadTooLarge,
    UserNotFound,
)

if TYPE_CHECKING:
    from .api import DssApi
    from .constants import TIERS
    from .models import (
        Account,
        Attachment,
        AvailableService,
        Claim,
        DetailedLogEntry,
        LogEntry,
        ProvidedService,
        Provider,
        ProviderMembership,
        ProviderUser,
        Service,
        ServiceDescriptor,
        ServiceStats,
        ServiceTag,
        SubmittedTicket,
        Ticket,
        TicketDetail,
        TicketFile,
    )
    from .operation import FormerPath, Operation, OperationRequest
    from .routes import ELSEWHERE, FORMER_PATHS, OPERATIONS
    from .transport import (
        SESSION_COOKIE,
        TOKEN_PAGE,
        Body,
        Download,
        Request,
        Response,
        Transport,
        Upload,
    )
    from .urllib3_transport import Urllib3Transport

__all__ = [
    "ELSEWHERE",
    "FORMER_PATHS",
    "OPERATIONS",
    "SESSION_COOKIE",
    "TIERS",
    "TOKEN_PAGE",
    "Account",
    "AnswerCutShort",
    "AnswerError",
    "AnswerTimeout",
    "AnswerUnusable",
    "Attachment",
    "AvailableService",
    "BlobErased",
    "BlobNotFound",
    "Body",
    "ChunkClash",
    "Claim",
    "ClientClosed",
    "DescriptorUnreadable",
    "DetailedLogEntry",
    "Dialect",
    "Download",
    "DssApi",
    "DssError",
    "EncryptionFailed",
    "FileArea",
    "FileNotFound",
    "FileNotServable",
    "FormerPath",
    "InvalidToken",
    "LastingFailure",
    "LogCategory",
    "LogEntry",
    "LogEntryNotFound",
    "MiddlewareFault",
    "MiddlewareUnavailable",
    "MissingParameter",
    "NotAProvider",
    "NotAnAdministrator",
    "NotLoggedIn",
    "Operation",
    "OperationNotSupported",
    "OperationRequest",
    "OutcomeUnknown",
    "ProvidedService",
    "Provider",
    "ProviderMembership",
    "ProviderUser",
    "ProxyPage",
    "ProxyRefused",
    "PurgeScope",
    "QuotaExceeded",
    "Redirected",
    "RepositoryUnreadable",
    "Request",
    "Response",
    "ServerNotTrusted",
    "Service",
    "ServiceDescriptor",
    "ServiceExists",
    "ServiceNotFound",
    "ServiceStats",
    "ServiceTag",
    "SessionExpired",
    "StatusRefused",
    "SubmittedTicket",
    "TermsNotAccepted",
    "Ticket",
    "TicketDeleted",
    "TicketDetail",
    "TicketFile",
    "TicketNotClaimed",
    "TicketNotFound",
    "TicketStatus",
    "Transport",
    "TransportError",
    "UnexpectedAnswer",
    "Upload",
    "UploadChanged",
    "UploadRefused",
    "UploadTooLarge",
    "Urllib3Transport",
    "UserNotFound",
]

if not TYPE_CHECKING:
    # What most programs need of this is little, and all of it takes its time to import.
    _HOMES = {
        "DssApi": "api",
        "TIERS": "constants",
        "Account": "models",
        "Service": "models",
        "ServiceDescriptor": "models",
        "ServiceTag": "models",
        "ServiceStats": "models",
        "Ticket": "models",
        "SubmittedTicket": "models",
        "Claim": "models",
        "TicketFile": "models",
        "LogEntry": "models",
        "DetailedLogEntry": "models",
        "Attachment": "models",
        "TicketDetail": "models",
        "ProvidedService": "models",
        "AvailableService": "models",
        "Provider": "models",
        "ProviderUser": "models",
        "ProviderMembership": "models",
        **dict.fromkeys(("FormerPath", "Operation", "OperationRequest"), "operation"),
        **dict.fromkeys(("ELSEWHERE", "FORMER_PATHS", "OPERATIONS"), "routes"),
        **dict.fromkeys(
            ("SESSION_COOKIE", "TOKEN_PAGE", "Body", "Download", "Request"), "transport"
        ),
        **dict.fromkeys(("Response", "Transport", "Upload"), "transport"),
        "Urllib3Transport": "urllib3_transport",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = found  # so that the next one need not ask
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
