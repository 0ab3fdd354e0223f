"""The mock's own interface over HTTP, for programs in whatever language: `/_mock/`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import attrs
from cattrs import transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.preconf.json import make_converter

from dss_api import Dialect

from .dashboard import Dashboard
from .faults import KINDS, Fault, Faults, InForce
from .host import is_loopback
from .journal import Journal
from .reply import Reply
from .routing import find_operation
from .seed import Known, Seed, SeedError, parse_seed
from .state import State

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PREFIX = "/_mock/"
"""Where it is; the middleware has nothing there."""
BODY_LENGTH = 1 << 20
"""How many bytes a request may have."""
SHOWN = 1000
"""How many requests are listed if the question does not say it."""

_JSON = "application/json"
T = TypeVar("T")


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
    def requests(self) -> Journal: ...
    @property
    def dashboard(self) -> Dashboard: ...
    def reset(self, *, random_seed: int | None = None) -> None: ...
    def plant(self, seed: Seed) -> None: ...


class ControlError(ValueError):
    """A request that cannot be done; the text says why."""

    def __init__(
        self,
        text: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        allowed: Collection[str] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.allowed = allowed


@attrs.frozen
class _Ask:
    """A request to the control interface; `values` are those in the query."""

    values: Mapping[str, str]
    body: bytes
    match: re.Match[str]

    def number(self, name: str, default: int) -> int:
        text = self.values.get(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", text):
            raise ControlError(f"{name} must be a whole number, not {text!r}")
        return int(text)

    def json(self) -> dict[str, object]:
        """The object in the body."""
        try:
            found: object = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ControlError(f"the body is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise ControlError("the body must be a JSON object")
        return found


class Control:
    """Answers the requests under `/_mock/`."""

    def __init__(self, server: Controlled) -> None:
        self._server = server
        self._routes: Sequence[tuple[str, re.Pattern[str], Callable[[_Ask], object]]] = [
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

    def answer(self, environ: WSGIEnvironment) -> Reply:
        """Answer a request with JSON."""
        try:
            self._refuse_strangers(environ)
            reply = self._shown(environ) or _reply(HTTPStatus.OK, self._answer(environ))
        except ControlError as error:
            reply = _reply(error.status, {"error": str(error)})
            if error.allowed:
                reply = reply.with_header("Allow", _listed(error.allowed))
        if environ["REQUEST_METHOD"] == "HEAD":
            reply = attrs.evolve(reply, body=[])
        return reply

    def _refuse_strangers(self, environ: WSGIEnvironment) -> None:
        """Let no web page of another server have a say, whose reader may sit at this machine."""
        host = _host(f"//{environ.get('HTTP_HOST', '')}")
        # A name of theirs may well lead here; only where the mock is for others, it has names.
        if is_loopback(self._server.host) and not is_loopback(host):
            raise ControlError(f"{host!r} is no name of this mock", HTTPStatus.FORBIDDEN)
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin.partition("//")[2] != environ.get("HTTP_HOST"):
            raise ControlError(f"{origin} may not ask this mock", HTTPStatus.FORBIDDEN)

    def _shown(self, environ: WSGIEnvironment) -> Reply | None:
        """What there is to see at the path, if it is one of the dashboard's."""
        path, dashboard = environ["PATH_INFO"], self._server.dashboard
        if not dashboard.has(path):
            return None
        if _method(environ) != "GET":
            raise _wrong_method(path, ["GET"])
        query, known = environ.get("QUERY_STRING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        return dashboard.respond(path, query, known)

    def _answer(self, environ: WSGIEnvironment) -> object:
        path = environ["PATH_INFO"].removeprefix(PREFIX)
        found = [
            (method, match, handler)
            for method, pattern, handler in self._routes
            if (match := pattern.fullmatch(path))
        ]
        if not found:
            raise ControlError(
                f"there is nothing at {PREFIX}{path}; there are "
                + _listed(
                    {"state", *(route.pattern.partition("/")[0] for _, route, _ in self._routes)}
                ),
                HTTPStatus.NOT_FOUND,
            )
        for method, match, handler in found:
            if method == _method(environ):
                query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
                return handler(_Ask(query, _read_body(environ), match))
        raise _wrong_method(PREFIX + path, [method for method, _, _ in found])

    # ------------------------------------------------------------------------------- the whole

    def _health(self, _: _Ask) -> object:
        return {
            "status": "ok",
            "version": version("itksnap-dss"),
            "dialect": self._server.dialect.value,
        }

    def _reset(self, ask: _Ask) -> object:
        self._server.reset(random_seed=_structured(_Reset, ask.json()).random_seed)
        return {}

    def _seed(self, ask: _Ask) -> object:
        try:
            # JSON is YAML too.
            seed = parse_seed(ask.body, "the seed", Known.to(self._server.state))
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

    def _list_faults(self, _: _Ask) -> object:
        return {"faults": [_fault(added) for added in self._server.faults.in_force()]}

    def _add_fault(self, ask: _Ask) -> object:
        given = ask.json()
        where = {name: given.pop(name) for name in attrs.fields_dict(_Terms) if name in given}
        terms = _structured(_Terms, where)
        try:
            added = self._server.faults.add(_read_fault(given), **attrs.asdict(terms))
        except (TypeError, ValueError) as error:
            raise ControlError(str(error.args[0])) from error
        return _fault(added)

    def _lift_faults(self, _: _Ask) -> object:
        self._server.faults.lift_all()
        return {}

    def _lift_fault(self, ask: _Ask) -> object:
        try:
            self._server.faults.lift(int(ask.match["id"]))
        except LookupError as error:
            raise ControlError(str(error.args[0]), HTTPStatus.NOT_FOUND) from error
        return {}

    # ------------------------------------------------------------------------------- requests

    def _list_requests(self, ask: _Ask) -> object:
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
            "requests": [_CONVERTER.unstructure(exchange) for exchange in shown],
        }

    def _clear_requests(self, _: _Ask) -> object:
        self._server.requests.clear()
        return {}

    # ---------------------------------------------------------------------------------- clock

    def _show_clock(self, _: _Ask) -> object:
        clock = self._server.state.clock
        now = datetime.fromtimestamp(clock.now(), UTC)
        return {"now": _written(now), "frozen": clock.setting.frozen_at is not None}

    def _set_clock(self, ask: _Ask) -> object:
        given = _structured(_Setting, ask.json())
        clock = self._server.state.clock
        if given.at and given.frozen is False:
            raise ControlError("a clock that is set to a time stands still: frozen is true then")
        try:
            if given.frozen or given.at:
                clock.freeze(given.at)
            elif given.frozen is False:
                clock.resume()
            clock.advance(seconds=given.advance)
        except (ValueError, OverflowError) as error:
            raise ControlError(f"the clock cannot be set so: {error}") from error
        return self._show_clock(ask)


