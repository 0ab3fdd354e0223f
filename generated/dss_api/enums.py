# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""The texts of which a value is one; each member compares equal to its text."""

from enum import StrEnum


class Dialect(StrEnum):
    """The version of the middleware that is meant, the oldest first.

    Reading understands all of them; only writing, as a middleware does, has to choose.
    """

    V2020 = "2020"
    V0_2_0 = "0.2.0"


class TicketStatus(StrEnum):
    """Where a ticket is in its life."""

    INIT = "init"
    READY = "ready"
    CLAIMED = "claimed"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    DELETED = "deleted"


class LogCategory(StrEnum):
    """How serious a log message is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FileArea(StrEnum):
    """What the user sent, or what the provider gave back."""

    INPUT = "input"
    RESULTS = "results"


class PurgeScope(StrEnum):
    """Only tickets that were finished, or all of them."""

    COMPLETED = "completed"
    ALL = "all"
