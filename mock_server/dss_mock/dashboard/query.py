"""Which part of the state somebody wants to see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self
from urllib.parse import parse_qsl

import attrs

from dss_api import TicketStatus

MOST_TICKETS = 1000
"""How many tickets may be listed at once."""
MOST_OPENED = 100
"""How many tickets may be shown with their details at once."""
MOST_LINES = 10_000
"""How many lines of the log of each ticket may be shown."""

_ID_LENGTH = 18


@attrs.frozen
class Query:
    """Which tickets to show, and how much of them.

    Attributes:
        limit: how many tickets are listed, the newest first.
        statuses: only tickets in one of these are listed; in any if there are none.
        ticket: only the ticket with this id is listed.
        opened: the ids of the tickets that are shown with their details, listed or not.
        lines: how many lines of their logs are shown, the last ones.
    """

    limit: int = 50
    statuses: frozenset[TicketStatus] = frozenset()
    ticket: int | None = None
    opened: frozenset[int] = frozenset()
    lines: int = 200

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the query string of a request.

        Raises:
            ValueError: a parameter is not known, or its value is not one that it can have.
        """
        values = _read_values(text, {"limit", "status", "id", "open", "log"})
        given = cls()
        return cls(
            limit=_number("limit", values.get("limit", f"{given.limit}"), MOST_TICKETS),
            statuses=frozenset(_status(name) for name in _names(values.get("status", ""))),
            ticket=_ticket("id", values["id"]) if values.get("id") else None,
            opened=_opened(values.get("open", "")),
            lines=_number("log", values.get("log", f"{given.lines}"), MOST_LINES),
        )


def _read_values(text: str, known: Collection[str]) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise ValueError(f"{name!r} is not known; there are {', '.join(sorted(known))}")
        values[name] = value
    return values


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _status(name: str) -> TicketStatus:
    try:
        return TicketStatus(name)
    except ValueError as error:
        raise ValueError(
            f"status: {name!r} is none; there are {', '.join(TicketStatus)}"
        ) from error


def _opened(text: str) -> frozenset[int]:
    names = _names(text)
    if len(names) > MOST_OPENED:
        raise ValueError(f"open: at most {MOST_OPENED} tickets can be open")
    return frozenset(_ticket("open", name) for name in names)


def _ticket(parameter: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _ID_LENGTH):
        raise ValueError(f"{parameter}: {text!r} is no ticket's id")
    return int(text)


def _number(parameter: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(f"{most}")):
        raise ValueError(f"{parameter}: {text!r} is no number from 0 to {most}")
    return min(int(text), most)
