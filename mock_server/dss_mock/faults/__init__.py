"""Faults between a client and the middleware, for tests."""

from .active_faults import ActiveFault, Faults, disturb
from .kinds import (
    KINDS,
    Answer,
    CloseIdle,
    Cut,
    Delay,
    DropAfter,
    DropBefore,
    ExpireSession,
    Fault,
    Garbage,
    ProxyPage,
    Target,
    Trickle,
)

InForce = ActiveFault
"""The former name of `ActiveFault`."""

__all__ = [
    "KINDS",
    "ActiveFault",
    "Answer",
    "CloseIdle",
    "Cut",
    "Delay",
    "DropAfter",
    "DropBefore",
    "ExpireSession",
    "Fault",
    "Faults",
    "Garbage",
    "InForce",
    "ProxyPage",
    "Target",
    "Trickle",
    "disturb",
]
