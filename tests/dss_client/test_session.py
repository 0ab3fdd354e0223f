import subprocess
import sys
import threading

import keyring
import keyring.backend
import keyring.errors
import pytest

from dss_api import InvalidToken, NotLoggedIn, Request, SessionExpired, UnexpectedAnswer
from dss_api.codec import encode_request
from dss_api.requests import GetLoginRequest
from dss_api.routes import GET_LOGIN
from dss_client import DSSClient, SessionMissing, TokenMissing, credentials

from .conftest import World


def end_kept_session(world: World) -> None:
    """End the session that was kept last, without the client that signed in knowing."""
    DSSClient(world.server.url).api.session.logout()


def test_the_session_serves_the_next_client(world: World, client: DSSClient) -> None:
    assert not DSSClient(world.server.url).dssp_list_services().empty


def test_the_session_serves_the_next_process(world: World, client: DSSClient) -> None:
    script = (
        "import sys\n"
        "from itksnap_dss import DSSClient\n"
        "client = DSSClient(sys.argv[1])\n"
        "client.login_if_needed()\n"
        "print(len(client.dssp_list_services()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, world.server.url],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == "1\n"


def test_without_a_session_it_says_to_sign_in(world: World) -> None:
    with pytest.raises(NotLoggedIn, match=r"DSSClient.login\(\)") as caught:
        DSSClient(world.server.url).dssp_list_services()

    assert not isinstance(caught.value, SessionExpired)
    assert isinstance(caught.value, PermissionError)


def test_a_session_that_ended_says_so(world: World, client: DSSClient) -> None:
    end_kept_session(world)

    with pytest.raises(SessionExpired, match="no longer valid") as caught:
        client.dssp_list_services()

    assert isinstance(caught.value, NotLoggedIn)


def test_a_wrong_token_is_refused_and_not_repeated(world: World) -> None:
    client = DSSClient(world.server.url)

    with pytest.raises(InvalidToken, match="works only once") as caught:
        client.login("not-a-token-of-anybody")

    assert isinstance(caught.value, PermissionError)
    assert "not-a-token" not in str(caught.value)


def test_a_wrong_token_leaves_the_session_alone(world: World, client: DSSClient) -> None:
    with pytest.raises(InvalidToken):
        client.login("wrong")

    assert not client.dssp_list_services().empty


def test_a_login_without_a_session_says_so(world: World) -> None:
    world.server.expect_request("/api/login").respond_with_data("logged in as me@example.com \n")
    client = DSSClient(world.server.url)

    with pytest.raises(SessionMissing, match="must let cookies pass"):
        client.login("token")

    assert credentials.load(world.server.url) is None


def test_an_answer_that_is_no_login_is_not_kept(world: World) -> None:
    cookie = {"Set-Cookie": "webpy_session_id=abcdef; Path=/"}
    world.server.expect_request("/api/login").respond_with_data("hello", headers=cookie)
    client = DSSClient(world.server.url)

    with pytest.raises(UnexpectedAnswer):
        client.login("token")

    assert credentials.load(world.server.url) is None


def test_signing_in_while_another_thread_looks_for_a_session_is_not_undone(world: World) -> None:
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
    keyring.set_keyring(SlowKeyring())  # type: ignore[no-untyped-call]  # keyring leaves it untyped
    try:
        first = threading.Thread(target=lambda: client.api.transport.send(whoami()).close())
        first.start()
        assert looking.wait(30)
        client.api.session.login(token=world.provider.token)
        may_go_on.set()
        first.join(30)
    finally:
        may_go_on.set()
        keyring.set_keyring(before)

    assert not client.dssp_list_services().empty


def whoami() -> Request:
    return encode_request(GET_LOGIN, GetLoginRequest())


def test_a_token_may_be_pasted_with_blanks_around_it(world: World) -> None:
    client = DSSClient(world.server.url)

    client.login(f"  {world.provider.token}\n")

    assert not client.dssp_list_services().empty


def test_signing_in_where_needed_asks_nothing_while_the_session_holds(
    world: World, client: DSSClient
) -> None:
    client.login_if_needed()
    DSSClient(world.server.url).login_if_needed()


@pytest.mark.parametrize("signed_in_before", [True, False])
def test_signing_in_where_needed_asks_when_there_is_no_valid_session(
    world: World, signed_in_before: bool
) -> None:
    client = DSSClient(world.server.url)
    if signed_in_before:
        client.login(world.provider.token)
        end_kept_session(world)

    # Nobody is there to ask in a test.
    with pytest.raises(TokenMissing, match=r"Visit http://.*/token to obtain a token"):
        client.login_if_needed()


def test_signing_out_forgets_the_session(world: World, client: DSSClient) -> None:
    client.api.session.logout()

    assert credentials.load(world.server.url) is None
    with pytest.raises(NotLoggedIn):
        client.dssp_list_services()


def test_an_address_with_a_slash_is_the_same_server(world: World, client: DSSClient) -> None:
    assert not DSSClient(world.server.url + "/").dssp_list_services().empty