@attrs.frozen
class _Reset:
    """How to begin anew."""

    random_seed: int | None = None


@attrs.frozen
class _Terms:
    """When a fault strikes."""

    operation: str | None = None
    path: str | None = None
    times: int | None = None
    probability: float = 1.0


@attrs.frozen
class _Setting:
    """What is to become of the clock; `advance` in seconds, `at` a time at which it stands."""

    advance: float = 0.0
    frozen: bool | None = None
    at: datetime | None = None


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _method(environ: WSGIEnvironment) -> str:
    method: str = environ["REQUEST_METHOD"]
    return "GET" if method == "HEAD" else method


def _wrong_method(path: str, methods: Collection[str]) -> ControlError:
    return ControlError(f"{path} takes {_listed(methods)}", HTTPStatus.METHOD_NOT_ALLOWED, methods)


def _check_operation(name: str) -> None:
    try:
        find_operation(name)
    except ValueError as error:
        raise ControlError(str(error)) from error


def _read_body(environ: WSGIEnvironment) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(BODY_LENGTH + 1)
    except ValueError as error:
        raise ControlError(f"the body cannot be read: {error}") from error
    if len(body) > BODY_LENGTH:
        raise ControlError(
            f"the body has more than {BODY_LENGTH} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    return body


def _read_fault(given: dict[str, object]) -> Fault:
    kind = given.pop("fault", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ControlError(f"fault must be one of {_listed(KINDS)}, not {kind!r}")
    return _structured(KINDS[kind], given)


def _fault(added: InForce) -> dict[str, object]:
    kind = next(name for name, kind in KINDS.items() if kind is type(added.fault))
    return {
        "id": added.id,
        "fault": kind,
        **attrs.asdict(added.fault),
        "operation": added.operation,
        "path": added.path,
        "probability": added.probability,
        "times": added.remaining,
        "hits": added.hits,
        "description": added.description,
    }


_IN_WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}


def _exactly(value: object, kind: type) -> object:
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise TypeError(f"{json.dumps(value)} is no {_IN_WORDS[kind]}")
    return value


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(value: object, _: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


_CONVERTER = make_converter(forbid_extra_keys=True)
for _kind in (int, float, str, bool):
    _CONVERTER.register_structure_hook(_kind, _exactly)
_CONVERTER.register_structure_hook(datetime, _instant)
_CONVERTER.register_unstructure_hook(datetime, _written)


def _structured(kind: type[T], given: Mapping[str, object]) -> T:
    """An object of a class with these attributes.

    Raises:
        ControlError: one is unknown, or has no value that it can have.
    """
    try:
        return _CONVERTER.structure(given, kind)
    except ExceptionGroup as errors:
        told = (text.partition(" @ ") for text in transform_error(errors, "", _in_words))
        parts = (f"{place.lstrip('.')}: {what}" if place else what for what, _, place in told)
        raise ControlError("; ".join(parts)) from errors


def _in_words(error: BaseException, _: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{_listed(error.extra_fields)} is not known here"
    return str(error.args[0])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _reply(status: HTTPStatus, answer: object) -> Reply:
    body = json.dumps(answer).encode() + b"\n"
    headers = [("Content-Type", _JSON), ("Content-Length", str(len(body)))]
    return Reply(f"{status.value} {status.phrase}", headers, [body], len(body), has_session=False)
