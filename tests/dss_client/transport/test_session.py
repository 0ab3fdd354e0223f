import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from dss_api import (
    DssApi,
    InvalidToken,
    NotLoggedIn,
    OutcomeUnknown,
    Request,
    Response,
    SessionExpired,
    Transport,
    Urllib3Transport,
)
from dss_api.requests import GetLoginRequest
from dss_api.routes import GET_LOGIN, LOGOUT
from dss_client import (
    DSSClient,
    DssError,
    SessionMissing,
    SignInTimeout,
    TokenMissing,
    TokenSpent,
    auth,
)
from dss_client.transport.session import SessionTransport
from dss_mock import DssServer, faults
from dss_wire.codec import encode_request
from tests.dss_client.auth.session_lookup import find_session_value
from tests.dss_client.auth.test_itksnap_wt import format_cookie, write_sign_in
from tests.dss_client.conftest import World


class TransportWithConcurrentSignIn:
    """A transport that signs in before it returns the response to a logout."""

    def __init__(self, inner: Transport, sign_in: Callable[[], object]) -> None:
        self._inner = inner
        self._sign_in = sign_in

    def send(self, request: Request) -> Response:
        response = self._inner.send(request)
        if request.operation is LOGOUT:
            self._sign_in()
        return response


def end_saved_session(world: World) -> None:
    """End the session that was saved last, with another client than the one that signed in."""
    DSSClient(world.server.url).api.session.logout()


def test_next_client_uses_the_saved_session(world: World, client: DSSClient) -> None:
    assert not DSSClient(world.server.url).dssp_list_services().empty


