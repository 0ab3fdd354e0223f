"""The HTML pages for users. The page that shows the mock is in `dashboard`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from http import HTTPStatus

import attrs

from dss_api import TOKEN_PAGE

from .dashboard import HOME, ICON, STYLE
from .state import Service, State, User

SERVICES_PAGE = "/services"

_HTML = ("Content-Type", "text/html; charset=utf-8")

_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'self'; img-src 'self'">
<title>{title} · DSS mock middleware</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<main class="plain">
<h1>{title}</h1>
{content}
<p><a href="{home}">Watch the mock</a></p>
</main>
</body>
</html>
"""

_ANONYMOUS_TEXT = """<p>You are not signed in, so this page cannot show a token.</p>
<p>The tokens of this mock are in its seed file. Each token signs in once.
With --noauth, every request is signed in.</p>"""

_SIGNED_IN_TEXT = """<p>The token of <b>{email}</b>, good for one sign-in:</p>
<pre tabindex="0">{token}</pre>"""

_SERVICE = """<li>
<h2>{name} <small>{version}</small></h2>
<p>{shortdesc}</p>
<p><code>{githash}</code></p>
</li>"""

_NO_CACHE = (
    ("Cache-Control", "no-cache, no-store, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
)


@attrs.frozen
class Html:
    """A response to a browser."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    headers: tuple[tuple[str, str], ...] = (_HTML,)


def show_token(_: State, user: User | None, __: str) -> Html:
    """Return the page with the token for the next sign-in."""
    if user is None:
        return Html(_fill_frame("Your token", _ANONYMOUS_TEXT), HTTPStatus.UNAUTHORIZED)
    content = _SIGNED_IN_TEXT.format(email=escape(user.email), token=escape(user.token))
    return Html(_fill_frame("Your token", content))


def show_services(state: State, user: User | None, server: str) -> Html:
    """Return the page of all services. Without a session, redirect to the start page."""
    if user is None:
        headers = (("Content-Type", "text/html"), ("Location", f"{server}{HOME}"))
        return Html("", HTTPStatus.SEE_OTHER, headers)
    content = _format_services(state.catalogue.list_services())
    return Html(_fill_frame("Services", content), headers=(*_NO_CACHE, _HTML))


def _format_services(services: Iterable[Service]) -> str:
    items = [
        _SERVICE.format(
            name=escape(service.name),
            version=escape(service.version),
            shortdesc=escape(service.shortdesc),
            githash=escape(service.githash),
        )
        for service in services
    ]
    return (
        f'<ul class="cards">\n{"".join(items)}\n</ul>'
        if items
        else "<p>No services are on offer.</p>"
    )


def _fill_frame(title: str, content: str) -> str:
    return _FRAME.format(title=title, content=content, home=HOME, icon=ICON, style=STYLE)


PAGES: Mapping[str, Callable[[State, User | None, str], Html]] = {
    TOKEN_PAGE: show_token,
    SERVICES_PAGE: show_services,
}
"""Every page by its path. Arguments: the state, the signed-in user, the server's address."""
