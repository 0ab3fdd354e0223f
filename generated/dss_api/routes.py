# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Table of routes: every operation with its request, its answers and its errors."""

from __future__ import annotations

from functools import partial

from dss_wire.files import Download
from dss_wire.forms import (
    Constant,
    CsvRow,
    CsvTable,
    Empty,
    File,
    JsonObject,
    JsonRow,
    Never,
    Nothing,
    OneOf,
    Text,
    make_row,
    make_table,
)
from dss_wire.operation import Failure, FormerPath, Operation, OperationRequest

from . import errors, models, requests
from .contract import CONTRACT
from .enums import ALL_VERSIONS, Dialect, TicketStatus

_failure = partial(Failure, versions=ALL_VERSIONS)
"""A failure that all versions of the middleware have, unless `versions` is given."""

_NOT_LOGGED_IN = (
    _failure(401, "You are not logged in!", errors.SessionExpired, session=True),
    _failure(401, "You are not logged in!", errors.NotLoggedIn),
)
_NOT_A_PROVIDER = (
    _failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
    _failure(401, "You are not logged in!", errors.SessionExpired, session=True),
    _failure(401, "You are not logged in!", errors.NotLoggedIn),
)
_NOT_AN_ADMINISTRATOR = (
    _failure(401, "Insufficient privileges", errors.NotAnAdministrator),
    _failure(401, "You are not logged in!", errors.SessionExpired, session=True),
    _failure(401, "You are not logged in!", errors.NotLoggedIn),
)
_SERVICE_REFUSED = (_failure(400, "Service {githash} is not available", errors.ServiceNotFound),)
_TICKET_REFUSED = (
    _failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
)
_CLAIM_REFUSED = (
    _failure(
        400, "Ticket {ticket_id} has not been claimed by user {user_id}", errors.TicketNotClaimed
    ),
    _failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
)
_NOT_FOUND = (
    _failure(404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"),
)
_METHOD_NOT_ALLOWED = (
    _failure(405, "method not allowed", errors.OperationNotSupported, media_type="text/html"),
)
_NO_SUCH_INDEX = (
    _failure(500, "internal server error", errors.FileNotFound, media_type="text/html"),
    _failure(500, "", errors.FileNotServable, media_type="text/plain"),
)
_FAULT = (_failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),)

