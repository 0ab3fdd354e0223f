"""All that the mock middleware knows, and every way in which it can change."""

from .entities import (
    Attachment,
    LogEntry,
    Provider,
    Service,
    Session,
    StatusChange,
    Ticket,
    User,
)
from .state import State

__all__ = [
    "Attachment",
    "LogEntry",
    "Provider",
    "Service",
    "Session",
    "State",
    "StatusChange",
    "Ticket",
    "User",
]
