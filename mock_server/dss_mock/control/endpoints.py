"""The endpoints under `/_mock/`."""

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
from .json_forms import ClockForm, ResetForm, read_fault, read_form, write_fault, write_json
from .request import ControlError, ControlRequest, build_method_error, check_origin, join_sorted

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DEFAULT_LIMIT = 1000
"""The number of listed requests to the middleware if `limit` is not given."""


class ControlledServer(Protocol):
    """The server that the endpoints control."""

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
    """The application for requests under `/_mock/`."""

    def __init__(self, server: ControlledServer) -> None:
        self._server = server
        self._routes: Sequence[tuple[str, re.Pattern[str], Callable[[ControlRequest], object]]] = [
            ("GET", re.compile("health"), self._report_health),
            ("POST", re.compile("reset"), self._reset),
            ("POST", re.compile("seed"), self._add_seed),
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
        """Answer a request."""
        try:
            check_origin(environ, self._server.host)
            if self._server.dashboard.has_path(environ["PATH_INFO"]):
                response = self._respond_dashboard(environ)
            else:
                response = _build_response(HTTPStatus.OK, self._call_endpoint(environ))
        except ControlError as error:
            response = _build_response(error.status, {"error": str(error)})
            if error.allowed:
                response = response.with_header("Allow", join_sorted(error.allowed))
        if environ["REQUEST_METHOD"] == "HEAD":
            response = attrs.evolve(response, body=[])
        return response

    def _respond_dashboard(self, environ: WSGIEnvironment) -> MockResponse:
        path = environ["PATH_INFO"]
        if get_method(environ) != "GET":
            raise build_method_error(path, ["GET"])
        query, known = environ.get("QUERY_STRING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        try:
            return self._server.dashboard.respond(path, query, known)
        except QueryError as error:
            raise ControlError(str(error)) from error
        except DownloadNotFound as error:
            raise ControlError(str(error), HTTPStatus.NOT_FOUND) from error

    def _call_endpoint(self, environ: WSGIEnvironment) -> object:
        path = environ["PATH_INFO"].removeprefix(MOCK_PREFIX)
        matches = [
            (method, match, endpoint)
            for method, pattern, endpoint in self._routes
            if (match := pattern.fullmatch(path))
        ]
        if not matches:
            names = {"state", *(route.pattern.partition("/")[0] for _, route, _ in self._routes)}
            raise ControlError(
                f"{MOCK_PREFIX}{path} does not exist. The endpoints under {MOCK_PREFIX} are "
                f"{join_sorted(names)}.",
                HTTPStatus.NOT_FOUND,
            )
        for method, match, endpoint in matches:
            if method == get_method(environ):
                return endpoint(ControlRequest.read(environ, match))
        raise build_method_error(MOCK_PREFIX + path, [method for method, _, _ in matches])

    # ------------------------------------------------------------------------------- the server

    def _report_health(self, _: ControlRequest) -> object:
        return {
            "status": "ok",
            "version": version("itksnap-dss-kit"),
            "dialect": self._server.dialect.value,
        }

    def _reset(self, request: ControlRequest) -> object:
        self._server.reset(random_seed=read_form(ResetForm, request.read_json()).random_seed)
        return {}

    def _add_seed(self, request: ControlRequest) -> object:
        try:
            # JSON is valid YAML.
            seed = parse_seed(request.body, "the seed", KnownNames.from_state(self._server.state))
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

    def _list_faults(self, _: ControlRequest) -> object:
        return {"faults": [write_fault(fault) for fault in self._server.faults.list_active()]}

    def _add_fault(self, request: ControlRequest) -> object:
        fault, scope = read_fault(request.read_json())
        try:
            added = self._server.faults.add(fault, **attrs.asdict(scope))
        except (TypeError, ValueError) as error:
            raise ControlError(str(error)) from error
        return write_fault(added)

    def _lift_faults(self, _: ControlRequest) -> object:
        self._server.faults.lift_all()
        return {}

    def _lift_fault(self, request: ControlRequest) -> object:
        try:
            self._server.faults.lift(int(request.match["id"]))
        except LookupError as error:
            raise ControlError(str(error.args[0]), HTTPStatus.NOT_FOUND) from error
        return {}

    # ------------------------------------------------------------------------------- requests

    def _list_requests(self, request: ControlRequest) -> object:
        limit = request.read_number("limit", DEFAULT_LIMIT)
        operation = request.query.get("operation")
        since = request.read_number("since", 0) if "since" in request.query else None
        if operation is not None:
            _check_operation(operation)
        matching = [
            entry
            for entry in self._server.requests
            if entry.number > (since or 0) and operation in (None, entry.operation)
        ]
        # A client that continues after a number needs the next requests, not the newest.
        start = 0 if since is not None else max(0, len(matching) - limit)
        return {
            "total": self._server.requests.total,
            "requests": [write_json(entry) for entry in matching[start : start + limit]],
        }

    def _clear_requests(self, _: ControlRequest) -> object:
        self._server.requests.clear()
        return {}

    # ---------------------------------------------------------------------------------- clock

    def _show_clock(self, _: ControlRequest) -> object:
        clock = self._server.state.clock
        now = datetime.fromtimestamp(clock.now(), UTC)
        return {"now": write_json(now), "frozen": clock.setting.frozen_at is not None}

    def _set_clock(self, request: ControlRequest) -> object:
        form = read_form(ClockForm, request.read_json())
        clock = self._server.state.clock
        if form.at and form.frozen is False:
            raise ControlError("`at` freezes the clock, so `frozen` cannot be false")
        before = clock.setting
        try:
            if form.frozen or form.at:
                clock.freeze(form.at)
            elif form.frozen is False:
                clock.resume()
            clock.advance(seconds=form.advance)
        except (ValueError, OverflowError) as error:
            clock.setting = before
            raise ControlError(f"The clock cannot be set: {error}") from error
        return self._show_clock(request)


def _check_operation(name: str) -> None:
    try:
        find_operation(name)
    except ValueError as error:
        raise ControlError(str(error)) from error


def _build_response(status: HTTPStatus, value: object) -> MockResponse:
    body = json.dumps(value).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return MockResponse(
        f"{status.value} {status.phrase}", headers, [body], len(body), has_session=False
    )
