"""The mock middleware as a server for tests."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from pytest_httpserver import HTTPServer, RequestMatcher
from pytest_httpserver.httpserver import UNDEFINED, RequestHandler
from werkzeug import Request, Response

import dss_api
from dss_api import Dialect, DssApi, TicketStatus, Urllib3Transport
from dss_api.enums import NEWEST

from . import entity_factory
from .mock_server import MockServer
from .response import MockResponse
from .seed import EMPTY_SEED, Seed
from .state import Service, State, Ticket, User

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

READ_TIMEOUT = 30.0
"""Seconds after which a test that waits for a response fails."""
LOG_LENGTH = 1000
"""The number of requests in `DssServer.log`, which holds requests that match an expectation."""


class Client(DssApi):
    """A client that is signed in as a user, with every operation of the contract.

    Close it after use.

    Args:
        read_timeout: seconds to wait for each byte of a response, including the first.

    Attributes:
        session_id: the value of the session cookie.
    """

    def __init__(self, server: str, session_id: str, *, read_timeout: float = READ_TIMEOUT) -> None:
        self._http = Urllib3Transport(server, read_timeout=read_timeout)
        super().__init__(_SessionTransport(self._http, session_id))
        self.session_id = session_id

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _SessionTransport:
    def __init__(self, transport: Urllib3Transport, session_id: str) -> None:
        self._transport = transport
        self._session_id = session_id

    def send(self, request: dss_api.Request) -> dss_api.Response:
        return self._transport.send(request.with_session(self._session_id))


class DssServer(MockServer, HTTPServer):
    """A mock middleware on a port of its own, for tests.

    Start and stop the server in a `with` statement, or with `start()` and `close()`. The
    expectations of pytest-httpserver (`expect_request` and similar methods) come first. The mock
    answers all requests that do not match an expectation. `log` holds only the requests that match
    an expectation.

    Args:
        host: the address to listen at.
        port: the port to listen at. 0 takes a free port.
        state: users, services and tickets of the mock. The default is a new, empty state.
        noauth: whether every request is signed in as a system administrator.
        dialect: the version of the middleware to imitate.
        seed: the content at the start and after a reset. A restored state ignores it until a reset.

    Raises:
        ValueError: the seed contradicts the state.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        state: State | None = None,
        noauth: bool = False,
        dialect: Dialect = NEWEST,
        seed: Seed = EMPTY_SEED,
    ) -> None:
        HTTPServer.__init__(self, host, port, threaded=True)
        MockServer.__init__(
            self,
            host,
            port,
            state=state,
            noauth=noauth,
            dialect=dialect,
            seed=seed,
            expectation=self._find_expected_response,
        )
        self._clients: list[Client] = []
        self._matching = threading.Lock()

    def close(self) -> None:
        self._close_clients()
        super().close()

    # -------------------------------------------------------------------------- expectations

    def _find_expected_response(self, environ: WSGIEnvironment) -> MockResponse | None:
        """Return the response that a test expects, or `None`."""
        expected = [*self.ordered_handlers[:1], *self.oneshot_handlers, *self.handlers]
        if not expected:
            return None
        request = Request(environ)
        if any(_reads_body(handler.matcher) for handler in expected):
            # The mock may have to read the body again.
            environ["wsgi.input"] = io.BytesIO(request.get_data())
            environ["wsgi.input_terminated"] = True
        handler = self._take_expectation(request)
        if handler is None:
            return None
        with request:
            request.get_data()
            response = self._respond(handler, request)
            self.log.append((request, response))
            del self.log[:-LOG_LENGTH]
            headers = response.get_wsgi_headers(environ).to_wsgi_list()
            body = response.get_app_iter(environ)
        return MockResponse(
            response.status, headers, body, response.content_length, has_session=False
        )

    def _take_expectation(self, request: Request) -> RequestHandler | None:
        """Return the expectation that matches a request. If it is for one request, remove it."""
        with self._matching:
            ordered = self.ordered_handlers[:1]
            if ordered and ordered[0].matcher.match(request):
                self.ordered_handlers.pop(0)
                self._update_waiting_result()
                return ordered[0]
            handler = self.oneshot_handlers.match(request)
            if handler is not None:
                self.oneshot_handlers.remove(handler)
                self._update_waiting_result()
                return handler
            return self.handlers.match(request)

    def _respond(self, handler: RequestHandler, request: Request) -> Response:
        try:
            response: Response | str | None = handler.respond(request)
        except AssertionError as error:
            self.add_assertion(error)
            raise
        except Exception as error:
            # `check()` shows the error to the test.
            self.handler_errors.append(error)
            raise
        return response if isinstance(response, Response) else Response(response or "")

    # ------------------------------------------------------------------------------ content

    def reset(self, *, random_seed: int | None = None) -> None:
        """Remove all content, expectations and faults, and restore the seed.

        Args:
            random_seed: the seed of random tokens and names from now on. The default is the seed of
                the state.
        """
        self.clear()
        self._close_clients()
        super().reset(random_seed=random_seed)

    def client(self, user: User, *, read_timeout: float = READ_TIMEOUT) -> Client:
        """Return a client that is signed in as a user.

        Signing in does not use up the user's token. The client is closed when the server closes or
        is reset.

        Args:
            read_timeout: seconds to wait for each byte of a response, including the first.

        Raises:
            TypeError: `user` is not a user.
            ValueError: a reset has removed the user.
        """
        entity_factory.check_user(self.state, user)
        session = self.state.accounts.sign_in(user)
        client = Client(self.url, session.id, read_timeout=read_timeout)
        self._clients.append(client)
        return client

    def add_user(self, email: str, *, sysadmin: bool = False, tier: str = "guest") -> User:
        """Add a user. The attribute `token` of the user signs in once.

        Raises:
            ValueError: a user with this address exists, or the tier does not exist.
        """
        return entity_factory.add_user(self.state, email, sysadmin=sysadmin, tier=tier)

    def add_provider(self, name: str, users: Iterable[User] = ()) -> str:
        """Create a provider with these users, and return its name.

        Raises:
            TypeError: one of `users` is not a user.
        """
        return entity_factory.add_provider(self.state, name, users)

    def add_service(
        self,
        provider: str,
        descriptor: Mapping[str, object] | None = None,
        githash: str | None = None,
    ) -> Service:
        """Let a provider offer a service.

        Args:
            descriptor: the content of `service.json`. The default is an example.
            githash: the commit of the service. The default is made from the descriptor.

        Raises:
            ValueError: the provider does not exist, the descriptor is incomplete, or a service with
                this name, this version and a different githash exists.
        """
        return entity_factory.add_service(self.state, provider, descriptor, githash)

    def add_ticket(
        self,
        user: User,
        service: Service,
        files: Mapping[str, bytes] | None = None,
        status: TicketStatus | str = TicketStatus.READY,
        claimed_by: User | None = None,
    ) -> Ticket:
        """Add a ticket, even beyond the quota of its user.

        Args:
            files: the input files, by name.
            status: the final status. The ticket goes through all statuses before it.
            claimed_by: the user that claims the ticket. The default is a user of a provider of the
                service.

        Raises:
            TypeError: the content of a file is not bytes.
            ValueError: the status does not exist, or no user can claim the ticket.
        """
        return entity_factory.add_ticket(
            self.state, user, service, files=files, status=status, claimed_by=claimed_by
        )

    def _close_clients(self) -> None:
        for client in self._clients:
            client.close()
        self._clients.clear()


def _reads_body(matcher: RequestMatcher) -> bool:
    plain = type(matcher) is RequestMatcher
    return not plain or matcher.data is not None or matcher.json is not UNDEFINED
