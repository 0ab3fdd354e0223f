import logging
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from dss_client import SessionFileExposed, auth
from dss_client.auth import file_store, keyring_store
from tests.dss_client.auth.keyrings import (
    BrokenKeyring,
    ForgetfulKeyring,
    LockedKeyring,
    MemoryKeyring,
    WaitingKeyring,
)
from tests.dss_client.auth.session_lookup import find_session_value

SERVER = "https://dss.example.org"
SESSION = "0123456789abcdef"


def get_session_file() -> Path:
    return file_store.get_path(SERVER)


def wait_for_keyring() -> None:
    """Wait until an unlocked keyring has answered all threads."""
    for thread in tuple(keyring_store._unanswered_threads):
        thread.join(30)


@pytest.mark.usefixtures("use_keyring")
class TestWorkingKeyring:
    def test_session_is_saved_in_the_keyring_and_not_in_a_file(self) -> None:
        ring = MemoryKeyring()
        keyring.set_keyring(ring)

        auth.save(SERVER, SESSION)

        assert list(ring.entries.values()) == [SESSION]
        assert find_session_value(SERVER) == SESSION
        assert not get_session_file().exists()

    def test_older_session_file_is_removed_when_keyring_saves(self) -> None:
        auth.save(SERVER, "older")
        assert get_session_file().exists()
        keyring.set_keyring(MemoryKeyring())

        auth.save(SERVER, SESSION)

        assert not get_session_file().exists()

    def test_forgetting_removes_the_keyring_entry(self) -> None:
        ring = MemoryKeyring()
        keyring.set_keyring(ring)
        auth.save(SERVER, SESSION)

        auth.forget(SERVER)

        assert ring.entries == {}
        assert find_session_value(SERVER) is None

    def test_forgetting_a_given_session_keeps_a_different_session_in_the_keyring(
        self, ring: MemoryKeyring
    ) -> None:
        auth.save(SERVER, SESSION)

        auth.forget(SERVER, "another session")
        assert find_session_value(SERVER) == SESSION

        auth.forget(SERVER, SESSION)
        assert ring.entries == {}

    @pytest.mark.parametrize("kind", [LockedKeyring, ForgetfulKeyring, BrokenKeyring])
    def test_session_is_saved_in_a_file_when_keyring_cannot_save_it(
        self, kind: type[MemoryKeyring]
    ) -> None:
        keyring.set_keyring(kind())

        auth.save(SERVER, SESSION)

        assert get_session_file().read_text() == SESSION
        assert find_session_value(SERVER) == SESSION

    def test_older_session_in_keyring_does_not_precede_the_file(self) -> None:
        ring = ForgetfulKeyring()
        ring.entries[keyring_store.SERVICE, SERVER] = "older"
        keyring.set_keyring(ring)

        auth.save(SERVER, SESSION)

        assert find_session_value(SERVER) == SESSION


