"""A session, and the source that it came from."""

from __future__ import annotations

import attrs


@attrs.frozen
class Session:
    """A session, and the source that it came from.

    Attributes:
        value: the value of the middleware's cookie.
        place: the source of the session, as in "The session came from ...".
        advice: one or two sentences on how to replace the session there; empty if a login replaces
            it.
    """

    value: str = attrs.field(repr=False)
    place: str
    advice: str = ""

    @property
    def source(self) -> str:
        """Sentences that name the source of the session and give the advice."""
        return f"The session came from {self.place}. {self.advice}".rstrip()
