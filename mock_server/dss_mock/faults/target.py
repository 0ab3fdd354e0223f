"""The request that a fault strikes."""

from __future__ import annotations

import random
from collections.abc import Callable

import attrs

from ..host import Connection
from ..reply import Reply


@attrs.frozen(eq=False)
class Target:
    """What a fault can do to a request.

    Attributes:
        proceed: lets the request be handled, and gives the answer.
        connection: over which the request came.
        expire_session: lets the session of the request be unknown.
        wait: lets seconds pass, fewer if the fault is lifted.
        chance: for what is random.
    """

    proceed: Callable[[], Reply]
    connection: Connection
    expire_session: Callable[[], None]
    wait: Callable[[float], object]
    chance: random.Random
