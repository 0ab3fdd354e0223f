"""A token and a session, and the places that must not show them."""

from __future__ import annotations

import traceback

TOKEN = "feedfacefeedface0123456789abcdef0123456789abcdef"
SESSION = "5e55104e5e55104e5e55104e5e55104e"
ECHO = f"logged with token={TOKEN} and webpy_session_id={SESSION}"


def render_error(error: BaseException) -> str:
    """Return everything that printing, logging or inspecting an error can show."""
    trace = "".join(traceback.format_exception(error))
    return f"{error}\n{error!r}\n{vars(error)}\n{trace}"
