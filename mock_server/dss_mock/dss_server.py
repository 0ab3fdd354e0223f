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

from . import test_data
from .mock_server import MockServer
from .response import MockResponse
from .seed import EMPTY_SEED, Seed
from .state import Service, State, Ticket, User

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

READ_TIMEOUT = 30.0
"""Seconds after which a test that waits for an answer fails."""
LOG_LENGTH = 1000
"""How many of the requests that an expectation answered are kept in `DssServer.log`."""


class Client(DssApi):
    """The operations of the contract, asked for in the name of a user; to be closed.

    Args:
        read_timeout: seconds to wait for an answer, and for each further byte of it.

    Attributes:
        session_id: the value of the session cookie.
    """

    def __init__(self, server: str, session_id: str, *, read_timeout: float = READ_TIMEOUT) -> None:
        self._http = Urllib3Transport(server, read_timeout=read_timeout)
        super().__init__(_SignedIn(self._http, session_id))
        self.session_id = session_id

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _SignedIn:
    def __init__(self, transport: Urllib3Transport, session_id: str) -> None:
        self._transport = transport
        self._session_id = session_id

    def send(self, request: dss_api.Request) -> dss_api.Response:
        return self._transport.send(request.with_session(self._session_id))


class DssServer(MockServer, HTTPServer):
    """A mock middleware on a port of its own, for tests.

    Start and stop it as a context manager, or with `start()` and `close()`. What a test expects
    with pytest-httpserver's own methods (`expect_request` and its kin) is answered so, all else by
    the mock; a request that fits no expectation is no error, and only those that fit one stand in
    `log`.

    Args:
        host: the address to listen at.
        port: 0 takes a free one.
        state: what the mock knows; one of its own if there is none.
        noauth: whether everybody is signed in as an administrator.
        dialect: the version of the middleware that it is.
        seed: what it begins with, also after a reset; a state that was taken up again has it.

    Raises:
        ValueError: the seed does not go with the state.
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
            expected=self._expected,
        )
        self._clients: list[Client] = []
        self._matching = threading.Lock()

    def close(self) -> None:
        self._close_clients()
        super().close()

    # ------------------------------------------------------------------------------ answers

    def _expected(self, environ: WSGIEnvironment) -> MockResponse | None:
        """What a test wants answered instead."""
        expected = [*self.ordered_handlers[:1], *self.oneshot_handlers, *self.handlers]
        if not expected:
            return None
        request = Request(environ)
        if any(_reads_body(handler.matcher) for handler in expected):
            # The mock may have to read it once more.
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
        """What a test expects to happen with this request; once, if it is to happen once."""
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
            # `check()` shows it to the test.
            self.handler_errors.append(error)
            raise
        return response if isinstance(response, Response) else Response(response or "")

    # ------------------------------------------------------------------------- conveniences

    def reset(self, *, random_seed: int | None = None) -> None:
        """Forget everything that was added, done and expected, and lift all faults.

        Args:
            random_seed: of the tokens and names that are made up from now on; that of the state
                if not given.
        """
        self.clear()
        self._close_clients()
        super().reset(random_seed=random_seed)

    def client(self, user: User, *, read_timeout: float = READ_TIMEOUT) -> Client:
        """The operations of the contract, asked for over the network in the name of a user.

        The user's token stays unspent. The client is closed with the server, or at its reset.

        Args:
            read_timeout: seconds to wait for an answer, and for each further byte of it.

        Raises:
            TypeError: this is no user.
            ValueError: a reset has forgotten the user.
        """
        test_data.check_user(self.state, user)
        session = self.state.accounts.sign_in(user)
        client = Client(self.url, session.id, read_timeout=read_timeout)
        self._clients.append(client)
        return client

    def add_user(self, email: str, *, sysadmin: bool = False, tier: str = "guest") -> User:
        """Add a user, who signs in with its `token`.

        Raises:
            ValueError: there is one with this address already, or no such tier.
        """
        return test_data.add_user(self.state, email, sysadmin=sysadmin, tier=tier)

    def add_provider(self, name: str, users: Iterable[User] = ()) -> str:
        """Create a provider for which these users act; gives its name.

        Raises:
            TypeError: one of the users is none.
        """
        return test_data.add_provider(self.state, name, users)

    def add_service(
        self,
        provider: str,
        descriptor: Mapping[str, object] | None = None,
        githash: str | None = None,
    ) -> Service:
        """Let a provider offer a service.

        Args:
            descriptor: what its `service.json` would hold; that of an example if there is none.
            githash: made from the descriptor if there is none.

        Raises:
            ValueError: there is no such provider, the descriptor lacks something, or there is
                another service of the same name and version.
        """
        return test_data.add_service(self.state, provider, descriptor, githash)

    def add_ticket(
        self,
        user: User,
        service: Service,
        files: Mapping[str, bytes] | None = None,
        status: TicketStatus | str = TicketStatus.READY,
        claimed_by: User | None = None,
    ) -> Ticket:
        """Add a ticket, whatever its user's quota is.

        Args:
            files: its input, by name.
            status: it goes all the way through its life to there.
            claimed_by: who claims it on that way; anybody of the service's providers if not given.

        Raises:
            TypeError: the content of a file is not bytes.
            ValueError: there is no such status, or nobody who can have claimed the ticket.
        """
        return test_data.add_ticket(
            self.state, user, service, files=files, status=status, claimed_by=claimed_by
        )

    def _close_clients(self) -> None:
        for client in self._clients:
            client.close()
        self._clients.clear()


def _reads_body(matcher: RequestMatcher) -> bool:
    plain = type(matcher) is RequestMatcher
    return not plain or matcher.data is not None or matcher.json is not UNDEFINED
