"""All places at once, of which the first that has a session counts."""

from pathlib import Path

import pytest

from dss_api import InvalidToken
from dss_client import TokenSpent, credentials
from dss_client.credentials import order, owner_file, system_keyring

from .keyrings import MemoryKeyring
from .test_itksnap_wt import cookie, sign_in

SERVER = "https://dss.example.org"
ORIGINAL = ("system", f"itksnap_dss_python:{SERVER}")


def test_each_place_counts_when_those_before_it_have_nothing(
    home: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSS_SESSION", "of-the-environment")
    monkeypatch.setenv("DSS_TOKEN", "token")
    system_keyring.save(SERVER, "of-the-keyring")
    owner_file.save(SERVER, "of-the-file")
    jar = sign_in(home, SERVER, cookie(value="of-itksnap-wt"))
    ring.entries[ORIGINAL] = "of-the-original"
    found: list[str | None] = []

    def look() -> None:
        found.append(credentials.find(SERVER, lambda token: f"of-the-{token}"))

    look()
    monkeypatch.delenv("DSS_SESSION")
    look()
    monkeypatch.delenv("DSS_TOKEN")
    look()
    system_keyring.forget(SERVER)
    look()
    owner_file.forget(SERVER)
    look()
    jar.unlink()
    look()
    del ring.entries[ORIGINAL]
    look()

    assert found == [
        "of-the-environment",
        "of-the-token",
        "of-the-keyring",
        "of-the-file",
        "of-itksnap-wt",
        "of-the-original",
        None,
    ]


def refuse(_: str) -> str:
    raise InvalidToken("unknown")


def test_a_spent_token_gives_way_to_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")
    credentials.save(SERVER, "kept")

    assert credentials.find(SERVER, refuse) == "kept"


def test_a_spent_token_of_which_nothing_is_left_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")

    with pytest.raises(TokenSpent, match=rf"DSS_TOKEN.*only once.*{SERVER}/token") as caught:
        credentials.find(SERVER, refuse)

    assert isinstance(caught.value, PermissionError)
    assert "a-token" not in str(caught.value)


def test_a_token_is_left_alone_where_nobody_may_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSS_TOKEN", "token")

    assert credentials.find(SERVER) is None


def test_what_is_no_session_is_passed_over(ring: MemoryKeyring) -> None:
    ring.entries[system_keyring.SERVICE, SERVER] = "two words"
    ring.entries[ORIGINAL] = "0123456789abcdef"

    assert credentials.find(SERVER) == "0123456789abcdef"


def test_the_original_clients_entry_is_never_changed(ring: MemoryKeyring) -> None:
    ring.entries[ORIGINAL] = "of-the-original"

    credentials.save(SERVER, "kept")
    credentials.forget(SERVER)

    assert ring.entries == {ORIGINAL: "of-the-original"}


def test_every_place_is_of_one_server_only(home: Path, ring: MemoryKeyring) -> None:
    for _, load in order.PLACES:
        assert load(SERVER) is None
    system_keyring.save(SERVER, "of-the-keyring")
    owner_file.save(SERVER, "of-the-file")
    sign_in(home, SERVER)
    ring.entries[ORIGINAL] = "of-the-original"

    for _, load in order.PLACES:
        assert load(SERVER)
        assert load("https://another.example.org") is None
