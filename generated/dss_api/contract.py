# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Facts of the contract that the codec needs."""

from dss_wire.operation import Contract
from dss_wire.record_codec import RecordCodec
from dss_wire.scalars import INTEGER_SECONDS, MINUTES, SECONDS

from . import models
from .constants import SESSION_COOKIE
from .enums import ALL_VERSIONS, Dialect

CONTRACT = Contract(
    session_cookie=SESSION_COOKIE,
    versions=ALL_VERSIONS,
    records=RecordCodec(
        durations={
            models.ServiceStats: {"avg_duration": SECONDS, "last_heard_from": INTEGER_SECONDS},
            models.SubmittedTicket: {"duration": MINUTES},
        },
        orders={
            models.Service: {Dialect.V2020: ("shortdesc", "version", "name", "githash")},
            models.ServiceDescriptor: {
                Dialect.V2020: ("name", "tags", "url", "version", "shortdesc", "longdesc")
            },
            models.ServiceTag: {Dialect.V2020: ("required", "type", "name", "hint")},
            models.ServiceStats: {
                Dialect.V2020: (
                    "queue_length",
                    "last_heard_from",
                    "avg_duration",
                    "n_failed",
                    "n_success",
                )
            },
            models.Ticket: {Dialect.V2020: ("status", "id", "service")},
            models.SubmittedTicket: {
                Dialect.V2020: ("status", "duration", "id", "service", "email")
            },
            models.Claim: {Dialect.V2020: ("status", "service_githash", "id")},
            models.LogEntry: {Dialect.V2020: ("category", "message", "atime", "id", "attachments")},
            models.DetailedLogEntry: {
                Dialect.V2020: ("category", "message", "atime", "id", "attachments")
            },
            models.Attachment: {Dialect.V2020: ("url", "id", "mime_type", "description")},
            models.TicketDetail: {Dialect.V2020: ("status", "progress", "log", "queue_position")},
            models.ProvidedService: {Dialect.V2020: ("provider", "version", "name", "githash")},
            models.ProviderUser: {Dialect.V2020: ("admin", "id", "email")},
        },
    ),
)
