"""Tables of the middleware's responses. Empty tables have the same columns and types."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from pandas.api.extensions import ExtensionDtype

    from dss_api import (
        Attachment,
        AvailableService,
        Claim,
        LogEntry,
        ProvidedService,
        Provider,
        ProviderUser,
        Service,
        SubmittedTicket,
        Ticket,
        TicketFile,
        TicketStatus,
    )

TIME_DTYPE = "datetime64[ns, UTC]"
DURATION_DTYPE = "timedelta64[ns]"


def make_provided_service_table(rows: Iterable[ProvidedService]) -> pd.DataFrame:
    """Make a table of a user's services: `service, version, hash, provider`."""
    columns = {"service": "str", "version": "str", "hash": "str", "provider": "str"}
    return _make_table(columns, ((s.name, s.version, s.githash, s.provider) for s in rows))


def make_available_service_table(rows: Iterable[AvailableService]) -> pd.DataFrame:
    """Make a table of services with tickets: `service` (hash), `service_name, ready_tickets`."""
    columns = {"service": "str", "service_name": "str", "ready_tickets": "int64"}
    return _make_table(
        columns, ((s.service_githash, s.service_name, s.ready_tickets) for s in rows)
    )


def make_claim_table(row: Claim) -> pd.DataFrame:
    """Make a table of one claimed ticket: `ticket, service` (hash), `status`."""
    columns = {"ticket": "int64", "service": "str", "status": "str"}
    return _make_table(columns, [(row.id, row.service_githash, str(row.status))])


def make_file_table(rows: Iterable[TicketFile]) -> pd.DataFrame:
    """Make a table of a ticket's files: `index, filename`."""
    columns = {"index": "int64", "filename": "str"}
    return _make_table(columns, ((file.index, file.filename) for file in rows))


def make_claimed_ticket_table(rows: Iterable[tuple[int, TicketStatus]]) -> pd.DataFrame:
    """Make a table of claimed tickets: `ticket, status`."""
    columns = {"ticket": "int64", "status": "str"}
    return _make_table(columns, ((ticket, str(status)) for ticket, status in rows))


def make_service_table(rows: Iterable[Service]) -> pd.DataFrame:
    """Make a table of services: `service, version, hash, shortdesc`."""
    columns = {"service": "str", "version": "str", "hash": "str", "shortdesc": "str"}
    return _make_table(columns, ((s.name, s.version, s.githash, s.shortdesc) for s in rows))


def make_ticket_table(rows: Iterable[Ticket]) -> pd.DataFrame:
    """Make a table of tickets: `ticket, service` (name), `status`."""
    columns = {"ticket": "int64", "service": "str", "status": "str"}
    return _make_table(columns, ((row.id, row.service, str(row.status)) for row in rows))


def make_log_table(rows: Iterable[LogEntry]) -> pd.DataFrame:
    """Make a table of log entries: `log, time` (UTC), `category, attachments, message`."""
    columns = {
        "log": "int64",
        "time": TIME_DTYPE,
        "category": "str",
        "attachments": "int64",
        "message": "str",
    }
    return _make_table(
        columns, ((e.id, e.atime, str(e.category), e.attachments, e.message) for e in rows)
    )


def make_attachment_table(rows: Iterable[tuple[int, Attachment]]) -> pd.DataFrame:
    """Make a table of attachments: `attachment, log, description, mime_type, url`.

    Args:
        rows: pairs of the log entry's id and the attachment.
    """
    columns = {
        "attachment": "int64",
        "log": "int64",
        "description": "str",
        "mime_type": "str",
        "url": "str",
    }
    return _make_table(columns, ((a.id, log, a.description, a.mime_type, a.url) for log, a in rows))


def make_provider_table(rows: Iterable[Provider]) -> pd.DataFrame:
    """Make a table of providers: `provider`."""
    return _make_table({"provider": "str"}, ((row.name,) for row in rows))


def make_provider_user_table(rows: Iterable[ProviderUser]) -> pd.DataFrame:
    """Make a table of a provider's users: `user` (id), `email, admin`."""
    columns = {"user": "int64", "email": "str", "admin": "bool"}
    return _make_table(columns, ((row.id, row.email, row.admin) for row in rows))


def make_submitted_ticket_table(rows: Iterable[SubmittedTicket]) -> pd.DataFrame:
    """Make a table of all users' tickets.

    The columns are `ticket, email, service` (name), `status, duration`.
    """
    columns = {
        "ticket": "int64",
        "email": "str",
        "service": "str",
        "status": "str",
        "duration": DURATION_DTYPE,
    }
    return _make_table(
        columns, ((t.id, t.email, t.service, str(t.status), t.duration) for t in rows)
    )


def _make_table(columns: dict[str, str], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """Make a table.

    Args:
        columns: the type of each column, by the column's name.
        rows: the values of each row, in the order of the columns.
    """
    # Importing pandas takes half a second, which a client without tables saves.
    import pandas as pd  # noqa: PLC0415

    values = list(rows)
    by_column = zip(*values, strict=True) if values else ((),) * len(columns)
    # Each column gets its type here, because converting it afterwards takes six times as long.
    return pd.DataFrame(
        {
            # The stubs of pandas accept only literal types.
            name: pd.array(list(column), dtype=_get_dtype(kind))  # type: ignore[arg-type]
            for (name, kind), column in zip(columns.items(), by_column, strict=True)
        },
        index=pd.RangeIndex(len(values)),
        copy=False,
    )


@cache
def _get_dtype(kind: str) -> np.dtype[np.generic] | ExtensionDtype:
    # Without the cache, pandas searches all registered types for the name each time.
    from pandas.api.types import pandas_dtype  # noqa: PLC0415

    return pandas_dtype(kind)
