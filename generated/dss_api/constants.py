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
"""How many hexadecimal digits a login token has."""

SESSION_LENGTH: int = 40
"""How many hexadecimal digits the session cookie has."""

BLOB_LENGTH: int = 32
"""How many hexadecimal digits the name of an attachment has."""

SHORT_BLOB_LENGTH: int = 8
"""How many of them stand in its `url` and are enough to read it."""

FILENAME_LENGTH: int = 255
"""How many characters the name of an uploaded file may have."""

SHORTDESC_LENGTH: int = 78
"""At how many characters lists cut the short description of a service."""

PURGE_DAYS: int = 7
"""The age in days from which on a purge deletes tickets if it is not told another."""

PARTS: int = 128
"""How many parts of a multipart body are read."""

COOKIE_AGE: int = 1000000000
"""How many seconds ago a session cookie that is taken back expired."""

OUTCOMES: tuple[TicketStatus, ...] = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""The statuses that a provider may set."""
