"""Answers of the middleware as tables, with the same columns and types even when empty."""

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
    """Columns `service, version, hash, provider`."""
    columns = {"service": "str", "version": "str", "hash": "str", "provider": "str"}
    return _make_table(columns, ((s.name, s.version, s.githash, s.provider) for s in rows))


def make_available_service_table(rows: Iterable[AvailableService]) -> pd.DataFrame:
    """Columns `service, service_name, ready_tickets`; `service` is the hash."""
    columns = {"service": "str", "service_name": "str", "ready_tickets": "int64"}
    return _make_table(
        columns, ((s.service_githash, s.service_name, s.ready_tickets) for s in rows)
    )


def make_claim_table(row: Claim) -> pd.DataFrame:
    """One row, columns `ticket, service, status`; `service` is the hash."""
    columns = {"ticket": "int64", "service": "str", "status": "str"}
    return _make_table(columns, [(row.id, row.service_githash, str(row.status))])


def make_file_table(rows: Iterable[TicketFile]) -> pd.DataFrame:
    """Columns `index, filename`."""
    columns = {"index": "int64", "filename": "str"}
    return _make_table(columns, ((file.index, file.filename) for file in rows))


def make_claimed_ticket_table(rows: Iterable[tuple[int, TicketStatus]]) -> pd.DataFrame:
    """Columns `ticket, status`."""
    columns = {"ticket": "int64", "status": "str"}
    return _make_table(columns, ((ticket, str(status)) for ticket, status in rows))


def make_service_table(rows: Iterable[Service]) -> pd.DataFrame:
    """Columns `service, version, hash, shortdesc`."""
    columns = {"service": "str", "version": "str", "hash": "str", "shortdesc": "str"}
    return _make_table(columns, ((s.name, s.version, s.githash, s.shortdesc) for s in rows))


def make_ticket_table(rows: Iterable[Ticket]) -> pd.DataFrame:
    """Columns `ticket, service, status`; `service` is the name."""
    columns = {"ticket": "int64", "service": "str", "status": "str"}
    return _make_table(columns, ((row.id, row.service, str(row.status)) for row in rows))


def make_log_table(rows: Iterable[LogEntry]) -> pd.DataFrame:
    """Columns `log, time, category, attachments, message`; `time` is UTC."""
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
    """Columns `attachment, log, description, mime_type, url`, of pairs with the log entry's id."""
    columns = {
        "attachment": "int64",
        "log": "int64",
        "description": "str",
        "mime_type": "str",
        "url": "str",
    }
    return _make_table(columns, ((a.id, log, a.description, a.mime_type, a.url) for log, a in rows))


def make_provider_table(rows: Iterable[Provider]) -> pd.DataFrame:
    """Column `provider`."""
    return _make_table({"provider": "str"}, ((row.name,) for row in rows))


def make_provider_user_table(rows: Iterable[ProviderUser]) -> pd.DataFrame:
    """Columns `user, email, admin`; `user` is the id."""
    columns = {"user": "int64", "email": "str", "admin": "bool"}
    return _make_table(columns, ((row.id, row.email, row.admin) for row in rows))


def make_submitted_ticket_table(rows: Iterable[SubmittedTicket]) -> pd.DataFrame:
    """Columns `ticket, email, service, status, duration`; `service` is the name."""
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
    # Half a second of import that a client without tables need not pay.
    import pandas as pd  # noqa: PLC0415

    found = list(rows)
    values = zip(*found, strict=True) if found else ((),) * len(columns)
    # Each with its type at once: to convert them afterwards takes pandas six times as long.
    return pd.DataFrame(
        {
            # The stubs only know the types that stand there as such.
            name: pd.array(list(column), dtype=_get_dtype(kind))  # type: ignore[arg-type]
            for (name, kind), column in zip(columns.items(), values, strict=True)
        },
        index=pd.RangeIndex(len(found)),
        copy=False,
    )


@cache
def _get_dtype(kind: str) -> np.dtype[np.generic] | ExtensionDtype:
    # The name alone is looked for among all types that anybody has registered, every time.
    from pandas.api.types import pandas_dtype  # noqa: PLC0415

    return pandas_dtype(kind)