class TestLockedKeyring:
    @pytest.fixture(autouse=True)
    def waiting_keyring(
        self,
        use_keyring: Callable[[MemoryKeyring], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Iterator[WaitingKeyring]:
        monkeypatch.setattr(keyring_store, "MAX_WAIT", 0.02)
        ring = WaitingKeyring()
        use_keyring(ring)
        yield ring
        ring.unlocked.set()
        wait_for_keyring()

    def test_file_is_used_and_warned_of_once_when_keyring_does_not_answer(
        self, waiting_keyring: WaitingKeyring, caplog: pytest.LogCaptureFixture
    ) -> None:
        auth.save(SERVER, SESSION)

        assert find_session_value(SERVER) == SESSION
        assert get_session_file().read_text() == SESSION
        assert caplog.text.count("Perhaps it is waiting to be unlocked") == 1

    def test_client_waits_only_once_for_a_keyring_that_does_not_answer(
        self, waiting_keyring: WaitingKeyring
    ) -> None:
        for _ in range(3):
            assert find_session_value(SERVER) is None

        assert waiting_keyring.calls <= 1

    def test_keyring_is_used_again_after_it_is_unlocked(
        self, waiting_keyring: WaitingKeyring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting_keyring.entries[keyring_store.SERVICE, SERVER] = SESSION
        assert find_session_value(SERVER) is None

        waiting_keyring.unlocked.set()
        wait_for_keyring()
        monkeypatch.setattr(keyring_store, "MAX_WAIT", 30.0)

        assert find_session_value(SERVER) == SESSION


class TestMissingKeyring:
    def test_session_file_is_private_to_its_owner(self) -> None:
        auth.save(SERVER, SESSION)

        assert find_session_value(SERVER) == SESSION
        assert stat.S_IMODE(get_session_file().stat().st_mode) == 0o600
        assert stat.S_IMODE(get_session_file().parent.stat().st_mode) == 0o700

    def test_session_file_is_private_with_any_umask(self) -> None:
        before = os.umask(0)
        try:
            auth.save(SERVER, SESSION)
        finally:
            os.umask(before)

        assert stat.S_IMODE(get_session_file().stat().st_mode) == 0o600

    def test_each_server_has_its_own_session_file(self) -> None:
        auth.save(SERVER, SESSION)
        auth.save("http://localhost:8080/path", "another")

        assert find_session_value(SERVER) == SESSION
        assert find_session_value("http://localhost:8080/path") == "another"
        assert find_session_value("http://elsewhere") is None

    def test_saving_leaves_only_the_session_file_in_the_folder(self) -> None:
        auth.save(SERVER, "older")
        auth.save(SERVER, SESSION)

        assert list(get_session_file().parent.iterdir()) == [get_session_file()]

    def test_forgetting_removes_the_file_and_can_be_repeated(self) -> None:
        auth.save(SERVER, SESSION)

        auth.forget(SERVER)
        auth.forget(SERVER)

        assert find_session_value(SERVER) is None

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
    def test_session_file_readable_by_others_is_refused_with_advice(self, mode: int) -> None:
        auth.save(SERVER, SESSION)
        get_session_file().chmod(mode)

        with pytest.raises(SessionFileExposed, match=r"chmod 600 .*sessions") as caught:
            find_session_value(SERVER)

        assert isinstance(caught.value, PermissionError)
        assert SESSION not in str(caught.value)

    @pytest.mark.parametrize(
        "content", [b"", b"two words", b"\xff\xfe", "é".encode(), b"line\nline", b"\0"]
    )
    def test_session_file_with_invalid_content_is_ignored(self, content: bytes) -> None:
        auth.save(SERVER, SESSION)
        get_session_file().write_bytes(content)

        assert find_session_value(SERVER) is None

    def test_session_file_of_another_user_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        auth.save(SERVER, SESSION)
        monkeypatch.setattr(os, "geteuid", lambda: get_session_file().stat().st_uid + 1)

        with pytest.raises(SessionFileExposed, match=r"belongs to another user.*sign in again"):
            find_session_value(SERVER)

    def test_symbolic_link_to_session_file_is_refused(self, tmp_path: Path) -> None:
        auth.save(SERVER, SESSION)
        elsewhere = tmp_path / "elsewhere"
        get_session_file().rename(elsewhere)
        get_session_file().symlink_to(elsewhere)

        with pytest.raises(SessionFileExposed, match="is a symbolic link"):
            find_session_value(SERVER)

    def test_saving_replaces_a_refused_link_without_changing_its_target(
        self, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_text("content of another user")
        auth.save(SERVER, SESSION)
        get_session_file().unlink()
        get_session_file().symlink_to(elsewhere)

        auth.save(SERVER, "new")

        assert find_session_value(SERVER) == "new"
        assert elsewhere.read_text() == "content of another user"

    @pytest.mark.skipif(os.name != "posix", reason="needs symbolic links for every user")
    def test_link_in_place_of_the_temporary_file_is_not_written_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
        elsewhere = tmp_path / "elsewhere"
        elsewhere.touch()
        get_session_file().parent.mkdir(parents=True)
        get_session_file().with_name(".guessed").symlink_to(elsewhere)

        auth.save(SERVER, SESSION)

        assert elsewhere.read_text() == ""
        assert "could not be saved" in caplog.text

    def test_saving_makes_a_readable_folder_private_again(self) -> None:
        auth.save(SERVER, SESSION)
        folders = (get_session_file().parent, get_session_file().parent.parent)
        for folder in folders:
            folder.chmod(0o755)

        auth.save(SERVER, SESSION)

        assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}

    def test_failed_save_keeps_the_previous_session(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        auth.save(SERVER, SESSION)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        auth.save(SERVER, "newer")

        assert "No space left" in caplog.text
        assert list(get_session_file().parent.iterdir()) == [get_session_file()]
        assert find_session_value(SERVER) == SESSION

    def test_forgetting_a_given_session_keeps_a_different_session_in_the_file(self) -> None:
        auth.save(SERVER, SESSION)

        auth.forget(SERVER, "another session")
        assert find_session_value(SERVER) == SESSION

        auth.forget(SERVER, SESSION)
        assert find_session_value(SERVER) is None

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_pipe_in_place_of_the_session_file_is_ignored(self) -> None:
        get_session_file().parent.mkdir(parents=True)
        os.mkfifo(get_session_file(), 0o600)

        assert find_session_value(SERVER) is None

    def test_folder_in_place_of_the_session_file_is_ignored(self) -> None:
        get_session_file().mkdir(parents=True)
        get_session_file().chmod(0o700)

        assert find_session_value(SERVER) is None

    def test_session_is_not_saved_when_home_is_not_a_folder(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", os.devnull)

        auth.save(SERVER, SESSION)

        assert find_session_value(SERVER) is None

    def test_session_of_a_server_with_a_long_address_is_saved(self) -> None:
        server = f"{SERVER}/{'path/' * 100}"

        auth.save(server, SESSION)

        assert find_session_value(server) == SESSION

    def test_failed_save_logs_a_warning_without_the_session(
        self, home: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (home / ".itksnap-dss").write_text("a file where the folder should be")

        with caplog.at_level(logging.WARNING):
            auth.save(SERVER, SESSION)

        assert "could not be saved" in caplog.text
        assert SESSION not in caplog.text
