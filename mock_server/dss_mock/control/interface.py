"""What the mock answers under `/_mock/`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

import attrs

from dss_api import Dialect

from ..dashboard import Dashboard, DownloadNotFound, QueryError
from ..errors import SeedError
from ..faults import Faults
from ..request_log import RequestLog
from ..response import MockResponse
from ..routing import MOCK_PREFIX, find_operation, get_method
from ..seed import KnownNames, Seed, parse_seed
from ..state import State
from .ask import Ask, ControlError, listed, refuse_strangers, wrong_method
from .forms import Reset, Setting, read_fault, read_form, write, write_fault

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SHOWN = 1000
"""How many requests are listed if the question does not say it."""


class Controlled(Protocol):
    """What is controlled: a server of the mock."""

    @property
    def host(self) -> str: ...
    @property
    def dialect(self) -> Dialect: ...
    @property
    def state(self) -> State: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def requests(self) -> RequestLog: ...
    @property
    def dashboard(self) -> Dashboard: ...
    def reset(self, *, random_seed: int | None = None) -> None: ...
    def plant(self, seed: Seed) -> None: ...


class Control:
    """Answers the requests under `/_mock/`."""

    def __init__(self, server: Controlled) -> None:
        self._server = server
        self._routes: Sequence[tuple[str, re.Pattern[str], Callable[[Ask], object]]] = [
            ("GET", re.compile("health"), self._health),
            ("POST", re.compile("reset"), self._reset),
            ("POST", re.compile("seed"), self._seed),
            ("GET", re.compile("faults"), self._list_faults),
            ("POST", re.compile("faults"), self._add_fault),
            ("DELETE", re.compile("faults"), self._lift_faults),
            ("DELETE", re.compile("faults/(?P<id>[0-9]{1,9})"), self._lift_fault),
            ("GET", re.compile("requests"), self._list_requests),
            ("DELETE", re.compile("requests"), self._clear_requests),
            ("GET", re.compile("clock"), self._show_clock),
            ("POST", re.compile("clock"), self._set_clock),
        ]

    def answer(self, environ: WSGIEnvironment) -> MockResponse:
        """Answer a request with JSON."""
        try:
            refuse_strangers(environ, self._server.host)
            reply = self._shown(environ) or _reply(HTTPStatus.OK, self._answer(environ))
        except ControlError as error:
            reply = _reply(error.status, {"error": str(error)})
            if error.allowed:
                reply = reply.with_header("Allow", listed(error.allowed))
        if environ["REQUEST_METHOD"] == "HEAD":
            reply = attrs.evolve(reply, body=[])
        return reply

    def _shown(self, environ: WSGIEnvironment) -> MockResponse | None:
        """What there is to see at the path, if it is one of the dashboard's."""
        path, dashboard = environ["PATH_INFO"], self._server.dashboard
        if not dashboard.has_path(path):
            return None
        if get_method(environ) != "GET":
            raise wrong_method(path, ["GET"])
        query, known = environ.get("QUERY_STRING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        try:
            return dashboard.respond(path, query, known)
        except QueryError as error:
            raise ControlError(str(error)) from error
        except DownloadNotFound as error:
            raise ControlError(str(error), HTTPStatus.NOT_FOUND) from error

    def _answer(self, environ: WSGIEnvironment) -> object:
        path = environ["PATH_INFO"].removeprefix(MOCK_PREFIX)
        found = [
            (method, match, handler)
            for method, pattern, handler in self._routes
            if (match := pattern.fullmatch(path))
        ]
        if not found:
            raise ControlError(
                f"there is nothing at {MOCK_PREFIX}{path}; there are "
                + listed(
                    {"state", *(route.pattern.partition("/")[0] for _, route, _ in self._routes)}
                ),
                HTTPStatus.NOT_FOUND,
            )
        for method, match, handler in found:
            if method == get_method(environ):
                return handler(Ask.read(environ, match))
        raise wrong_method(MOCK_PREFIX + path, [method for method, _, _ in found])

    # ------------------------------------------------------------------------------- the whole

    def _health(self, _: Ask) -> object:
        return {
            "status": "ok",
            "version": version("itksnap-dss-kit"),
            "dialect": self._server.dialect.value,
        }

    def _reset(self, ask: Ask) -> object:
        self._server.reset(random_seed=read_form(Reset, ask.json()).random_seed)
        return {}

    def _seed(self, ask: Ask) -> object:
        try:
            # JSON is YAML too.
            seed = parse_seed(ask.body, "the seed", KnownNames.from_state(self._server.state))
            self._server.plant(seed)
        except SeedError as error:
            raise ControlError(str(error)) from error
        except ValueError as error:
            raise ControlError(str(error), HTTPStatus.CONFLICT) from error
        return {
            "users": len(seed.users),
            "providers": len(seed.providers),
            "services": len(seed.services),
        }

    # --------------------------------------------------------------------------------- faults

    def _list_faults(self, _: Ask) -> object:
        return {"faults": [write_fault(added) for added in self._server.faults.list_active()]}

    def _add_fault(self, ask: Ask) -> object:
        fault, terms = read_fault(ask.json())
        try:
            added = self._server.faults.add(fault, **attrs.asdict(terms))
        except (TypeError, ValueError) as error:
            raise ControlError(str(error)) from error
        return write_fault(added)

    def _lift_faults(self, _: Ask) -> object:
        self._server.faults.lift_all()
        return {}

    def _lift_fault(self, ask: Ask) -> object:
        try:
            self._server.faults.lift(int(ask.match["id"]))
        except LookupError as error:
            raise ControlError(str(error.args[0]), HTTPStatus.NOT_FOUND) from error
        return {}

    # ------------------------------------------------------------------------------- requests

    def _list_requests(self, ask: Ask) -> object:
        limit, operation = ask.number("limit", SHOWN), ask.values.get("operation")
        since = ask.number("since", 0) if "since" in ask.values else None
        if operation is not None:
            _check_operation(operation)
        found = [
            exchange
            for exchange in self._server.requests
            if exchange.number > (since or 0) and operation in (None, exchange.operation)
        ]
        # Whoever reads on from a number must get the next ones, others the newest.
        shown = found[:limit] if since is not None else found[max(0, len(found) - limit) :]
        return {
            "total": self._server.requests.total,
            "requests": [write(exchange) for exchange in shown],
        }

    def _clear_requests(self, _: Ask) -> object:
        self._server.requests.clear()
        return {}

    # ---------------------------------------------------------------------------------- clock

    def _show_clock(self, _: Ask) -> object:
        clock = self._server.state.clock
        now = datetime.fromtimestamp(clock.now(), UTC)
        return {"now": write(now), "frozen": clock.setting.frozen_at is not None}

    def _set_clock(self, ask: Ask) -> object:
        given = read_form(Setting, ask.json())
        clock = self._server.state.clock
        if given.at and given.frozen is False:
            raise ControlError("a clock that is set to a time stands still: frozen is true then")
        before = clock.setting
        try:
            if given.frozen or given.at:
                clock.freeze(given.at)
            elif given.frozen is False:
                clock.resume()
            clock.advance(seconds=given.advance)
        except (ValueError, OverflowError) as error:
            clock.setting = before
            raise ControlError(f"the clock cannot be set so: {error}") from error
        return self._show_clock(ask)


def _check_operation(name: str) -> None:
    try:
        find_operation(name)
    except ValueError as error:
        raise ControlError(str(error)) from error


def _reply(status: HTTPStatus, answer: object) -> MockResponse:
    body = json.dumps(answer).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return MockResponse(
        f"{status.value} {status.phrase}", headers, [body], len(body), has_session=False
    )
