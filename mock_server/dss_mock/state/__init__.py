"""All that the mock middleware knows, and every way in which it can change."""

from ..errors import DataDirError
from .clock import Clock
from .entities import (
    Attachment,
    Claim,
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
    "Claim",
    "Clock",
    "DataDirError",
    "LogEntry",
    "Provider",
    "Service",
    "Session",
    "State",
    "StatusChange",
    "Ticket",
    "User",
]
