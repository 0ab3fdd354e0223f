# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""What each operation is asked with."""

from __future__ import annotations

import attrs

from .enums import FileArea, LogCategory, PurgeScope, TicketStatus
from .operation import OperationRequest
from .transport import Upload
from .wire import PLACE, WIRE_NAME


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LoginRequest(OperationRequest):
    """What `login` is asked with."""

    token: str = attrs.field(repr=False, metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetLoginRequest(OperationRequest):
    """What `get_login` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTokenRequest(OperationRequest):
    """What `get_token` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LogoutRequest(OperationRequest):
    """What `logout` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListServicesRequest(OperationRequest):
    """What `list_services` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetServiceDetailRequest(OperationRequest):
    """What `get_service_detail` is asked with."""

    githash: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetServiceStatsRequest(OperationRequest):
    """What `get_service_stats` is asked with."""

    githash: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListTicketsRequest(OperationRequest):
    """What `list_tickets` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CreateTicketRequest(OperationRequest):
    """What `create_ticket` is asked with."""

    githash: str | None = attrs.field(default=None, metadata={PLACE: "form"})
    name: str | None = attrs.field(default=None, metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListTicketFilesRequest(OperationRequest):
    """What `list_ticket_files` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class UploadTicketFileRequest(OperationRequest):
    """What `upload_ticket_file` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})
    file: Upload = attrs.field(metadata={PLACE: "file", WIRE_NAME: "myfile"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadTicketFileRequest(OperationRequest):
    """What `download_ticket_file` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})
    index: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketStatusRequest(OperationRequest):
    """What `get_ticket_status` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetTicketStatusRequest(OperationRequest):
    """What `set_ticket_status` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    status: TicketStatus = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketLogRequest(OperationRequest):
    """What `get_ticket_log` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    since: int | None = attrs.field(default=None, metadata={PLACE: "query"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListLogAttachmentsRequest(OperationRequest):
    """What `list_log_attachments` is asked with."""

    log_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketDetailRequest(OperationRequest):
    """What `get_ticket_detail` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    since: int | None = attrs.field(default=None, metadata={PLACE: "query"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetTicketProgressRequest(OperationRequest):
    """What `get_ticket_progress` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetQueuePositionRequest(OperationRequest):
    """What `get_queue_position` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DeleteTicketRequest(OperationRequest):
    """What `delete_ticket` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryTicketRequest(OperationRequest):
    """What `retry_ticket` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadBlobRequest(OperationRequest):
    """What `download_blob` is asked with."""

    blob: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProvidedServicesRequest(OperationRequest):
    """What `list_provided_services` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ClaimTicketRequest(OperationRequest):
    """What `claim_ticket` is asked with."""

    services: tuple[str, ...] = attrs.field(metadata={PLACE: "form"})
    provider: str = attrs.field(metadata={PLACE: "form"})
    code: str = attrs.field(default="default", metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListAvailableServicesRequest(OperationRequest):
    """What `list_available_services` is asked with."""

    services: tuple[str, ...] = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ClaimServiceTicketRequest(OperationRequest):
    """What `claim_service_ticket` is asked with."""

    githash: str = attrs.field(metadata={PLACE: "path"})
    provider: str = attrs.field(metadata={PLACE: "form"})
    code: str = attrs.field(default="default", metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListServiceClaimsRequest(OperationRequest):
    """What `list_service_claims` is asked with."""

    githash: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListClaimedTicketFilesRequest(OperationRequest):
    """What `list_claimed_ticket_files` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class UploadClaimedTicketFileRequest(OperationRequest):
    """What `upload_claimed_ticket_file` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})
    file: Upload = attrs.field(metadata={PLACE: "file", WIRE_NAME: "myfile"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DownloadClaimedTicketFileRequest(OperationRequest):
    """What `download_claimed_ticket_file` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    area: FileArea = attrs.field(metadata={PLACE: "path"})
    index: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetClaimedTicketStatusRequest(OperationRequest):
    """What `get_claimed_ticket_status` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetClaimedTicketStatusRequest(OperationRequest):
    """What `set_claimed_ticket_status` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    status: TicketStatus = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LogMessageRequest(OperationRequest):
    """What `log_message` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    category: LogCategory = attrs.field(metadata={PLACE: "path"})
    message: str = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AttachFileRequest(OperationRequest):
    """What `attach_file` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    desc: str = attrs.field(metadata={PLACE: "form"})
    file: Upload = attrs.field(metadata={PLACE: "file", WIRE_NAME: "myfile"})
    mime_type: str | None = attrs.field(default=None, metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GetClaimedTicketProgressRequest(OperationRequest):
    """What `get_claimed_ticket_progress` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetProgressRequest(OperationRequest):
    """What `set_progress` is asked with."""

    ticket_id: int = attrs.field(metadata={PLACE: "path"})
    chunk_start: float = attrs.field(metadata={PLACE: "form"})
    chunk_end: float = attrs.field(metadata={PLACE: "form"})
    progress: float = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProvidersRequest(OperationRequest):
    """What `list_providers` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CreateProviderRequest(OperationRequest):
    """What `create_provider` is asked with."""

    name: str = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DeleteProviderRequest(OperationRequest):
    """What `delete_provider` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProviderUsersRequest(OperationRequest):
    """What `list_provider_users` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AddProviderUserRequest(OperationRequest):
    """What `add_provider_user` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})
    email: str = attrs.field(metadata={PLACE: "form"})
    admin: bool | None = attrs.field(default=None, metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RemoveProviderUserRequest(OperationRequest):
    """What `remove_provider_user` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})
    user_id: int = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListProviderServicesRequest(OperationRequest):
    """What `list_provider_services` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RegisterServiceRequest(OperationRequest):
    """What `register_service` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})
    repo: str = attrs.field(metadata={PLACE: "form"})
    ref: str = attrs.field(metadata={PLACE: "form"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RemoveProviderServiceRequest(OperationRequest):
    """What `remove_provider_service` is asked with."""

    provider: str = attrs.field(metadata={PLACE: "path"})
    githash: str = attrs.field(metadata={PLACE: "path"})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ListAllTicketsRequest(OperationRequest):
    """What `list_all_tickets` is asked with."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PurgeTicketsRequest(OperationRequest):
    """What `purge_tickets` is asked with."""

    scope: PurgeScope = attrs.field(metadata={PLACE: "path"})
    days: float | None = attrs.field(default=None, metadata={PLACE: "form"})
    hours: float | None = attrs.field(default=None, metadata={PLACE: "form"})
