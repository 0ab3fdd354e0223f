"""What can go wrong between a client and the middleware, made to happen."""

from .in_force import Faults, InForce, disturb
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
    Trickle,
)
from .target import Target

__all__ = [
    "KINDS",
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
