"""Versions of the middleware, as far as they write answers differently."""

from __future__ import annotations

from enum import StrEnum


class WireDialect(StrEnum):
    """Base of the enum of middleware versions, oldest first.

    Reading understands every version. Only writing, as a middleware does, has to choose one.
    """

    @property
    def has_text_scalars(self) -> bool:
        """Whether times, durations and booleans are written as text instead of numbers."""
        return False


class EveryVersion:
    """A set of versions that contains all of them."""

    def __contains__(self, version: object) -> bool:
        return isinstance(version, WireDialect)

    def __repr__(self) -> str:
        return "EVERY_VERSION"


EVERY_VERSION = EveryVersion()
"""All versions of the middleware."""
