"""The pages that people are sent to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from dss_api import TOKEN_PAGE

from .state import User

MEDIA_TYPE = "text/html; charset=utf-8"

_FRAME = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>DSS mock middleware</title>
<body>
{content}
</body>
</html>
"""


def token(user: User | None) -> tuple[int, str]:
    """Shows the token for the next sign-in."""
    if user is None:
        return 401, _FRAME.format(content="<p>You are not signed in, so there is no token.</p>")
    content = (
        f"<p>The token of {escape(user.email)}, good for one sign-in:</p>\n"
        f"<pre>{escape(user.token)}</pre>"
    )
    return 200, _FRAME.format(content=content)


PAGES: Mapping[str, Callable[[User | None], tuple[int, str]]] = {TOKEN_PAGE: token}
"""Every page by its path: for a user, the status and the HTML."""
