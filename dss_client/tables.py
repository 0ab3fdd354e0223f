"""Answers of the middleware as tables, with the same columns and types even when empty."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from pandas.api.extensions import ExtensionDtype

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

    found = list(rows)
    values = zip(*found, strict=True) if found else ((),) * len(columns)
    # Each with its type at once: to convert them afterwards takes pandas six times as long.
    return pd.DataFrame(
        {
            # The stubs only know the types that stand there as such.
            name: pd.array(list(column), dtype=_dtype(kind))  # type: ignore[arg-type]
            for (name, kind), column in zip(columns.items(), values, strict=True)
        },
        index=pd.RangeIndex(len(found)),
        copy=False,
    )


@cache
def _dtype(kind: str) -> np.dtype[np.generic] | ExtensionDtype:
    # The name alone is looked for among all types that anybody has registered, every time.
    from pandas.api.types import pandas_dtype  # noqa: PLC0415

    return pandas_dtype(kind)
