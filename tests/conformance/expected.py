"""Answers that tests expect, as `Answer.said` gives them: status and reason, type, and body."""

from __future__ import annotations

import json

Said = tuple[str, str | None, bytes]

FAULT: Said = ("500 Internal Server Error", "text/html", b"internal server error")
NOT_FOUND: Said = ("404 Not Found", "text/html; charset=utf-8", b"not found")
NOT_ALLOWED: Said = ("405 Method Not Allowed", "text/html", b"method not allowed")
UPLOAD_REFUSED: Said = ("400 Bad Request", "text/html", b"bad request")
BAD_TOKEN: Said = ("401 Unauthorized", "text/html", b"unauthorized")
NOT_SIGNED_IN: Said = ("401 unauthorized", None, b"You are not logged in!")
NO_SYSADMIN: Said = ("401 unauthorized", None, b"Insufficient privileges")


def plain(text: str) -> Said:
    """A text on its own."""
    return "200 OK", None, text.encode()


def csv(*rows: str) -> Said:
    """A table."""
    return "200 OK", "text/csv", "".join(f"{row}\r\n" for row in rows).encode()


def in_json(value: object) -> Said:
    """JSON, as Python writes it."""
    return "200 OK", "application/json", json.dumps(value).encode()


def refused(text: str) -> Said:
    """A refusal with its reason."""
    return "400 bad request", None, text.encode()


def no_ticket(ticket: object, user: int) -> Said:
    return refused(f"Ticket {ticket} not found for user {user}")


def not_claimed(ticket: object, user: int) -> Said:
    return refused(f"Ticket {ticket} has not been claimed by user {user}")


def no_provider(service: str) -> Said:
    text = f"You are not a provider for service {service} "
    return "401 unauthorized", None, text.encode()
