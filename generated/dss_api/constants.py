# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Fixed numbers, names and lists of the middleware."""

from .enums import TicketStatus

SESSION_COOKIE = "webpy_session_id"
"""The cookie that carries the session."""

TOKEN_PAGE = "/token"
"""The page that shows a signed-in user the token for the next sign-in."""

TIERS: dict[str, int] = {"guest": 10, "poweruser": 60, "xnat": 100000}
"""By tier, the number of undeleted tickets that a user may have."""

TOKEN_LENGTH: int = 48
"""The number of hexadecimal digits of a login token."""

SESSION_LENGTH: int = 40
"""The number of hexadecimal digits of the session cookie."""

BLOB_LENGTH: int = 32
"""The number of hexadecimal digits in the name of an attachment."""

SHORT_BLOB_LENGTH: int = 8
"""The number of digits of that name in an attachment's `url`; they are enough to read the
attachment."""

FILENAME_LENGTH: int = 255
"""The maximum number of characters in the name of an uploaded file."""

SHORTDESC_LENGTH: int = 78
"""The number of characters after which lists cut the short description of a service."""

PURGE_DAYS: int = 7
"""The default age in days of the tickets that a purge deletes."""

PARTS: int = 128
"""The number of parts of a multipart body that are read."""

COOKIE_AGE: int = 1000000000
"""The number of seconds by which the expiry date lies in the past when the middleware deletes a
session cookie."""

OUTCOMES: tuple[TicketStatus, ...] = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""The statuses that a provider can set."""
