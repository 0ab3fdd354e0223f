# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Enumerations; each member equals its text."""

from enum import StrEnum

from dss_wire.dialects import WireDialect


class Dialect(WireDialect):
    """A version of the middleware, oldest first.

    Reading accepts the answers of every version. Writing an answer needs one version.
    """

    V2020 = "2020"
    V0_2_0 = "0.2.0"

    @property
    def has_text_scalars(self) -> bool:
        """Whether times, durations and booleans are written as text instead of numbers."""
        return self in (Dialect.V2020,)


NEWEST = Dialect.V0_2_0
"""The newest version of the middleware."""

ALL_VERSIONS = tuple(Dialect)
"""All versions of the middleware, oldest first."""


class TicketStatus(StrEnum):
    """The state of a ticket."""

    INIT = "init"
    READY = "ready"
    CLAIMED = "claimed"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    DELETED = "deleted"


class LogCategory(StrEnum):
    """The severity of a log message."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FileArea(StrEnum):
    """The files that the user sent, or the results of the provider."""

    INPUT = "input"
    RESULTS = "results"


class PurgeScope(StrEnum):
    """Only finished tickets, or all of them."""

    COMPLETED = "completed"
    ALL = "all"
