import subprocess
import sys

import pytest

from dss_api import InvalidToken, NotLoggedIn, SessionExpired
from dss_client import DSSClient, TokenMissing, credentials

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
