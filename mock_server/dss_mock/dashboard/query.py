"""The query parameters of `/_mock/state`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self
from urllib.parse import parse_qsl

import attrs

from dss_api import TicketStatus

MOST_TICKETS = 1000
"""The largest number of listed tickets."""
MOST_OPENED = 100
"""The largest number of tickets with details."""
MOST_LINES = 10_000
"""The largest number of log lines for each ticket with details."""

_ID_LENGTH = 18


class QueryError(ValueError):
    """An unknown query parameter, or an invalid value."""


@attrs.frozen
class StateQuery:
    """The tickets to include in the state document.

    Attributes:
        limit: the largest number of tickets to list, newest first.
        statuses: list only tickets in these statuses; empty for all.
        ticket: list only the ticket with this id.
        opened: ids of the tickets to include with details. They need not be in the list.
        log_lines: the number of log lines for each ticket with details, newest last.
    """

    limit: int = 50
    statuses: frozenset[TicketStatus] = frozenset()
    ticket: int | None = None
    opened: frozenset[int] = frozenset()
    log_lines: int = 200

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the query string of a request.

        Raises:
            QueryError: a parameter is unknown, or its value is invalid.
        """
        values = _parse_values(text, {"limit", "status", "id", "open", "log"})
        default = cls()
        return cls(
            limit=_parse_number("limit", values.get("limit", f"{default.limit}"), MOST_TICKETS),
            statuses=frozenset(_parse_status(name) for name in _split(values.get("status", ""))),
            ticket=_parse_id("id", values["id"]) if values.get("id") else None,
            opened=_parse_opened(values.get("open", "")),
            log_lines=_parse_number("log", values.get("log", f"{default.log_lines}"), MOST_LINES),
        )


def _parse_values(text: str, known: Collection[str]) -> Mapping[str, str]:
    values = dict(parse_qsl(text, keep_blank_values=True))
    for name in values:
        if name not in known:
            raise QueryError(
                f"{name!r} is not a parameter. The parameters are {', '.join(sorted(known))}."
            )
    return values


def _split(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _parse_status(name: str) -> TicketStatus:
    try:
        return TicketStatus(name)
    except ValueError as error:
        raise QueryError(
            f"status: {name!r} is not a status. The statuses are {', '.join(TicketStatus)}."
        ) from error


def _parse_opened(text: str) -> frozenset[int]:
    names = _split(text)
    if len(names) > MOST_OPENED:
        raise QueryError(f"open: at most {MOST_OPENED} ticket ids are allowed, not {len(names)}")
    return frozenset(_parse_id("open", name) for name in names)


def _parse_id(parameter: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _ID_LENGTH):
        raise QueryError(f"{parameter}: {text!r} is not a ticket id")
    return int(text)


def _parse_number(parameter: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(f"{most}")):
        raise QueryError(f"{parameter}: {text!r} is not a number from 0 to {most}")
    return min(int(text), most)
