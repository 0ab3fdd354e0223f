"""A session, and where it is from."""

from __future__ import annotations

import attrs


@attrs.frozen
class Session:
    """A session, and where it is from.

    Attributes:
        value: of the middleware's cookie.
        place: where it is from, as in "The session was ..."; with what to do about it there, if
            that comes before the one that a login keeps.
    """

    value: str = attrs.field(repr=False)
    place: str
