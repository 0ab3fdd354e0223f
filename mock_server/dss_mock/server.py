"""The mock middleware behind a real socket."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from pytest_httpserver import HTTPServer, RequestMatcher
from pytest_httpserver.httpserver import UNDEFINED, RequestHandler
from werkzeug import Request, Response

from dss_api import Dialect, FileArea, TicketStatus
from dss_api.forms import CURRENT

from .app import MockApplication
from .client import Client
from .faults import Faults
from .files import StoredFile
from .host import Host
from .journal import Journal
from .reply import Reply
from .state import Service, State, Ticket, User
from .state.tickets import Tickets

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOG_LENGTH = 1000
"""How many of the requests that an expectation answered are kept in `DssServer.log`."""

EXAMPLE = {"name": "Example", "version": "1.0.0", "shortdesc": "A service to test against"}
"""The service of a test that needs any."""


class DssServer(HTTPServer):
    """A mock middleware on a port of its own, for tests and for `dss-mock serve`.

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

    Attributes:
        state: what the mock knows.
        mock: the application that answers.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        state: State | None = None,
        noauth: bool = False,
        dialect: Dialect = CURRENT,
    ) -> None:
        super().__init__(host, port, threaded=True)
        self.state = state or State()
        self.mock = MockApplication(
            self.state, noauth=noauth, dialect=dialect, expected=self._expected
        )
        self._clients: list[Client] = []
        self._matching = threading.Lock()
        self._carrier: Host | None = None

    @property
    def url(self) -> str:
        """The address of the server, without a slash at its end."""
        return self.url_for("/").rstrip("/")

    @property
    def tickets(self) -> Tickets:
        """The tickets by their ids, to look at what was done with them."""
        return self.state.tickets

    @property
    def requests(self) -> Journal:
        """The last requests and how they were answered, oldest first; never their bodies."""
        return self.mock.journal

    @property
    def faults(self) -> Faults:
        """What goes wrong: `server.faults.add(DropAfter(), operation="claim_ticket", times=1)`."""
        return self.mock.faults

    # ----------------------------------------------------------------------- start and stop

    def start(self) -> None:
        """Listen, and answer in the background.

        Raises:
            OSError: the address is not there, or the port in use.
            RuntimeError: it is running already.
        """
        if self._carrier:
            raise RuntimeError("the server is running already")
        self._carrier = Host(self.host, self.port, self._answer)
        self.port = self._carrier.port

    def is_running(self) -> bool:
        return self._carrier is not None

    def stop(self) -> None:
        """Stop listening.

        Raises:
            RuntimeError: it is not running.
        """
        if self._carrier is None:
            raise RuntimeError("the server is not running")
        # Whoever waits for an answer that comes late need not wait for it.
        self.faults.clear()
        self._carrier.close()
        self._carrier = None

    def close(self) -> None:
        """Stop, if it is running, and remove the files."""
        self._close_clients()
        if self.is_running():
            self.stop()
        self.state.close()

    def __enter__(self) -> Self:
        try:
            return super().__enter__()
        except OSError:
            self.close()
            raise

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------ answers

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.mock(environ, start_response)

    def _expected(self, environ: WSGIEnvironment) -> Reply | None:
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
        return Reply(response.status, headers, body, response.content_length, has_session=False)

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

    def reset(self) -> None:
        """Forget everything that was added, done and expected."""
        self.clear()
        self._close_clients()
        self.faults.clear()
        self.state.reset()
        self.mock.prepare()
        self.requests.clear()

    def client(self, user: User) -> Client:
        """The operations of the contract, asked for over the network in the name of a user.

        The user's token stays unspent. The client is closed with the server, or at its reset.
        """
        client = Client(self.url, self.state.accounts.sign_in(user).id)
        self._clients.append(client)
        return client

    def add_user(self, email: str, *, sysadmin: bool = False, tier: str = "guest") -> User:
        """Add a user, who signs in with its `token`.

        Raises:
            ValueError: there is one with this address already, or no such tier.
        """
        return self.state.accounts.add(email, sysadmin=sysadmin, tier=tier)

    def add_provider(self, name: str, users: Iterable[User] = ()) -> str:
        """Create a provider for which these users act; gives its name."""
        self.state.catalogue.create_provider(name)
        for user in users:
            self.state.catalogue.add_member(name, user)
        return name

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
            Refused: there is no such provider, or a service of the same name and version.
        """
        return self.state.catalogue.register(provider, githash, descriptor or EXAMPLE)

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
        """
        status = TicketStatus(status)
        tickets = self.state.tickets
        ticket = tickets.create(user, service, unlimited=True)
        for name, content in (files or {}).items():
            path = self.state.folder.new_path()
            path.write_bytes(content)
            file = StoredFile(name, path, len(content))
            self.state.areas.put_input(user, ticket.id, FileArea.INPUT, file)
        if status not in (TicketStatus.INIT, TicketStatus.DELETED):
            tickets.submit(user, ticket.id, TicketStatus.READY)
        if status not in (TicketStatus.INIT, TicketStatus.DELETED, TicketStatus.READY):
            provider, claimer = self._claimer(service, claimed_by)
            tickets.hand_over(ticket, claimer, provider, "default")
            if status is TicketStatus.TIMEOUT:
                tickets.expire(ticket)
            elif status is not TicketStatus.CLAIMED:
                tickets.finish(claimer, ticket.id, status)
        elif status is TicketStatus.DELETED:
            tickets.delete(user, ticket.id)
        return ticket

    def _close_clients(self) -> None:
        for client in self._clients:
            client.close()
        self._clients.clear()

    def _claimer(self, service: Service, wanted: User | None) -> tuple[str, User]:
        for provider in self.state.catalogue.providers.values():
            if service.githash in provider.offers:
                for member in provider.members.values():
                    if wanted in (None, member.user):
                        return provider.name, member.user
        raise ValueError(f"nobody can have claimed a ticket for {service.name}")


def _reads_body(matcher: RequestMatcher) -> bool:
    plain = type(matcher) is RequestMatcher
    return not plain or matcher.data is not None or matcher.json is not UNDEFINED
