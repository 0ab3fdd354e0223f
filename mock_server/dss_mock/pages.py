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


_NOBODY = """<p>Nobody is signed in here, so there is no token to show.</p>
<p>The tokens of this mock stand in its seed file, and each signs in once.
With --noauth, everybody is signed in.</p>"""


def token(user: User | None) -> tuple[int, str]:
    """Shows the token for the next sign-in."""
    if user is None:
        return 401, _FRAME.format(content=_NOBODY)
    content = (
        f"<p>The token of {escape(user.email)}, good for one sign-in:</p>\n"
        f"<pre>{escape(user.token)}</pre>"
    )
    return 200, _FRAME.format(content=content)


PAGES: Mapping[str, Callable[[User | None], tuple[int, str]]] = {TOKEN_PAGE: token}
"""Every page by its path: for a user, the status and the HTML."""
