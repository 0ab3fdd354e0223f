# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Parameters of the operations."""

from __future__ import annotations

import attrs

from dss_wire.files import Upload
from dss_wire.operation import OperationRequest

from .enums import FileArea, LogCategory, PurgeScope, TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LoginRequest(OperationRequest):
    """Parameters of `login`."""

    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetLoginRequest(OperationRequest):
    """Parameters of `get_login`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTokenRequest(OperationRequest):
    """Parameters of `get_token`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LogoutRequest(OperationRequest):
    """Parameters of `logout`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListServicesRequest(OperationRequest):
    """Parameters of `list_services`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetServiceDetailRequest(OperationRequest):
    """Parameters of `get_service_detail`."""

    githash: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetServiceStatsRequest(OperationRequest):
    """Parameters of `get_service_stats`."""

    githash: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListTicketsRequest(OperationRequest):
    """Parameters of `list_tickets`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CreateTicketRequest(OperationRequest):
    """Parameters of `create_ticket`."""

    githash: str | None = None
    name: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListTicketFilesRequest(OperationRequest):
    """Parameters of `list_ticket_files`."""

    ticket_id: int
    area: FileArea


@attrs.frozen(kw_only=True, eq=False, repr=False)
class UploadTicketFileRequest(OperationRequest):
    """Parameters of `upload_ticket_file`."""

    ticket_id: int
    area: FileArea
    file: Upload


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadTicketFileRequest(OperationRequest):
    """Parameters of `download_ticket_file`."""

    ticket_id: int
    area: FileArea
    index: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketStatusRequest(OperationRequest):
    """Parameters of `get_ticket_status`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetTicketStatusRequest(OperationRequest):
    """Parameters of `set_ticket_status`."""

    ticket_id: int
    status: TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketLogRequest(OperationRequest):
    """Parameters of `get_ticket_log`."""

    ticket_id: int
    since: int | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListLogAttachmentsRequest(OperationRequest):
    """Parameters of `list_log_attachments`."""

    log_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketDetailRequest(OperationRequest):
    """Parameters of `get_ticket_detail`."""

    ticket_id: int
    since: int | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketProgressRequest(OperationRequest):
    """Parameters of `get_ticket_progress`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetQueuePositionRequest(OperationRequest):
    """Parameters of `get_queue_position`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DeleteTicketRequest(OperationRequest):
    """Parameters of `delete_ticket`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryTicketRequest(OperationRequest):
    """Parameters of `retry_ticket`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadBlobRequest(OperationRequest):
    """Parameters of `download_blob`."""

    blob: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProvidedServicesRequest(OperationRequest):
    """Parameters of `list_provided_services`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ClaimTicketRequest(OperationRequest):
    """Parameters of `claim_ticket`."""

    services: tuple[str, ...]
    provider: str
    code: str = "default"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListAvailableServicesRequest(OperationRequest):
    """Parameters of `list_available_services`."""

    services: tuple[str, ...]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ClaimServiceTicketRequest(OperationRequest):
    """Parameters of `claim_service_ticket`."""

    githash: str
    provider: str
    code: str = "default"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListServiceClaimsRequest(OperationRequest):
    """Parameters of `list_service_claims`."""

    githash: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListClaimedTicketFilesRequest(OperationRequest):
    """Parameters of `list_claimed_ticket_files`."""

    ticket_id: int
    area: FileArea


@attrs.frozen(kw_only=True, eq=False, repr=False)
class UploadClaimedTicketFileRequest(OperationRequest):
    """Parameters of `upload_claimed_ticket_file`."""

    ticket_id: int
    area: FileArea
    file: Upload


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadClaimedTicketFileRequest(OperationRequest):
    """Parameters of `download_claimed_ticket_file`."""

    ticket_id: int
    area: FileArea
    index: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetClaimedTicketStatusRequest(OperationRequest):
    """Parameters of `get_claimed_ticket_status`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetClaimedTicketStatusRequest(OperationRequest):
    """Parameters of `set_claimed_ticket_status`."""

    ticket_id: int
    status: TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LogMessageRequest(OperationRequest):
    """Parameters of `log_message`."""

    ticket_id: int
    category: LogCategory
    message: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AttachFileRequest(OperationRequest):
    """Parameters of `attach_file`."""

    ticket_id: int
    desc: str
    file: Upload
    mime_type: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetClaimedTicketProgressRequest(OperationRequest):
    """Parameters of `get_claimed_ticket_progress`."""

    ticket_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetProgressRequest(OperationRequest):
    """Parameters of `set_progress`."""

    ticket_id: int
    chunk_start: float
    chunk_end: float
    progress: float


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProvidersRequest(OperationRequest):
    """Parameters of `list_providers`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CreateProviderRequest(OperationRequest):
    """Parameters of `create_provider`."""

    name: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DeleteProviderRequest(OperationRequest):
    """Parameters of `delete_provider`."""

    provider: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProviderUsersRequest(OperationRequest):
    """Parameters of `list_provider_users`."""

    provider: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AddProviderUserRequest(OperationRequest):
    """Parameters of `add_provider_user`."""

    provider: str
    email: str
    admin: bool | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RemoveProviderUserRequest(OperationRequest):
    """Parameters of `remove_provider_user`."""

    provider: str
    user_id: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProviderServicesRequest(OperationRequest):
    """Parameters of `list_provider_services`."""

    provider: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RegisterServiceRequest(OperationRequest):
    """Parameters of `register_service`."""

    provider: str
    repo: str
    ref: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RemoveProviderServiceRequest(OperationRequest):
    """Parameters of `remove_provider_service`."""

    provider: str
    githash: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListAllTicketsRequest(OperationRequest):
    """Parameters of `list_all_tickets`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PurgeTicketsRequest(OperationRequest):
    """Parameters of `purge_tickets`."""

    scope: PurgeScope
    days: float | None = None
    hours: float | None = None