LOGIN: Operation[requests.LoginRequest, models.Account] = Operation(
    contract=CONTRACT,
    name="login",
    group="session",
    route="POST /api/login",
    request=requests.LoginRequest,
    form=("token",),
    answer=OneOf(
        200,
        (
            JsonObject(models.Account, untyped=True),
            Text(models.Account, template="logged in as {email} \n"),
        ),
    ),
    failures=(
        _failure(401, "unauthorized", errors.InvalidToken, media_type="text/html"),
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeat_effect="the second request is refused because the first spent the token",
    when_unknown="The token may be spent. Try it once more; if it is refused, take a new one from the middleware's page /token.",
    needs_session=False,
    format_parameter="format",
)

GET_LOGIN: Operation[requests.GetLoginRequest, models.Account] = Operation(
    contract=CONTRACT,
    name="get_login",
    group="session",
    route="GET /api/login",
    request=requests.GetLoginRequest,
    answer=OneOf(
        200,
        (
            JsonObject(models.Account, untyped=True),
            Text(models.Account, template="logged in as {email} \n"),
        ),
    ),
    failures=(*_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

GET_TOKEN: Operation[requests.GetTokenRequest, str] = Operation(
    contract=CONTRACT,
    name="get_token",
    group="session",
    route="GET /api/token",
    request=requests.GetTokenRequest,
    answer=OneOf(200, (Text(str),)),
    failures=(_failure(401, "Unauthorized access", errors.TermsNotAccepted), *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="the same token is returned until it is used",
    secret=True,
)

LOGOUT: Operation[requests.LogoutRequest, None] = Operation(
    contract=CONTRACT,
    name="logout",
    group="session",
    route="GET /logout",
    request=requests.LogoutRequest,
    answer=Empty(303),
    failures=(*_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="an ended session stays ended",
)

LIST_SERVICES: Operation[requests.ListServicesRequest, list[models.Service]] = Operation(
    contract=CONTRACT,
    name="list_services",
    group="user",
    route="GET /api/services",
    request=requests.ListServicesRequest,
    answer=make_table(200, models.Service, ("name", "githash", "version", "shortdesc")),
    failures=(*_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

GET_SERVICE_DETAIL: Operation[requests.GetServiceDetailRequest, models.ServiceDescriptor] = (
    Operation(
        contract=CONTRACT,
        name="get_service_detail",
        group="user",
        route="GET /api/services/{githash:[a-f0-9]+}/detail",
        request=requests.GetServiceDetailRequest,
        answer=OneOf(200, (JsonObject(models.ServiceDescriptor, envelope=False),)),
        failures=(*_SERVICE_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
        repeatable=True,
        repeat_effect="nothing changes",
    )
)

GET_SERVICE_STATS: Operation[requests.GetServiceStatsRequest, models.ServiceStats] = Operation(
    contract=CONTRACT,
    name="get_service_stats",
    group="user",
    route="GET /api/services/{githash:[a-f0-9]+}/stats",
    request=requests.GetServiceStatsRequest,
    answer=make_row(
        200,
        models.ServiceStats,
        ("n_success", "n_failed", "avg_duration", "last_heard_from", "queue_length"),
        orders={
            Dialect.V2020: (
                "queue_length",
                "last_heard_from",
                "avg_duration",
                "n_failed",
                "n_success",
            )
        },
    ),
    failures=(
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        _failure(500, "internal server error", errors.ServiceNotFound, media_type="text/html"),
    ),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

LIST_TICKETS: Operation[requests.ListTicketsRequest, list[models.Ticket]] = Operation(
    contract=CONTRACT,
    name="list_tickets",
    group="user",
    route="GET /api/tickets",
    request=requests.ListTicketsRequest,
    answer=make_table(200, models.Ticket, ("id", "service", "status")),
    failures=(*_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

CREATE_TICKET: Operation[requests.CreateTicketRequest, int] = Operation(
    contract=CONTRACT,
    name="create_ticket",
    group="user",
    route="POST /api/tickets",
    request=requests.CreateTicketRequest,
    form=("githash", "name"),
    answer=OneOf(200, (Text(int),)),
    failures=(
        _failure(
            400,
            "Unable to find service: neither name nor githash specified",
            errors.MissingParameter,
        ),
        _failure(400, "Unable to find service named {name}", errors.ServiceNotFound),
        _failure(
            400,
            "Service {githash} is not available",
            errors.ServiceNotFound,
            versions=(Dialect.V0_2_0,),
        ),
        _failure(
            400, "Maximum allowed number of open tickets ({quota}) exceeded.", errors.QuotaExceeded
        ),
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeat_effect="a second ticket is created",
    when_unknown="A ticket without files may have been created. Look for the newest one with the status `init` in the list of tickets, and use or delete it before creating another.",
    broken="In 2020 an unknown hash is a bare 500.",
)

LIST_TICKET_FILES: Operation[requests.ListTicketFilesRequest, list[models.TicketFile]] = Operation(
    contract=CONTRACT,
    name="list_ticket_files",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/files/{area:input|results}",
    request=requests.ListTicketFilesRequest,
    answer=OneOf(200, (CsvTable(models.TicketFile, ("index", "filename")),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

UPLOAD_TICKET_FILE: Operation[requests.UploadTicketFileRequest, None] = Operation(
    contract=CONTRACT,
    name="upload_ticket_file",
    group="user",
    route=r"POST /api/tickets/{ticket_id:\d+}/files/{area:input|results}",
    request=requests.UploadTicketFileRequest,
    file="file",
    wire_names={"file": "myfile"},
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        _failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        _failure(400, "bad request", errors.UploadRefused, media_type="text/html"),
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeatable=True,
    repeat_effect="the same file is written over itself and moves to the end of the list",
)

DOWNLOAD_TICKET_FILE: Operation[requests.DownloadTicketFileRequest, Download] = Operation(
    contract=CONTRACT,
    name="download_ticket_file",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/files/{area:input|results}/{index:\d+}",
    request=requests.DownloadTicketFileRequest,
    answer=File(200, "application/octet-stream"),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_NO_SUCH_INDEX),
    repeatable=True,
    repeat_effect="nothing changes",
)

GET_TICKET_STATUS: Operation[requests.GetTicketStatusRequest, TicketStatus] = Operation(
    contract=CONTRACT,
    name="get_ticket_status",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/status",
    request=requests.GetTicketStatusRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

SET_TICKET_STATUS: Operation[requests.SetTicketStatusRequest, TicketStatus] = Operation(
    contract=CONTRACT,
    name="set_ticket_status",
    group="user",
    route=r"POST /api/tickets/{ticket_id:\d+}/status",
    request=requests.SetTicketStatusRequest,
    form=("status",),
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(
        _failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        _failure(400, "Changing ticket status to {status} is not supported", errors.StatusRefused),
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeat_effect="the second request is refused because the ticket is not `init` any more",
    when_unknown="Ask for the ticket's status; if it is still `init`, set it again.",
    logs="Ticket received and queued for processing",
)

GET_TICKET_LOG: Operation[requests.GetTicketLogRequest, list[models.LogEntry]] = Operation(
    contract=CONTRACT,
    name="get_ticket_log",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/log",
    request=requests.GetTicketLogRequest,
    query=("since",),
    answer=make_table(
        200,
        models.LogEntry,
        ("id", "atime", "category", "attachments", "message"),
        ascii_in=(Dialect.V2020,),
    ),
    failures=(
        *_TICKET_REFUSED,
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        _failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        _failure(
            500,
            "internal server error",
            errors.MiddlewareFault,
            versions=(Dialect.V2020,),
            media_type="text/csv, text/html",
        ),
    ),
    repeatable=True,
    repeat_effect="nothing changes",
    broken="In 2020 non-ASCII text in the log makes the CSV form a 500; the JSON form works.",
    format_parameter="format",
)

LIST_LOG_ATTACHMENTS: Operation[requests.ListLogAttachmentsRequest, list[models.Attachment]] = (
    Operation(
        contract=CONTRACT,
        name="list_log_attachments",
        group="user",
        route=r"GET /api/tickets/logs/{log_id:\d+}/attachments",
        request=requests.ListLogAttachmentsRequest,
        answer=make_table(200, models.Attachment, ("id", "description", "mime_type", "url")),
        failures=(
            _failure(
                400, "Log entry {log_id} is not readable by user {user_id}", errors.LogEntryNotFound
            ),
            *_NOT_LOGGED_IN,
            *_NOT_FOUND,
            *_FAULT,
        ),
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)

GET_TICKET_DETAIL: Operation[requests.GetTicketDetailRequest, models.TicketDetail] = Operation(
    contract=CONTRACT,
    name="get_ticket_detail",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/detail",
    request=requests.GetTicketDetailRequest,
    query=("since",),
    answer=OneOf(200, (JsonObject(models.TicketDetail),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

GET_TICKET_PROGRESS: Operation[requests.GetTicketProgressRequest, float] = Operation(
    contract=CONTRACT,
    name="get_ticket_progress",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/progress",
    request=requests.GetTicketProgressRequest,
    answer=OneOf(200, (Text(float),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

GET_QUEUE_POSITION: Operation[requests.GetQueuePositionRequest, int] = Operation(
    contract=CONTRACT,
    name="get_queue_position",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/queuepos",
    request=requests.GetQueuePositionRequest,
    answer=OneOf(200, (Text(int),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

DELETE_TICKET: Operation[requests.DeleteTicketRequest, TicketStatus] = Operation(
    contract=CONTRACT,
    name="delete_ticket",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/delete",
    request=requests.DeleteTicketRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="a deleted ticket stays deleted",
)

RETRY_TICKET: Operation[requests.RetryTicketRequest, TicketStatus] = Operation(
    contract=CONTRACT,
    name="retry_ticket",
    group="user",
    route=r"GET /api/tickets/{ticket_id:\d+}/retry",
    request=requests.RetryTicketRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(*_TICKET_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeat_effect="the second request is refused because the ticket is `ready` again",
    when_unknown="Ask for the ticket's status; if it is still `failed`, retry it again.",
    logs="Retrying ticket",
)

DOWNLOAD_BLOB: Operation[requests.DownloadBlobRequest, Download] = Operation(
    contract=CONTRACT,
    name="download_blob",
    group="user",
    route="GET /blobs/{blob:[0-9a-f]{8}|[0-9a-f]{32}}",
    request=requests.DownloadBlobRequest,
    answer=File(200, "*/*"),
    failures=(
        _failure(400, "Resource {blob} not found", errors.BlobNotFound),
        _failure(400, "Resource {blob} not found in directory", errors.BlobErased),
        *_NOT_FOUND,
        _failure(500, "internal server error", errors.BlobNotFound, media_type="text/html"),
        _failure(500, "", errors.FileNotServable, media_type="text/plain"),
    ),
    repeatable=True,
    repeat_effect="nothing changes",
    needs_session=False,
)

LIST_PROVIDED_SERVICES: Operation[
    requests.ListProvidedServicesRequest, list[models.ProvidedService]
] = Operation(
    contract=CONTRACT,
    name="list_provided_services",
    group="provider",
    route="GET /api/pro/services",
    request=requests.ListProvidedServicesRequest,
    answer=make_table(200, models.ProvidedService, ("name", "version", "githash", "provider")),
    failures=(*_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

CLAIM_TICKET: Operation[requests.ClaimTicketRequest, models.Claim | None] = Operation(
    contract=CONTRACT,
    name="claim_ticket",
    group="provider",
    route="POST /api/pro/services/claims",
    request=requests.ClaimTicketRequest,
    form=("services", "provider", "code"),
    answer=OneOf(
        200,
        (
            JsonRow(models.Claim, ("id", "service_githash", "status")),
            CsvRow(models.Claim, ("id", "service_githash", "status")),
            Nothing("None"),
        ),
    ),
    failures=(
        _failure(400, "Missing 'services' parameter", errors.MissingParameter),
        *_NOT_A_PROVIDER,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeat_effect="a second ticket is claimed",
    when_unknown="A ticket may now be claimed by this account although no program works on it. Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets, or ask an administrator which tickets are `claimed`; then work on it, or set it to failed so that its user can retry it.",
    logs="Ticket claimed by provider {provider} instance {code}",
    format_parameter="format",
)

LIST_AVAILABLE_SERVICES: Operation[
    requests.ListAvailableServicesRequest, list[models.AvailableService]
] = Operation(
    contract=CONTRACT,
    name="list_available_services",
    group="provider",
    route="POST /api/pro/services/available",
    request=requests.ListAvailableServicesRequest,
    form=("services",),
    answer=make_table(
        200, models.AvailableService, ("service_githash", "service_name", "ready_tickets")
    ),
    failures=(
        _failure(400, "Missing 'services' parameter", errors.MissingParameter),
        *_NOT_A_PROVIDER,
        *_NOT_FOUND,
        *_FAULT,
    ),
    versions=(Dialect.V0_2_0,),
    repeatable=True,
    repeat_effect="the services count as alive once more",
    format_parameter="format",
)

CLAIM_SERVICE_TICKET: Operation[requests.ClaimServiceTicketRequest, int | None] = Operation(
    contract=CONTRACT,
    name="claim_service_ticket",
    group="provider",
    route="POST /api/pro/services/{githash:[a-f0-9]+}/claims",
    request=requests.ClaimServiceTicketRequest,
    form=("provider", "code"),
    answer=OneOf(200, (Nothing("-1"), Text(int))),
    failures=(*_NOT_A_PROVIDER, *_NOT_FOUND, *_FAULT),
    repeat_effect="a second ticket is claimed",
    when_unknown="A ticket may now be claimed by this account although no program works on it. Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets, or ask an administrator which tickets are `claimed`; then work on it, or set it to failed so that its user can retry it.",
    logs="Ticket claimed by provider {provider} instance {code}",
)

LIST_SERVICE_CLAIMS: Operation[requests.ListServiceClaimsRequest, None] = Operation(
    contract=CONTRACT,
    name="list_service_claims",
    group="provider",
    route="GET /api/pro/services/{githash:[a-f0-9]+}/claims",
    request=requests.ListServiceClaimsRequest,
    answer=Never(None),
    failures=(*_NOT_A_PROVIDER, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    broken="Answers 500 in both versions, for every service and user.",
)

LIST_CLAIMED_TICKET_FILES: Operation[
    requests.ListClaimedTicketFilesRequest, list[models.TicketFile]
] = Operation(
    contract=CONTRACT,
    name="list_claimed_ticket_files",
    group="provider",
    route=r"GET /api/pro/tickets/{ticket_id:\d+}/files/{area:input|results}",
    request=requests.ListClaimedTicketFilesRequest,
    answer=OneOf(200, (CsvTable(models.TicketFile, ("index", "filename")),)),
    failures=(*_CLAIM_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

UPLOAD_CLAIMED_TICKET_FILE: Operation[requests.UploadClaimedTicketFileRequest, None] = Operation(
    contract=CONTRACT,
    name="upload_claimed_ticket_file",
    group="provider",
    route=r"POST /api/pro/tickets/{ticket_id:\d+}/files/{area:input|results}",
    request=requests.UploadClaimedTicketFileRequest,
    file="file",
    wire_names={"file": "myfile"},
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        _failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        _failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        _failure(400, "bad request", errors.UploadRefused, media_type="text/html"),
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeatable=True,
    repeat_effect="the same file is written over itself and moves to the end of the list",
)

DOWNLOAD_CLAIMED_TICKET_FILE: Operation[requests.DownloadClaimedTicketFileRequest, Download] = (
    Operation(
        contract=CONTRACT,
        name="download_claimed_ticket_file",
        group="provider",
        route=r"GET /api/pro/tickets/{ticket_id:\d+}/files/{area:input|results}/{index:\d+}",
        request=requests.DownloadClaimedTicketFileRequest,
        answer=File(200, "application/octet-stream"),
        failures=(*_CLAIM_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_NO_SUCH_INDEX),
        repeatable=True,
        repeat_effect="nothing changes",
    )
)

GET_CLAIMED_TICKET_STATUS: Operation[requests.GetClaimedTicketStatusRequest, TicketStatus] = (
    Operation(
        contract=CONTRACT,
        name="get_claimed_ticket_status",
        group="provider",
        route=r"GET /api/pro/tickets/{ticket_id:\d+}/status",
        request=requests.GetClaimedTicketStatusRequest,
        answer=OneOf(200, (Text(TicketStatus),)),
        failures=(
            _failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
            *_NOT_LOGGED_IN,
            *_NOT_FOUND,
            *_FAULT,
        ),
        repeatable=True,
        repeat_effect="nothing changes",
    )
)

SET_CLAIMED_TICKET_STATUS: Operation[requests.SetClaimedTicketStatusRequest, TicketStatus] = (
    Operation(
        contract=CONTRACT,
        name="set_claimed_ticket_status",
        group="provider",
        route=r"POST /api/pro/tickets/{ticket_id:\d+}/status",
        request=requests.SetClaimedTicketStatusRequest,
        form=("status",),
        answer=OneOf(200, (Text(TicketStatus),)),
        failures=(
            _failure(
                400,
                "Ticket {ticket_id} has not been claimed by user {user_id}",
                errors.TicketNotClaimed,
            ),
            _failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
            _failure(400, "Cannot set status of ticket to {status}", errors.StatusRefused),
            *_NOT_LOGGED_IN,
            *_NOT_FOUND,
            *_FAULT,
        ),
        repeat_effect="the status is counted twice in the service's statistics, and a ticket that its user retried in between is finished once more",
        when_unknown="Ask for the ticket's status; if it is still `claimed`, set it again.",
    )
)

LOG_MESSAGE: Operation[requests.LogMessageRequest, int] = Operation(
    contract=CONTRACT,
    name="log_message",
    group="provider",
    route=r"POST /api/pro/tickets/{ticket_id:\d+}/{category:info|warning|error|log}",
    request=requests.LogMessageRequest,
    form=("message",),
    answer=OneOf(200, (Text(int),)),
    failures=(*_CLAIM_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeat_effect="the message is added to the log twice",
    when_unknown="The message may be in the log or not. Log it again if to have it there twice is better than not at all.",
    broken="The path is routed for the category `log` too, which always answers 500.",
)

ATTACH_FILE: Operation[requests.AttachFileRequest, int] = Operation(
    contract=CONTRACT,
    name="attach_file",
    group="provider",
    route=r"POST /api/pro/tickets/{ticket_id:\d+}/attachments",
    request=requests.AttachFileRequest,
    form=("desc", "mime_type"),
    file="file",
    wire_names={"file": "myfile"},
    answer=OneOf(200, (Text(int),)),
    failures=(*_CLAIM_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeat_effect="the file is attached twice",
    when_unknown="The file may be attached or not. Attach it again if to have it there twice is better than not at all.",
)

GET_CLAIMED_TICKET_PROGRESS: Operation[requests.GetClaimedTicketProgressRequest, float] = Operation(
    contract=CONTRACT,
    name="get_claimed_ticket_progress",
    group="provider",
    route=r"GET /api/pro/tickets/{ticket_id:\d+}/progress",
    request=requests.GetClaimedTicketProgressRequest,
    answer=OneOf(200, (Text(float),)),
    failures=(*_CLAIM_REFUSED, *_NOT_LOGGED_IN, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
)

SET_PROGRESS: Operation[requests.SetProgressRequest, None] = Operation(
    contract=CONTRACT,
    name="set_progress",
    group="provider",
    route=r"POST /api/pro/tickets/{ticket_id:\d+}/progress",
    request=requests.SetProgressRequest,
    form=("chunk_start", "chunk_end", "progress"),
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        *_CLAIM_REFUSED,
        *_NOT_LOGGED_IN,
        *_NOT_FOUND,
        _failure(500, "internal server error", errors.ChunkClash, media_type="text/html"),
    ),
    repeatable=True,
    repeat_effect="the same number is stored again",
    broken="A new chunk that begins where a different one begins is a 500.",
)

LIST_PROVIDERS: Operation[requests.ListProvidersRequest, list[models.Provider]] = Operation(
    contract=CONTRACT,
    name="list_providers",
    group="admin",
    route="GET /api/admin/providers",
    request=requests.ListProvidersRequest,
    answer=make_table(200, models.Provider, ("name",)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)

CREATE_PROVIDER: Operation[requests.CreateProviderRequest, None] = Operation(
    contract=CONTRACT,
    name="create_provider",
    group="admin",
    route="POST /api/admin/providers",
    request=requests.CreateProviderRequest,
    form=("name",),
    answer=OneOf(200, (Constant("success"),)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="an existing provider does not change",
)

DELETE_PROVIDER: Operation[requests.DeleteProviderRequest, None] = Operation(
    contract=CONTRACT,
    name="delete_provider",
    group="admin",
    route=r"GET /api/admin/providers/{provider:[\w-]+}/delete",
    request=requests.DeleteProviderRequest,
    answer=OneOf(200, (Constant("None"),)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="a deleted provider stays deleted",
    broken="In 0.2.0 the provider stays in the list of providers, and its users can still claim.",
)

LIST_PROVIDER_USERS: Operation[requests.ListProviderUsersRequest, list[models.ProviderUser]] = (
    Operation(
        contract=CONTRACT,
        name="list_provider_users",
        group="admin",
        route=r"GET /api/admin/providers/{provider:[\w-]+}/users",
        request=requests.ListProviderUsersRequest,
        answer=make_table(200, models.ProviderUser, ("id", "email", "admin")),
        failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)

ADD_PROVIDER_USER: Operation[requests.AddProviderUserRequest, models.ProviderMembership] = (
    Operation(
        contract=CONTRACT,
        name="add_provider_user",
        group="admin",
        route=r"POST /api/admin/providers/{provider:[\w-]+}/users",
        request=requests.AddProviderUserRequest,
        form=("email", "admin"),
        answer=OneOf(
            200,
            (
                Text(
                    models.ProviderMembership, template="Added user {email} to provider {provider}"
                ),
            ),
        ),
        failures=(
            _failure(401, "Email unrecognized by the system", errors.UserNotFound),
            _failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            _failure(401, "You are not logged in!", errors.NotLoggedIn),
            _failure(401, "Insufficient privileges", errors.NotAnAdministrator),
            *_NOT_FOUND,
            *_FAULT,
        ),
        repeatable=True,
        repeat_effect="an added user stays",
    )
)

REMOVE_PROVIDER_USER: Operation[requests.RemoveProviderUserRequest, None] = Operation(
    contract=CONTRACT,
    name="remove_provider_user",
    group="admin",
    route=r"GET /api/admin/providers/{provider:[\w-]+}/users/{user_id:\d+}/delete",
    request=requests.RemoveProviderUserRequest,
    answer=OneOf(200, (Constant("None"),)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="a removed user stays removed",
)

LIST_PROVIDER_SERVICES: Operation[requests.ListProviderServicesRequest, list[models.Service]] = (
    Operation(
        contract=CONTRACT,
        name="list_provider_services",
        group="admin",
        route=r"GET /api/admin/providers/{provider:[\w-]+}/services",
        request=requests.ListProviderServicesRequest,
        answer=make_table(200, models.Service, ("name", "version", "githash", "shortdesc")),
        failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)

REGISTER_SERVICE: Operation[requests.RegisterServiceRequest, str] = Operation(
    contract=CONTRACT,
    name="register_service",
    group="admin",
    route=r"POST /api/admin/providers/{provider:[\w-]+}/services",
    request=requests.RegisterServiceRequest,
    form=("repo", "ref"),
    answer=OneOf(200, (Text(str, pattern="^[0-9a-f]{40}$"),)),
    failures=(
        _failure(400, "Error fetching Git repository", errors.RepositoryUnreadable),
        _failure(400, "Error parsing service.json file", errors.DescriptorUnreadable),
        _failure(400, "A service with same name and version already exists", errors.ServiceExists),
        *_NOT_AN_ADMINISTRATOR,
        *_NOT_FOUND,
        *_FAULT,
    ),
    repeatable=True,
    repeat_effect="the same commit is registered once",
)

REMOVE_PROVIDER_SERVICE: Operation[requests.RemoveProviderServiceRequest, None] = Operation(
    contract=CONTRACT,
    name="remove_provider_service",
    group="admin",
    route=r"GET /api/admin/providers/{provider:[\w-]+}/services/{githash:[a-f0-9]+}/delete",
    request=requests.RemoveProviderServiceRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="a removed service stays removed",
)

LIST_ALL_TICKETS: Operation[requests.ListAllTicketsRequest, list[models.SubmittedTicket]] = (
    Operation(
        contract=CONTRACT,
        name="list_all_tickets",
        group="admin",
        route="GET /api/admin/tickets",
        request=requests.ListAllTicketsRequest,
        answer=make_table(
            200, models.SubmittedTicket, ("id", "email", "service", "status", "duration")
        ),
        failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)

PURGE_TICKETS: Operation[requests.PurgeTicketsRequest, int] = Operation(
    contract=CONTRACT,
    name="purge_tickets",
    group="admin",
    route="POST /api/admin/tickets/purge/{scope:completed|all}",
    request=requests.PurgeTicketsRequest,
    form=("days", "hours"),
    answer=OneOf(200, (Text(int, template="Purged {} tickets"),)),
    failures=(*_NOT_AN_ADMINISTRATOR, *_NOT_FOUND, *_FAULT),
    repeatable=True,
    repeat_effect="tickets that have reached the age since then are deleted too",
)

OPERATIONS: tuple[Operation[OperationRequest, object], ...] = (
    LOGIN,
    GET_LOGIN,
    GET_TOKEN,
    LOGOUT,
    LIST_SERVICES,
    GET_SERVICE_DETAIL,
    GET_SERVICE_STATS,
    LIST_TICKETS,
    CREATE_TICKET,
    LIST_TICKET_FILES,
    UPLOAD_TICKET_FILE,
    DOWNLOAD_TICKET_FILE,
    GET_TICKET_STATUS,
    SET_TICKET_STATUS,
    GET_TICKET_LOG,
    LIST_LOG_ATTACHMENTS,
    GET_TICKET_DETAIL,
    GET_TICKET_PROGRESS,
    GET_QUEUE_POSITION,
    DELETE_TICKET,
    RETRY_TICKET,
    DOWNLOAD_BLOB,
    LIST_PROVIDED_SERVICES,
    CLAIM_TICKET,
    LIST_AVAILABLE_SERVICES,
    CLAIM_SERVICE_TICKET,
    LIST_SERVICE_CLAIMS,
    LIST_CLAIMED_TICKET_FILES,
    UPLOAD_CLAIMED_TICKET_FILE,
    DOWNLOAD_CLAIMED_TICKET_FILE,
    GET_CLAIMED_TICKET_STATUS,
    SET_CLAIMED_TICKET_STATUS,
    LOG_MESSAGE,
    ATTACH_FILE,
    GET_CLAIMED_TICKET_PROGRESS,
    SET_PROGRESS,
    LIST_PROVIDERS,
    CREATE_PROVIDER,
    DELETE_PROVIDER,
    LIST_PROVIDER_USERS,
    ADD_PROVIDER_USER,
    REMOVE_PROVIDER_USER,
    LIST_PROVIDER_SERVICES,
    REGISTER_SERVICE,
    REMOVE_PROVIDER_SERVICE,
    LIST_ALL_TICKETS,
    PURGE_TICKETS,
)
"""Every operation, in the order of the contract."""

FORMER_PATHS: tuple[FormerPath, ...] = (
    FormerPath(
        route="GET /api/pro/services/{githash:[^/]+}/tickets",
        failures=(*_NOT_A_PROVIDER,),
        versions=(Dialect.V2020,),
    ),
)
"""Paths that only some versions of the middleware route."""

ELSEWHERE: dict[int, Failure] = {
    404: _failure(
        404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
    ),
    405: _failure(405, "method not allowed", errors.OperationNotSupported, media_type="text/html"),
}
"""By status, the answer if no operation matches: 404 for a path, 405 for a method."""
