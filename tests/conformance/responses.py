"""Expected responses in the form of `Response.summary`: status line, media type and body."""

from __future__ import annotations

import json

ResponseSummary = tuple[str, str | None, bytes]

SERVER_ERROR: ResponseSummary = ("500 Internal Server Error", "text/html", b"internal server error")
NOT_FOUND: ResponseSummary = ("404 Not Found", "text/html; charset=utf-8", b"not found")
METHOD_NOT_ALLOWED: ResponseSummary = ("405 Method Not Allowed", "text/html", b"method not allowed")
UPLOAD_REFUSED: ResponseSummary = ("400 Bad Request", "text/html", b"bad request")
BAD_TOKEN: ResponseSummary = ("401 Unauthorized", "text/html", b"unauthorized")
NOT_SIGNED_IN: ResponseSummary = ("401 unauthorized", None, b"You are not logged in!")
NOT_A_SYSADMIN: ResponseSummary = ("401 unauthorized", None, b"Insufficient privileges")


def text_response(text: str) -> ResponseSummary:
    """Return the summary of a successful plain-text response."""
    return "200 OK", None, text.encode()


def csv_response(*rows: str) -> ResponseSummary:
    """Return the summary of a successful CSV response."""
    return "200 OK", "text/csv", "".join(f"{row}\r\n" for row in rows).encode()


def json_response(value: object) -> ResponseSummary:
    """Return the summary of a successful JSON response, formatted by `json.dumps`."""
    return "200 OK", "application/json", json.dumps(value).encode()


def refusal(text: str) -> ResponseSummary:
    """Return the summary of a response with status 400 and a reason."""
    return "400 bad request", None, text.encode()


def ticket_not_found(ticket: object, user: int) -> ResponseSummary:
    return refusal(f"Ticket {ticket} not found for user {user}")


def ticket_not_claimed(ticket: object, user: int) -> ResponseSummary:
    return refusal(f"Ticket {ticket} has not been claimed by user {user}")


def not_a_provider(service: str) -> ResponseSummary:
    text = f"You are not a provider for service {service} "
    return "401 unauthorized", None, text.encode()
