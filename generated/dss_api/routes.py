# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""The table of routes: every operation, its request, its answers and its errors."""

from __future__ import annotations

import re

from . import errors, models, requests
from .enums import Dialect, TicketStatus
from .errors import Failure
from .forms import (
    Constant,
    CsvRow,
    CsvTable,
    Empty,
    File,
    JsonObject,
    JsonRow,
    JsonTable,
    Never,
    Nothing,
    OneOf,
    Text,
)
from .operation import FormerPath, Operation, OperationRequest
from .transport import Download

LOGIN: Operation[requests.LoginRequest, models.Account] = Operation(
    name="login",
    group="session",
    method="POST",
    path="/api/login",
    regex="/api/login",
    request=requests.LoginRequest,
    answer=OneOf(
        200,
        (
            JsonObject(models.Account, untyped=True),
            Text(models.Account, template="logged in as {email} \n"),
        ),
    ),
    failures=(
        Failure(401, "unauthorized", errors.InvalidToken, media_type="text/html"),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="the second request is refused because the first spent the token",
    when_unknown="The token may be spent. Try it once more; if it is refused, take a new one from the middleware's page /token.",
    needs_session=False,
    format_parameter="format",
)


GET_LOGIN: Operation[requests.GetLoginRequest, models.Account] = Operation(
    name="get_login",
    group="session",
    method="GET",
    path="/api/login",
    regex="/api/login",
    request=requests.GetLoginRequest,
    answer=OneOf(
        200,
        (
            JsonObject(models.Account, untyped=True),
            Text(models.Account, template="logged in as {email} \n"),
        ),
    ),
    failures=(
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


GET_TOKEN: Operation[requests.GetTokenRequest, str] = Operation(
    name="get_token",
    group="session",
    method="GET",
    path="/api/token",
    regex="/api/token",
    request=requests.GetTokenRequest,
    answer=OneOf(200, (Text(str),)),
    failures=(
        Failure(401, "Unauthorized access", errors.TermsNotAccepted),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="the same token is given until it is used",
    secret=True,
)


LOGOUT: Operation[requests.LogoutRequest, None] = Operation(
    name="logout",
    group="session",
    method="GET",
    path="/logout",
    regex="/logout",
    request=requests.LogoutRequest,
    answer=Empty(303),
    failures=(
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a session that has ended stays ended",
)


LIST_SERVICES: Operation[requests.ListServicesRequest, list[models.Service]] = Operation(
    name="list_services",
    group="user",
    method="GET",
    path="/api/services",
    regex="/api/services",
    request=requests.ListServicesRequest,
    answer=OneOf(
        200,
        (
            JsonTable(models.Service, ("name", "githash", "version", "shortdesc")),
            CsvTable(models.Service, ("name", "githash", "version", "shortdesc")),
        ),
    ),
    failures=(
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


GET_SERVICE_DETAIL: Operation[requests.GetServiceDetailRequest, models.ServiceDescriptor] = (
    Operation(
        name="get_service_detail",
        group="user",
        method="GET",
        path="/api/services/{githash}/detail",
        regex="/api/services/(?P<githash>[a-f0-9]+)/detail",
        request=requests.GetServiceDetailRequest,
        answer=OneOf(200, (JsonObject(models.ServiceDescriptor, envelope=False),)),
        failures=(
            Failure(400, "Service {githash} is not available", errors.ServiceNotFound),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
    )
)


GET_SERVICE_STATS: Operation[requests.GetServiceStatsRequest, models.ServiceStats] = Operation(
    name="get_service_stats",
    group="user",
    method="GET",
    path="/api/services/{githash}/stats",
    regex="/api/services/(?P<githash>[a-f0-9]+)/stats",
    request=requests.GetServiceStatsRequest,
    answer=OneOf(
        200,
        (
            JsonRow(
                models.ServiceStats,
                ("n_success", "n_failed", "avg_duration", "last_heard_from", "queue_length"),
            ),
            CsvRow(
                models.ServiceStats,
                ("n_success", "n_failed", "avg_duration", "last_heard_from", "queue_length"),
                orders={
                    Dialect.V2020: (
                        "queue_length",
                        "last_heard_from",
                        "avg_duration",
                        "n_failed",
                        "n_success",
                    ),
                },
            ),
        ),
    ),
    failures=(
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.ServiceNotFound, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


LIST_TICKETS: Operation[requests.ListTicketsRequest, list[models.Ticket]] = Operation(
    name="list_tickets",
    group="user",
    method="GET",
    path="/api/tickets",
    regex="/api/tickets",
    request=requests.ListTicketsRequest,
    answer=OneOf(
        200,
        (
            JsonTable(models.Ticket, ("id", "service", "status")),
            CsvTable(models.Ticket, ("id", "service", "status")),
        ),
    ),
    failures=(
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


CREATE_TICKET: Operation[requests.CreateTicketRequest, int] = Operation(
    name="create_ticket",
    group="user",
    method="POST",
    path="/api/tickets",
    regex="/api/tickets",
    request=requests.CreateTicketRequest,
    answer=OneOf(200, (Text(int),)),
    failures=(
        Failure(
            400,
            "Unable to find service: neither name nor githash specified",
            errors.MissingParameter,
        ),
        Failure(400, "Unable to find service named {name}", errors.ServiceNotFound),
        Failure(
            400,
            "Service {githash} is not available",
            errors.ServiceNotFound,
            versions=(Dialect.V0_2_0,),
        ),
        Failure(
            400, "Maximum allowed number of open tickets ({quota}) exceeded.", errors.QuotaExceeded
        ),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="a second ticket is created",
    when_unknown="A ticket without files may have been created. Look for the newest one with the status `init` in the list of tickets, and use or delete it before creating another.",
    broken="In 2020 an unknown hash is a bare fault.",
)


LIST_TICKET_FILES: Operation[requests.ListTicketFilesRequest, list[models.TicketFile]] = Operation(
    name="list_ticket_files",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/files/{area}",
    regex="/api/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)",
    request=requests.ListTicketFilesRequest,
    answer=OneOf(200, (CsvTable(models.TicketFile, ("index", "filename")),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


UPLOAD_TICKET_FILE: Operation[requests.UploadTicketFileRequest, None] = Operation(
    name="upload_ticket_file",
    group="user",
    method="POST",
    path="/api/tickets/{ticket_id}/files/{area}",
    regex="/api/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)",
    request=requests.UploadTicketFileRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(400, "bad request", errors.UploadRefused, media_type="text/html"),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="the same file is written over itself and moves to the end of the list",
)


DOWNLOAD_TICKET_FILE: Operation[requests.DownloadTicketFileRequest, Download] = Operation(
    name="download_ticket_file",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/files/{area}/{index}",
    regex="/api/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)/(?P<index>\\d+)",
    request=requests.DownloadTicketFileRequest,
    answer=File(200, "application/octet-stream"),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.FileNotFound, media_type="text/html"),
        Failure(500, "", errors.FileNotServable, media_type="text/plain"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


GET_TICKET_STATUS: Operation[requests.GetTicketStatusRequest, TicketStatus] = Operation(
    name="get_ticket_status",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/status",
    regex="/api/tickets/(?P<ticket_id>\\d+)/status",
    request=requests.GetTicketStatusRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


SET_TICKET_STATUS: Operation[requests.SetTicketStatusRequest, TicketStatus] = Operation(
    name="set_ticket_status",
    group="user",
    method="POST",
    path="/api/tickets/{ticket_id}/status",
    regex="/api/tickets/(?P<ticket_id>\\d+)/status",
    request=requests.SetTicketStatusRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(400, "Changing ticket status to {status} is not supported", errors.StatusRefused),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="the second request is refused because the ticket is not `init` any more",
    when_unknown="Ask for the ticket's status; if it is still `init`, set it again.",
    logs="Ticket received and queued for processing",
)


GET_TICKET_LOG: Operation[requests.GetTicketLogRequest, list[models.LogEntry]] = Operation(
    name="get_ticket_log",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/log",
    regex="/api/tickets/(?P<ticket_id>\\d+)/log",
    request=requests.GetTicketLogRequest,
    answer=OneOf(
        200,
        (
            JsonTable(models.LogEntry, ("id", "atime", "category", "attachments", "message")),
            CsvTable(
                models.LogEntry,
                ("id", "atime", "category", "attachments", "message"),
                ascii_in=(Dialect.V2020,),
            ),
        ),
    ),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        Failure(
            500,
            "internal server error",
            errors.MiddlewareFault,
            media_type="text/csv, text/html",
            versions=(Dialect.V2020,),
        ),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    broken="In 2020 non-ASCII text in the log makes the CSV form a 500; the JSON form works.",
    format_parameter="format",
)


LIST_LOG_ATTACHMENTS: Operation[requests.ListLogAttachmentsRequest, list[models.Attachment]] = (
    Operation(
        name="list_log_attachments",
        group="user",
        method="GET",
        path="/api/tickets/logs/{log_id}/attachments",
        regex="/api/tickets/logs/(?P<log_id>\\d+)/attachments",
        request=requests.ListLogAttachmentsRequest,
        answer=OneOf(
            200,
            (
                JsonTable(models.Attachment, ("id", "description", "mime_type", "url")),
                CsvTable(models.Attachment, ("id", "description", "mime_type", "url")),
            ),
        ),
        failures=(
            Failure(
                400, "Log entry {log_id} is not readable by user {user_id}", errors.LogEntryNotFound
            ),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)


GET_TICKET_DETAIL: Operation[requests.GetTicketDetailRequest, models.TicketDetail] = Operation(
    name="get_ticket_detail",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/detail",
    regex="/api/tickets/(?P<ticket_id>\\d+)/detail",
    request=requests.GetTicketDetailRequest,
    answer=OneOf(200, (JsonObject(models.TicketDetail),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


GET_TICKET_PROGRESS: Operation[requests.GetTicketProgressRequest, float] = Operation(
    name="get_ticket_progress",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/progress",
    regex="/api/tickets/(?P<ticket_id>\\d+)/progress",
    request=requests.GetTicketProgressRequest,
    answer=OneOf(200, (Text(float),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


GET_QUEUE_POSITION: Operation[requests.GetQueuePositionRequest, int] = Operation(
    name="get_queue_position",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/queuepos",
    regex="/api/tickets/(?P<ticket_id>\\d+)/queuepos",
    request=requests.GetQueuePositionRequest,
    answer=OneOf(200, (Text(int),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


DELETE_TICKET: Operation[requests.DeleteTicketRequest, TicketStatus] = Operation(
    name="delete_ticket",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/delete",
    regex="/api/tickets/(?P<ticket_id>\\d+)/delete",
    request=requests.DeleteTicketRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a ticket that is deleted stays deleted",
)


RETRY_TICKET: Operation[requests.RetryTicketRequest, TicketStatus] = Operation(
    name="retry_ticket",
    group="user",
    method="GET",
    path="/api/tickets/{ticket_id}/retry",
    regex="/api/tickets/(?P<ticket_id>\\d+)/retry",
    request=requests.RetryTicketRequest,
    answer=OneOf(200, (Text(TicketStatus),)),
    failures=(
        Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="the second request is refused because the ticket is `ready` again",
    when_unknown="Ask for the ticket's status; if it is still `failed`, retry it again.",
    logs="Retrying ticket",
)


DOWNLOAD_BLOB: Operation[requests.DownloadBlobRequest, Download] = Operation(
    name="download_blob",
    group="user",
    method="GET",
    path="/blobs/{blob}",
    regex="/blobs/(?P<blob>[0-9a-f]{8}|[0-9a-f]{32})",
    request=requests.DownloadBlobRequest,
    answer=File(200, "*/*"),
    failures=(
        Failure(400, "Resource {blob} not found", errors.BlobNotFound),
        Failure(400, "Resource {blob} not found in directory", errors.BlobErased),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.BlobNotFound, media_type="text/html"),
        Failure(500, "", errors.FileNotServable, media_type="text/plain"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    needs_session=False,
)


LIST_PROVIDED_SERVICES: Operation[
    requests.ListProvidedServicesRequest, list[models.ProvidedService]
] = Operation(
    name="list_provided_services",
    group="provider",
    method="GET",
    path="/api/pro/services",
    regex="/api/pro/services",
    request=requests.ListProvidedServicesRequest,
    answer=OneOf(
        200,
        (
            JsonTable(models.ProvidedService, ("name", "version", "githash", "provider")),
            CsvTable(models.ProvidedService, ("name", "version", "githash", "provider")),
        ),
    ),
    failures=(
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


CLAIM_TICKET: Operation[requests.ClaimTicketRequest, models.Claim | None] = Operation(
    name="claim_ticket",
    group="provider",
    method="POST",
    path="/api/pro/services/claims",
    regex="/api/pro/services/claims",
    request=requests.ClaimTicketRequest,
    answer=OneOf(
        200,
        (
            JsonRow(models.Claim, ("id", "service_githash", "status")),
            CsvRow(models.Claim, ("id", "service_githash", "status")),
            Nothing("None"),
        ),
    ),
    failures=(
        Failure(400, "Missing 'services' parameter", errors.MissingParameter),
        Failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="a second ticket is claimed",
    when_unknown="A ticket may now be claimed in this account's name, and nobody works on it. Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets, or ask an administrator which tickets are `claimed`; then work on it, or set it to failed so that its user can retry it.",
    logs="Ticket claimed by provider {provider} instance {code}",
    format_parameter="format",
)


LIST_AVAILABLE_SERVICES: Operation[
    requests.ListAvailableServicesRequest, list[models.AvailableService]
] = Operation(
    name="list_available_services",
    group="provider",
    method="POST",
    path="/api/pro/services/available",
    regex="/api/pro/services/available",
    request=requests.ListAvailableServicesRequest,
    answer=OneOf(
        200,
        (
            JsonTable(
                models.AvailableService, ("service_githash", "service_name", "ready_tickets")
            ),
            CsvTable(models.AvailableService, ("service_githash", "service_name", "ready_tickets")),
        ),
    ),
    failures=(
        Failure(400, "Missing 'services' parameter", errors.MissingParameter),
        Failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="0.2.0",
    versions=(Dialect.V0_2_0,),
    repeatable=True,
    repeat_effect="the services count as alive once more",
    format_parameter="format",
)


CLAIM_SERVICE_TICKET: Operation[requests.ClaimServiceTicketRequest, int | None] = Operation(
    name="claim_service_ticket",
    group="provider",
    method="POST",
    path="/api/pro/services/{githash}/claims",
    regex="/api/pro/services/(?P<githash>[a-f0-9]+)/claims",
    request=requests.ClaimServiceTicketRequest,
    answer=OneOf(
        200,
        (
            Nothing("-1"),
            Text(int),
        ),
    ),
    failures=(
        Failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="a second ticket is claimed",
    when_unknown="A ticket may now be claimed in this account's name, and nobody works on it. Look for it with DSSClient.dssp_find_claimed(IDS), around the ids of the last tickets, or ask an administrator which tickets are `claimed`; then work on it, or set it to failed so that its user can retry it.",
    logs="Ticket claimed by provider {provider} instance {code}",
)


LIST_SERVICE_CLAIMS: Operation[requests.ListServiceClaimsRequest, None] = Operation(
    name="list_service_claims",
    group="provider",
    method="GET",
    path="/api/pro/services/{githash}/claims",
    regex="/api/pro/services/(?P<githash>[a-f0-9]+)/claims",
    request=requests.ListServiceClaimsRequest,
    answer=Never(None),
    failures=(
        Failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    broken="Answers 500 in both versions, for every service and user.",
)


LIST_CLAIMED_TICKET_FILES: Operation[
    requests.ListClaimedTicketFilesRequest, list[models.TicketFile]
] = Operation(
    name="list_claimed_ticket_files",
    group="provider",
    method="GET",
    path="/api/pro/tickets/{ticket_id}/files/{area}",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)",
    request=requests.ListClaimedTicketFilesRequest,
    answer=OneOf(200, (CsvTable(models.TicketFile, ("index", "filename")),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


UPLOAD_CLAIMED_TICKET_FILE: Operation[requests.UploadClaimedTicketFileRequest, None] = Operation(
    name="upload_claimed_ticket_file",
    group="provider",
    method="POST",
    path="/api/pro/tickets/{ticket_id}/files/{area}",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)",
    request=requests.UploadClaimedTicketFileRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(400, "bad request", errors.UploadRefused, media_type="text/html"),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="the same file is written over itself and moves to the end of the list",
)


DOWNLOAD_CLAIMED_TICKET_FILE: Operation[requests.DownloadClaimedTicketFileRequest, Download] = (
    Operation(
        name="download_claimed_ticket_file",
        group="provider",
        method="GET",
        path="/api/pro/tickets/{ticket_id}/files/{area}/{index}",
        regex="/api/pro/tickets/(?P<ticket_id>\\d+)/files/(?P<area>input|results)/(?P<index>\\d+)",
        request=requests.DownloadClaimedTicketFileRequest,
        answer=File(200, "application/octet-stream"),
        failures=(
            Failure(
                400,
                "Ticket {ticket_id} has not been claimed by user {user_id}",
                errors.TicketNotClaimed,
            ),
            Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.FileNotFound, media_type="text/html"),
            Failure(500, "", errors.FileNotServable, media_type="text/plain"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
    )
)


GET_CLAIMED_TICKET_STATUS: Operation[requests.GetClaimedTicketStatusRequest, TicketStatus] = (
    Operation(
        name="get_claimed_ticket_status",
        group="provider",
        method="GET",
        path="/api/pro/tickets/{ticket_id}/status",
        regex="/api/pro/tickets/(?P<ticket_id>\\d+)/status",
        request=requests.GetClaimedTicketStatusRequest,
        answer=OneOf(200, (Text(TicketStatus),)),
        failures=(
            Failure(400, "Ticket {ticket_id} not found for user {user_id}", errors.TicketNotFound),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
    )
)


SET_CLAIMED_TICKET_STATUS: Operation[requests.SetClaimedTicketStatusRequest, TicketStatus] = (
    Operation(
        name="set_claimed_ticket_status",
        group="provider",
        method="POST",
        path="/api/pro/tickets/{ticket_id}/status",
        regex="/api/pro/tickets/(?P<ticket_id>\\d+)/status",
        request=requests.SetClaimedTicketStatusRequest,
        answer=OneOf(200, (Text(TicketStatus),)),
        failures=(
            Failure(
                400,
                "Ticket {ticket_id} has not been claimed by user {user_id}",
                errors.TicketNotClaimed,
            ),
            Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
            Failure(400, "Cannot set status of ticket to {status}", errors.StatusRefused),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=False,
        repeat_effect="the status is counted twice in the service's statistics, and a ticket that its user retried in between is finished once more",
        when_unknown="Ask for the ticket's status; if it is still `claimed`, set it again.",
    )
)


LOG_MESSAGE: Operation[requests.LogMessageRequest, int] = Operation(
    name="log_message",
    group="provider",
    method="POST",
    path="/api/pro/tickets/{ticket_id}/{category}",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/(?P<category>info|warning|error|log)",
    request=requests.LogMessageRequest,
    answer=OneOf(200, (Text(int),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="the message stands in the log twice",
    when_unknown="The message may be in the log or not. Log it again if to have it there twice is better than not at all.",
    broken="The path is routed for the category `log` too, which always answers 500.",
)


ATTACH_FILE: Operation[requests.AttachFileRequest, int] = Operation(
    name="attach_file",
    group="provider",
    method="POST",
    path="/api/pro/tickets/{ticket_id}/attachments",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/attachments",
    request=requests.AttachFileRequest,
    answer=OneOf(200, (Text(int),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=False,
    repeat_effect="the file is attached twice",
    when_unknown="The file may be attached or not. Attach it again if to have it there twice is better than not at all.",
)


GET_CLAIMED_TICKET_PROGRESS: Operation[requests.GetClaimedTicketProgressRequest, float] = Operation(
    name="get_claimed_ticket_progress",
    group="provider",
    method="GET",
    path="/api/pro/tickets/{ticket_id}/progress",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/progress",
    request=requests.GetClaimedTicketProgressRequest,
    answer=OneOf(200, (Text(float),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
)


SET_PROGRESS: Operation[requests.SetProgressRequest, None] = Operation(
    name="set_progress",
    group="provider",
    method="POST",
    path="/api/pro/tickets/{ticket_id}/progress",
    regex="/api/pro/tickets/(?P<ticket_id>\\d+)/progress",
    request=requests.SetProgressRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        Failure(
            400,
            "Ticket {ticket_id} has not been claimed by user {user_id}",
            errors.TicketNotClaimed,
        ),
        Failure(400, "Ticket {ticket_id} has been deleted ", errors.TicketDeleted),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.ChunkClash, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="the same number is stored again",
    broken="A new chunk that begins where a different one begins is a 500.",
)


LIST_PROVIDERS: Operation[requests.ListProvidersRequest, list[models.Provider]] = Operation(
    name="list_providers",
    group="admin",
    method="GET",
    path="/api/admin/providers",
    regex="/api/admin/providers",
    request=requests.ListProvidersRequest,
    answer=OneOf(
        200,
        (
            JsonTable(models.Provider, ("name",)),
            CsvTable(models.Provider, ("name",)),
        ),
    ),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="nothing changes",
    format_parameter="format",
)


CREATE_PROVIDER: Operation[requests.CreateProviderRequest, None] = Operation(
    name="create_provider",
    group="admin",
    method="POST",
    path="/api/admin/providers",
    regex="/api/admin/providers",
    request=requests.CreateProviderRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a provider that exists stays as it is",
)


DELETE_PROVIDER: Operation[requests.DeleteProviderRequest, None] = Operation(
    name="delete_provider",
    group="admin",
    method="GET",
    path="/api/admin/providers/{provider}/delete",
    regex="/api/admin/providers/(?P<provider>[\\w-]+)/delete",
    request=requests.DeleteProviderRequest,
    answer=OneOf(200, (Constant("None"),)),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a provider that is gone stays gone",
    broken="In 0.2.0 the provider stays in the list of providers, and its users can still claim.",
)


LIST_PROVIDER_USERS: Operation[requests.ListProviderUsersRequest, list[models.ProviderUser]] = (
    Operation(
        name="list_provider_users",
        group="admin",
        method="GET",
        path="/api/admin/providers/{provider}/users",
        regex="/api/admin/providers/(?P<provider>[\\w-]+)/users",
        request=requests.ListProviderUsersRequest,
        answer=OneOf(
            200,
            (
                JsonTable(models.ProviderUser, ("id", "email", "admin")),
                CsvTable(models.ProviderUser, ("id", "email", "admin")),
            ),
        ),
        failures=(
            Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)


ADD_PROVIDER_USER: Operation[requests.AddProviderUserRequest, models.ProviderMembership] = (
    Operation(
        name="add_provider_user",
        group="admin",
        method="POST",
        path="/api/admin/providers/{provider}/users",
        regex="/api/admin/providers/(?P<provider>[\\w-]+)/users",
        request=requests.AddProviderUserRequest,
        answer=OneOf(
            200,
            (
                Text(
                    models.ProviderMembership, template="Added user {email} to provider {provider}"
                ),
            ),
        ),
        failures=(
            Failure(401, "Email unrecognized by the system", errors.UserNotFound),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="a user who is there stays",
    )
)


REMOVE_PROVIDER_USER: Operation[requests.RemoveProviderUserRequest, None] = Operation(
    name="remove_provider_user",
    group="admin",
    method="GET",
    path="/api/admin/providers/{provider}/users/{user_id}/delete",
    regex="/api/admin/providers/(?P<provider>[\\w-]+)/users/(?P<user_id>\\d+)/delete",
    request=requests.RemoveProviderUserRequest,
    answer=OneOf(200, (Constant("None"),)),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a user who is gone stays gone",
)


LIST_PROVIDER_SERVICES: Operation[requests.ListProviderServicesRequest, list[models.Service]] = (
    Operation(
        name="list_provider_services",
        group="admin",
        method="GET",
        path="/api/admin/providers/{provider}/services",
        regex="/api/admin/providers/(?P<provider>[\\w-]+)/services",
        request=requests.ListProviderServicesRequest,
        answer=OneOf(
            200,
            (
                JsonTable(models.Service, ("name", "version", "githash", "shortdesc")),
                CsvTable(models.Service, ("name", "version", "githash", "shortdesc")),
            ),
        ),
        failures=(
            Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)


REGISTER_SERVICE: Operation[requests.RegisterServiceRequest, str] = Operation(
    name="register_service",
    group="admin",
    method="POST",
    path="/api/admin/providers/{provider}/services",
    regex="/api/admin/providers/(?P<provider>[\\w-]+)/services",
    request=requests.RegisterServiceRequest,
    answer=OneOf(200, (Text(str, pattern="^[0-9a-f]{40}$"),)),
    failures=(
        Failure(400, "Error fetching Git repository", errors.RepositoryUnreadable),
        Failure(400, "Error parsing service.json file", errors.DescriptorUnreadable),
        Failure(400, "A service with same name and version already exists", errors.ServiceExists),
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="the same commit is registered once",
)


REMOVE_PROVIDER_SERVICE: Operation[requests.RemoveProviderServiceRequest, None] = Operation(
    name="remove_provider_service",
    group="admin",
    method="GET",
    path="/api/admin/providers/{provider}/services/{githash}/delete",
    regex="/api/admin/providers/(?P<provider>[\\w-]+)/services/(?P<githash>[a-f0-9]+)/delete",
    request=requests.RemoveProviderServiceRequest,
    answer=OneOf(200, (Constant("success"),)),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="a service that is gone stays gone",
)


LIST_ALL_TICKETS: Operation[requests.ListAllTicketsRequest, list[models.SubmittedTicket]] = (
    Operation(
        name="list_all_tickets",
        group="admin",
        method="GET",
        path="/api/admin/tickets",
        regex="/api/admin/tickets",
        request=requests.ListAllTicketsRequest,
        answer=OneOf(
            200,
            (
                JsonTable(models.SubmittedTicket, ("id", "email", "service", "status", "duration")),
                CsvTable(models.SubmittedTicket, ("id", "email", "service", "status", "duration")),
            ),
        ),
        failures=(
            Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
            Failure(
                404,
                "not found",
                errors.OperationNotSupported,
                media_type="text/html; charset=utf-8",
            ),
            Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
        ),
        since="2020",
        repeatable=True,
        repeat_effect="nothing changes",
        format_parameter="format",
    )
)


PURGE_TICKETS: Operation[requests.PurgeTicketsRequest, int] = Operation(
    name="purge_tickets",
    group="admin",
    method="POST",
    path="/api/admin/tickets/purge/{scope}",
    regex="/api/admin/tickets/purge/(?P<scope>completed|all)",
    request=requests.PurgeTicketsRequest,
    answer=OneOf(200, (Text(int, template="Purged {} tickets"),)),
    failures=(
        Failure(401, "Insufficient privileges", errors.NotAnAdministrator),
        Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
        Failure(401, "You are not logged in!", errors.NotLoggedIn),
        Failure(
            404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
        ),
        Failure(500, "internal server error", errors.MiddlewareFault, media_type="text/html"),
    ),
    since="2020",
    repeatable=True,
    repeat_effect="tickets that grew old meanwhile are deleted too",
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
        method="GET",
        path="/api/pro/services/{githash}/tickets",
        pattern=re.compile("/api/pro/services/(?P<githash>[^/]+)/tickets"),
        failures=(
            Failure(401, "You are not a provider for service {githash} ", errors.NotAProvider),
            Failure(401, "You are not logged in!", errors.SessionExpired, session=True),
            Failure(401, "You are not logged in!", errors.NotLoggedIn),
        ),
        versions=(Dialect.V2020,),
    ),
)
"""What some versions of the middleware route besides."""

ELSEWHERE: dict[int, Failure] = {
    404: Failure(
        404, "not found", errors.OperationNotSupported, media_type="text/html; charset=utf-8"
    ),
    405: Failure(405, "method not allowed", errors.OperationNotSupported, media_type="text/html"),
}
"""What is answered where there is no operation: 404 for a path, 405 for a method."""