def test_next_process_uses_the_saved_session(world: World, client: DSSClient) -> None:
    script = (
        "import sys\n"
        "from itksnap_dss import DSSClient\n"
        "client = DSSClient(sys.argv[1])\n"
        "client.login_if_needed()\n"
        "print(len(client.dssp_list_services()))\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, world.server.url],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert process.stdout == "1\n"


def test_request_without_a_session_raises_error_that_advises_login(world: World) -> None:
    with pytest.raises(NotLoggedIn, match=r"DSSClient.login\(\)") as caught:
        DSSClient(world.server.url).dssp_list_services()

    assert not isinstance(caught.value, SessionExpired)
    assert isinstance(caught.value, PermissionError)


def test_request_with_an_ended_session_raises_session_expired(
    world: World, client: DSSClient
) -> None:
    end_saved_session(world)

    with pytest.raises(SessionExpired, match="no longer valid") as caught:
        client.dssp_list_services()

    assert isinstance(caught.value, NotLoggedIn)


def test_wrong_token_is_refused_without_showing_it(world: World) -> None:
    client = DSSClient(world.server.url)

    with pytest.raises(InvalidToken, match="works only once") as caught:
        client.login("not-a-token-of-any-user")

    assert isinstance(caught.value, PermissionError)
    assert "not-a-token" not in str(caught.value)


def test_wrong_token_does_not_end_the_current_session(world: World, client: DSSClient) -> None:
    with pytest.raises(InvalidToken):
        client.login("wrong")

    assert not client.dssp_list_services().empty


def test_login_response_without_cookie_raises_session_missing(world: World) -> None:
    world.server.expect_request("/api/login").respond_with_data("logged in as me@example.com \n")
    client = DSSClient(world.server.url)

    with pytest.raises(SessionMissing, match="must let cookies pass"):
        client.login("token")

    assert find_session_value(world.server.url) is None


def test_session_of_an_unknown_login_response_is_not_saved(world: World) -> None:
    cookie = {"Set-Cookie": "webpy_session_id=abcdef; Path=/"}
    world.server.expect_request("/api/login").respond_with_data("hello", headers=cookie)
    client = DSSClient(world.server.url)

    with pytest.raises(OutcomeUnknown, match="If the server's address belongs to a DSS middleware"):
        client.login("token")

    assert find_session_value(world.server.url) is None


def test_login_is_not_undone_by_another_threads_session_lookup(world: World) -> None:
    client = DSSClient(world.server.url)
    looking, may_go_on = threading.Event(), threading.Event()

    class SlowKeyring(keyring.backend.KeyringBackend):
        priority = 5.0  # pyright: ignore[reportAssignmentType]  # a class property in the base

        def get_password(self, service: str, username: str) -> str | None:
            looking.set()
            may_go_on.wait(30)
            return None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.KeyringLocked("locked")

    before = keyring.get_keyring()
    keyring.set_keyring(SlowKeyring())  # type: ignore[no-untyped-call]  # keyring does not type it
    try:
        first = threading.Thread(
            target=lambda: client.api.transport.send(make_whoami_request()).close()
        )
        first.start()
        assert looking.wait(30)
        client.api.session.login(token=world.provider.token)
        may_go_on.set()
        first.join(30)
    finally:
        may_go_on.set()
        keyring.set_keyring(before)

    assert not client.dssp_list_services().empty


def make_whoami_request() -> Request:
    return encode_request(GET_LOGIN, GetLoginRequest())


def test_blanks_around_a_token_are_removed(world: World) -> None:
    client = DSSClient(world.server.url)

    client.login(f"  {world.provider.token}\n")

    assert not client.dssp_list_services().empty


def test_login_if_needed_does_not_ask_while_the_session_is_valid(
    world: World, client: DSSClient
) -> None:
    client.login_if_needed()
    DSSClient(world.server.url).login_if_needed()


@pytest.mark.parametrize("signed_in_before", [True, False])
def test_login_if_needed_asks_when_no_session_is_valid(
    world: World, signed_in_before: bool
) -> None:
    client = DSSClient(world.server.url)
    if signed_in_before:
        client.login(world.provider.token)
        end_saved_session(world)

    # A test has no terminal to ask the user.
    with pytest.raises(TokenMissing, match=r"Take a token from http://.*/token\."):
        client.login_if_needed()


def test_logout_operation_forgets_the_session(world: World, client: DSSClient) -> None:
    client.api.session.logout()

    assert find_session_value(world.server.url) is None
    with pytest.raises(NotLoggedIn):
        client.dssp_list_services()


def test_address_with_a_slash_uses_the_session_of_the_same_server(
    world: World, client: DSSClient
) -> None:
    assert not DSSClient(world.server.url + "/").dssp_list_services().empty


class TestSessionArgument:
    def test_session_argument_is_used_and_not_saved(self, world: World) -> None:
        session = world.server.client(world.provider).session_id

        client = DSSClient(world.server.url, session=session)

        assert client.whoami() == "provider@example.com"
        assert find_session_value(world.server.url) is None

    def test_session_argument_precedes_all_other_sessions(
        self, world: World, client: DSSClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_SESSION", "of-the-environment")
        session = world.server.client(world.user).session_id

        assert DSSClient(world.server.url, session=session).whoami() == "user@example.com"

    def test_session_argument_must_be_a_string(self) -> None:
        number: Any = 5
        with pytest.raises(TypeError, match="session must be a string, not int"):
            DSSClient("http://127.0.0.1", session=number)

    @pytest.mark.parametrize("session", ["", "two words", "a;b", "é", "line\nline"])
    def test_invalid_session_argument_is_refused_without_showing_it(self, session: str) -> None:
        with pytest.raises(ValueError, match="visible ASCII") as caught:
            DSSClient("http://127.0.0.1", session=session)

        assert not session or session not in str(caught.value)


class TestEnvironmentToken:
    def test_environment_token_signs_in_when_a_session_is_first_needed(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        client = DSSClient(world.server.url)
        assert len(world.server.requests) == 0

        assert client.whoami() == "provider@example.com"
        assert client.whoami() == "provider@example.com"

        operations = [request.operation for request in world.server.requests]
        assert operations == ["login", "get_login", "get_login"]

    @pytest.mark.parametrize("start", ["login", "login_if_needed", "whoami"])
    def test_environment_token_can_stay_set_when_the_program_restarts(
        self, world: World, monkeypatch: pytest.MonkeyPatch, start: str
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        for _ in range(3):
            client = DSSClient(world.server.url)
            getattr(client, start)()
            assert client.whoami() == "provider@example.com"

    @pytest.mark.parametrize("start", ["login", "login_if_needed", "whoami"])
    def test_spent_environment_token_raises_token_spent_after_logout(
        self, world: World, monkeypatch: pytest.MonkeyPatch, start: str
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        DSSClient(world.server.url).login()
        DSSClient(world.server.url).logout()

        with pytest.raises(TokenSpent, match=r"DSS_TOKEN\. A token works only once") as caught:
            getattr(DSSClient(world.server.url), start)()

        assert isinstance(caught.value, TokenMissing)

    def test_spent_environment_token_raises_token_spent_when_the_session_has_expired(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        DSSClient(world.server.url).login()
        world.server.faults.add(faults.ExpireSession(), operation="get_login")

        with pytest.raises(TokenSpent):
            DSSClient(world.server.url).login()

    def test_environment_token_signs_in_once_for_all_threads(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        client = DSSClient(world.server.url)

        with ThreadPoolExecutor(8) as threads:
            who = list(threads.map(lambda _: client.whoami(), range(8)))

        assert set(who) == {"provider@example.com"}
        assert [r.operation for r in world.server.requests].count("login") == 1

    def test_environment_token_is_tried_again_after_a_failed_login(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        client = DSSClient(world.server.url)
        world.server.faults.add(faults.Answer(status=500), operation="login", times=1)

        with pytest.raises(DssError):
            client.whoami()

        assert client.whoami() == "provider@example.com"

    def test_environment_token_is_not_sent_to_another_server(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        monkeypatch.setenv("DSS_SERVER", "https://dss.example.org")

        with pytest.raises(NotLoggedIn):
            DSSClient(world.server.url).whoami()

        assert [request.operation for request in world.server.requests] == ["get_login"]


def test_thread_stops_waiting_for_a_slow_session_lookup_of_another_thread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dss_client.transport.session.MAX_WAIT", 0.01)
    client = DSSClient(world.server.url)
    looking, may_go_on = threading.Event(), threading.Event()

    def find_session(*_: object) -> None:
        looking.set()
        may_go_on.wait(30)

    monkeypatch.setattr(auth, "find_session", find_session)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.whoami)
        assert looking.wait(30)
        try:
            with pytest.raises(SignInTimeout, match="Another thread") as caught:
                client.whoami()
        finally:
            may_go_on.set()
        with pytest.raises(NotLoggedIn):
            first.result(30)

    assert isinstance(caught.value, TimeoutError)


class TestRefusedSession:
    """The message names the place of the session, with advice if a login would not help."""

    def test_refused_session_from_the_argument_is_named_as_such(self, world: World) -> None:
        client = DSSClient(world.server.url, session="0123456789abcdef")

        with pytest.raises(
            SessionExpired, match=r"from the argument session=\. It takes precedence over all"
        ):
            client.whoami()

    def test_refused_session_from_the_environment_is_named_as_such(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_SESSION", "0123456789abcdef")

        with pytest.raises(SessionExpired, match=r"DSS_SESSION\. .* Replace or unset it\. Sign in"):
            DSSClient(world.server.url).whoami()

    def test_refused_saved_session_is_named_by_its_source(
        self, world: World, client: DSSClient
    ) -> None:
        kept = DSSClient(world.server.url)
        kept.whoami()
        end_saved_session(world)

        with pytest.raises(SessionExpired, match=r"from the folder ~/.itksnap-dss"):
            kept.whoami()
        with pytest.raises(SessionExpired, match=r"from the last sign-in"):
            client.whoami()

    def test_login_if_needed_names_the_source_of_the_refused_session(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_SESSION", "0123456789abcdef")

        with pytest.raises(
            TokenMissing, match=r"no longer valid\. The session came from DSS_SESSION"
        ):
            DSSClient(world.server.url).login_if_needed()

    def test_failed_renewal_names_the_source_of_the_refused_session(
        self, world: World, client: DSSClient
    ) -> None:
        kept = DSSClient(world.server.url, on_session_expired=lambda client: client.login())
        kept.whoami()
        end_saved_session(world)

        with pytest.raises(
            TokenMissing, match=r"no longer valid\. The session came from the folder"
        ):
            kept.whoami()


class TestEnvironmentOfAnotherServer:
    """The message says why the session or token was not used."""

    @pytest.fixture(autouse=True)
    def other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DSS_SERVER", "https://dss.example.org")

    @pytest.mark.parametrize("name", ["DSS_SESSION", "DSS_TOKEN"])
    @pytest.mark.parametrize(
        ("act", "refused"),
        [(DSSClient.whoami, NotLoggedIn), (DSSClient.login_if_needed, TokenMissing)],
    )
    def test_environment_of_another_server_is_not_used_and_the_error_says_why(
        self,
        world: World,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        act: Callable[[DSSClient], object],
        refused: type[DssError],
    ) -> None:
        monkeypatch.setenv(name, "0123456789abcdef")

        with pytest.raises(
            refused, match=f"{name} was not used because DSS_SERVER says .* https://dss.example.org"
        ):
            act(DSSClient(world.server.url))


class TestEnvironmentWithoutServer:
    """Session and token are for the first server that needs them, and for no other."""

    def test_environment_session_serves_every_client_of_one_server(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = world.server.client(world.provider).session_id
        assert session
        monkeypatch.setenv("DSS_SESSION", session)

        for address in (world.server.url, f"{world.server.url}/", world.server.url.upper()):
            assert DSSClient(address).whoami() == "provider@example.com"

    @pytest.mark.parametrize("name", ["DSS_SESSION", "DSS_TOKEN"])
    @pytest.mark.parametrize("server", [None, "  "])
    def test_environment_session_and_token_are_not_sent_to_a_second_server(
        self, world: World, monkeypatch: pytest.MonkeyPatch, name: str, server: str | None
    ) -> None:
        if server:
            monkeypatch.setenv("DSS_SERVER", server)
        session = world.server.client(world.provider).session_id
        assert session
        secret = session if name == "DSS_SESSION" else world.provider.token
        monkeypatch.setenv(name, secret)
        DSSClient(world.server.url).whoami()
        with DssServer() as other:
            client = DSSClient(other.url)

            with pytest.raises(
                NotLoggedIn, match=rf"{name} was not used because .*Set DSS_SERVER to"
            ):
                client.whoami()
            with pytest.raises(
                TokenMissing, match=rf"{name} was not used because .*Set DSS_SERVER to"
            ):
                client.login()

            assert [request.operation for request in other.requests] == ["get_login"]

    def test_second_server_uses_its_saved_session_when_the_environment_is_for_another(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with DssServer() as other:
            DSSClient(other.url).login(other.add_user("somebody@example.com").token)
            monkeypatch.setenv("DSS_TOKEN", world.provider.token)
            assert DSSClient(world.server.url).whoami() == "provider@example.com"

            assert DSSClient(other.url).whoami() == "somebody@example.com"

    def test_environment_token_can_be_changed_for_a_second_server(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)
        DSSClient(world.server.url).whoami()
        with DssServer() as other:
            monkeypatch.setenv("DSS_TOKEN", other.add_user("somebody@example.com").token)

            assert DSSClient(other.url).whoami() == "somebody@example.com"


class TestLogout:
    def test_logout_ends_the_session_at_the_middleware_and_in_the_store(
        self, world: World, client: DSSClient
    ) -> None:
        session = find_session_value(world.server.url)
        assert session is not None

        client.logout()

        assert find_session_value(world.server.url) is None
        with pytest.raises(NotLoggedIn):
            client.whoami()
        with pytest.raises(SessionExpired):
            DSSClient(world.server.url, session=session).whoami()

    def test_logout_of_another_client_ends_the_shared_session(
        self, world: World, client: DSSClient
    ) -> None:
        DSSClient(world.server.url).logout()

        with pytest.raises(SessionExpired):
            client.whoami()

    def test_logout_without_a_session_sends_nothing(self, closed_port: int) -> None:
        DSSClient(f"http://127.0.0.1:{closed_port}").logout()

    def test_logout_can_be_repeated(self, client: DSSClient) -> None:
        client.logout()
        client.logout()

    def test_logout_does_not_spend_the_environment_token(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DSS_TOKEN", world.provider.token)

        DSSClient(world.server.url).logout()

        assert len(world.server.requests) == 0

    @pytest.mark.parametrize("fault", [faults.DropBefore(), faults.Answer(status=500)])
    def test_logout_forgets_the_session_when_the_middleware_fails(
        self, world: World, client: DSSClient, fault: faults.Fault
    ) -> None:
        world.server.faults.add(fault, operation="logout")

        with pytest.raises(DssError):
            client.logout()

        assert find_session_value(world.server.url) is None
        with pytest.raises(NotLoggedIn):
            client.whoami()

    def test_logout_error_says_that_the_middleware_may_accept_the_session(
        self, world: World, client: DSSClient
    ) -> None:
        world.server.faults.add(faults.DropBefore(), operation="logout")

        with pytest.raises(DssError) as caught:
            client.logout()

        notes = "".join(caught.value.__notes__)
        assert "This client has forgotten the session" in notes
        assert "but the middleware may accept it" in notes

    def test_logout_keeps_the_session_of_a_login_during_the_request(self, world: World) -> None:
        signed_in = world.server.client(world.provider).session_id
        with Urllib3Transport(world.server.url) as network:
            slow = TransportWithConcurrentSignIn(
                network, lambda: transport.sign_in(world.user.token)
            )
            transport = SessionTransport(slow, world.server.url, session=signed_in)

            transport.sign_out()

            assert DssApi(transport).session.get_login().email == "user@example.com"

    def test_logout_forgets_an_expired_session(self, world: World, client: DSSClient) -> None:
        session = find_session_value(world.server.url)
        assert session is not None
        DSSClient(world.server.url, session=session).api.session.logout()

        client.logout()

        assert find_session_value(world.server.url) is None

    def test_logout_keeps_the_saved_session_of_another_user(
        self, world: World, client: DSSClient
    ) -> None:
        other = DSSClient(world.server.url)
        other.login(world.user.token)

        client.logout()

        assert DSSClient(world.server.url).whoami() == "user@example.com"

    def test_logout_keeps_the_sessions_of_other_servers(
        self, world: World, client: DSSClient
    ) -> None:
        auth.save("https://dss.example.org", "another")

        client.logout()

        assert find_session_value("https://dss.example.org") == "another"

    def test_logout_does_not_change_the_files_of_other_tools(
        self, world: World, home: Path
    ) -> None:
        session = world.server.client(world.provider).session_id
        jar = write_sign_in(home, world.server.url, format_cookie("127.0.0.1", value=session))
        client = DSSClient(world.server.url)
        assert client.whoami() == "provider@example.com"

        client.logout()

        assert session in jar.read_text()
        with pytest.raises(SessionExpired):
            DSSClient(world.server.url).whoami()


def test_clients_of_two_servers_use_separate_sessions(world: World, client: DSSClient) -> None:
    with DssServer() as other:
        somebody = other.add_user("somebody@example.com")
        DSSClient(other.url).login(somebody.token)

        assert DSSClient(world.server.url).whoami() == "provider@example.com"
        assert DSSClient(other.url).whoami() == "somebody@example.com"

        DSSClient(other.url).logout()
        assert DSSClient(world.server.url).whoami() == "provider@example.com"
