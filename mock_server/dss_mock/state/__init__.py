"""The state of the mock middleware, and every way to change it."""

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
