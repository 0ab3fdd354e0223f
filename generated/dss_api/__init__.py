# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""ITK-SNAP Distributed Segmentation Service (DSS) middleware: its contract as typed Python.

`DssApi(transport)` has one method for each operation, in groups:

* `api.session`: Operations to sign in and out.
* `api.user`: Operations for users, who submit tickets and fetch their results.
* `api.provider`: Operations for providers of services, who claim tickets and process them.
* `api.admin`: Operations for system administrators. Other users are refused.

Times are aware `datetime`, durations `timedelta`, tables lists of frozen classes. Every error is a
`DssError`.
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
    from dss_wire.files import Body, Download, Upload
    from dss_wire.operation import FormerPath, Operation, OperationRequest
    from dss_wire.transport import Request, Response, Transport

    from .api import DssApi
    from .constants import SESSION_COOKIE, TIERS, TOKEN_PAGE
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
    from .routes import ELSEWHERE, FORMER_PATHS, OPERATIONS
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
    # These are imported when first used because importing them takes long.
    _HOMES = {
        "DssApi": ".api",
        "Urllib3Transport": ".urllib3_transport",
        **dict.fromkeys(("SESSION_COOKIE", "TIERS", "TOKEN_PAGE"), ".constants"),
        **dict.fromkeys(("ELSEWHERE", "FORMER_PATHS", "OPERATIONS"), ".routes"),
        **dict.fromkeys(("Body", "Download", "Upload"), "dss_wire.files"),
        **dict.fromkeys(("FormerPath", "Operation", "OperationRequest"), "dss_wire.operation"),
        **dict.fromkeys(("Request", "Response", "Transport"), "dss_wire.transport"),
        **dict.fromkeys(
            (
                "Account",
                "Service",
                "ServiceDescriptor",
                "ServiceTag",
                "ServiceStats",
                "Ticket",
                "SubmittedTicket",
                "Claim",
                "TicketFile",
                "LogEntry",
                "DetailedLogEntry",
                "Attachment",
                "TicketDetail",
                "ProvidedService",
                "AvailableService",
                "Provider",
                "ProviderUser",
                "ProviderMembership",
            ),
            ".models",
        ),
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_HOMES[name], __name__), name)
        globals()[name] = value  # the next access does not call this function
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
