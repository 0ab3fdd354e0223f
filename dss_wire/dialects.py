"""Versions of the middleware, which write answers differently."""

from __future__ import annotations

from enum import StrEnum


class WireDialect(StrEnum):
    """Base class of the enum of middleware versions, oldest first.

    Reading accepts the answers of every version. Writing an answer needs one version.
    """

    @property
    def has_text_scalars(self) -> bool:
        """Whether times, durations and booleans are written as text instead of numbers."""
        return False
