"""Answers of the middleware as tables, with the same columns and types even when empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from dss_api import AvailableService, Claim, ProvidedService, TicketFile


def services(rows: Iterable[ProvidedService]) -> pd.DataFrame:
    """Columns `service, version, hash, provider`."""
    columns = {"service": "str", "version": "str", "hash": "str", "provider": "str"}
    return _table(columns, ((s.name, s.version, s.githash, s.provider) for s in rows))


def available_services(rows: Iterable[AvailableService]) -> pd.DataFrame:
    """Columns `service, service_name, ready_tickets`; `service` is the hash."""
    columns = {"service": "str", "service_name": "str", "ready_tickets": "int64"}
    return _table(columns, ((s.service_githash, s.service_name, s.ready_tickets) for s in rows))


def claim(row: Claim) -> pd.DataFrame:
    """One row, columns `ticket, service, status`; `service` is the hash."""
    columns = {"ticket": "int64", "service": "str", "status": "str"}
    return _table(columns, [(row.id, row.service_githash, str(row.status))])


def files(rows: Iterable[TicketFile]) -> pd.DataFrame:
    """Columns `index, filename`."""
    columns = {"index": "int64", "filename": "str"}
    return _table(columns, ((file.index, file.filename) for file in rows))


def _table(columns: dict[str, str], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    # Half a second of import that a client without tables need not pay.
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame(list(rows), columns=list(columns)).astype(columns)
