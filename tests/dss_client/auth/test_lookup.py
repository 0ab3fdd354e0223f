"""Session lookup in all places; the first place with a session is used."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dss_api import InvalidToken
from dss_client import TokenSpent, auth
from dss_client.auth import file_store, keyring_store, lookup
from tests.dss_client.auth.keyrings import MemoryKeyring
from tests.dss_client.auth.session_lookup import find_session_value
from tests.dss_client.auth.test_itksnap_wt import format_cookie, write_sign_in

SERVER = "https://dss.example.org"
LEGACY_ENTRY = ("system", f"itksnap_dss_python:{SERVER}")


def test_each_session_source_is_used_when_earlier_sources_are_empty(
    home: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSS_SESSION", "of-the-environment")
    monkeypatch.setenv("DSS_TOKEN", "token")
    keyring_store.save(SERVER, "of-the-keyring")
    file_store.save(SERVER, "of-the-file")
    jar = write_sign_in(home, SERVER, format_cookie(value="of-itksnap-wt"))
    ring.entries[LEGACY_ENTRY] = "of-the-original"
    seen: list[str | None] = []

    def look() -> None:
        seen.append(find_session_value(SERVER, lambda token: f"of-the-{token}"))

    look()
    monkeypatch.delenv("DSS_SESSION")
    look()
    monkeypatch.delenv("DSS_TOKEN")
    look()
    keyring_store.forget(SERVER)
    look()
    file_store.forget(SERVER)
    look()
    jar.unlink()
    look()
    del ring.entries[LEGACY_ENTRY]
    look()

    assert seen == [
        "of-the-environment",
        "of-the-token",
        "of-the-keyring",
        "of-the-file",
        "of-itksnap-wt",
        "of-the-original",
        None,
    ]


def refuse_token(_: str) -> str:
    raise InvalidToken("unknown")


def test_saved_session_is_used_when_token_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")
    auth.save(SERVER, "kept")

    assert find_session_value(SERVER, refuse_token) == "kept"


def test_spent_token_without_saved_session_raises_token_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")

    with pytest.raises(TokenSpent, match=rf"DSS_TOKEN.*only once.*{SERVER}/token") as caught:
        find_session_value(SERVER, refuse_token)

    assert isinstance(caught.value, PermissionError)
    assert "a-token" not in str(caught.value)


def test_processes_that_start_together_share_the_session_of_one_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")
    monkeypatch.setattr(lookup, "MAX_SAVE_WAIT", 30.0)
    refused = threading.Event()

    def refuse_as_well(token: str) -> str:
        refused.set()
        return refuse_token(token)

    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(find_session_value, SERVER, refuse_as_well)
        assert refused.wait(30)
        auth.save(SERVER, "of-the-first")
        assert second.result(30) == "of-the-first"


def test_client_waits_only_once_for_the_saved_session_of_a_spent_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DSS_TOKEN", "a-token-that-signed-in")
    monkeypatch.setattr(lookup, "MAX_SAVE_WAIT", 0.2)
    with pytest.raises(TokenSpent):
        find_session_value(SERVER, refuse_token)

    monkeypatch.setattr(lookup, "sleep", None)
    with pytest.raises(TokenSpent):
        find_session_value(SERVER, refuse_token)


def test_environment_token_is_not_used_without_a_sign_in_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DSS_TOKEN", "token")

    assert find_session_value(SERVER) is None


def test_invalid_saved_session_is_skipped(ring: MemoryKeyring) -> None:
    ring.entries[keyring_store.SERVICE, SERVER] = "two words"
    ring.entries[LEGACY_ENTRY] = "0123456789abcdef"

    assert find_session_value(SERVER) == "0123456789abcdef"


@pytest.mark.parametrize("typed", [f"{SERVER}/", "https://DSS.example.org:443", SERVER])
def test_session_of_original_client_is_found_by_the_address_that_the_user_typed(
    ring: MemoryKeyring, typed: str
) -> None:
    ring.entries["system", f"itksnap_dss_python:{typed}"] = "of-the-original"

    assert find_session_value("https://DSS.example.org:443") == "of-the-original"


def test_keyring_entry_of_original_client_is_never_changed(ring: MemoryKeyring) -> None:
    ring.entries[LEGACY_ENTRY] = "of-the-original"

    auth.save(SERVER, "kept")
    auth.forget(SERVER)

    assert ring.entries == {LEGACY_ENTRY: "of-the-original"}


def test_every_session_source_keeps_sessions_of_servers_apart(
    home: Path, ring: MemoryKeyring
) -> None:
    for _, load in lookup.PLACES:
        assert load(SERVER) is None
    keyring_store.save(SERVER, "of-the-keyring")
    file_store.save(SERVER, "of-the-file")
    write_sign_in(home, SERVER)
    ring.entries[LEGACY_ENTRY] = "of-the-original"

    for _, load in lookup.PLACES:
        assert load(SERVER)
        assert load("https://another.example.org") is None
