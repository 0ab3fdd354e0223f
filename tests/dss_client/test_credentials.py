import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from dss_client import SessionFileExposed, credentials

SERVER = "https://dss.example.org"
SESSION = "0123456789abcdef"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring of a system that has one."""

    # A number above 0 is how a backend says that it can be used here.
    priority = 5.0  # pyright: ignore[reportAssignmentType]  # a class property in the base

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked("locked")


class BrokenKeyring(MemoryKeyring):
    """A backend whose service does not run, as over ssh."""

    @property
    def priority(self) -> float:  # type: ignore[override]  # as backends do that look first
        raise RuntimeError("Unable to initialize SecretService")


class ForgetfulKeyring(MemoryKeyring):
    """A keyring that takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


@pytest.fixture
def use_keyring() -> Iterator[type[None]]:
    before = keyring.get_keyring()
    yield type(None)
    keyring.set_keyring(before)


def session_file() -> Path:
    return credentials.session_file(SERVER)


@pytest.mark.usefixtures("use_keyring")
class TestWithAKeyring:
    def test_the_session_stands_in_the_keyring_and_in_no_file(self) -> None:
        ring = MemoryKeyring()
        keyring.set_keyring(ring)

        credentials.save(SERVER, SESSION)

        assert list(ring.entries.values()) == [SESSION]
        assert credentials.load(SERVER) == SESSION
        assert not session_file().exists()

    def test_a_file_from_before_is_removed(self) -> None:
        credentials.save(SERVER, "older")
        assert session_file().exists()
        keyring.set_keyring(MemoryKeyring())

        credentials.save(SERVER, SESSION)

        assert not session_file().exists()

    def test_forgetting_empties_it(self) -> None:
        ring = MemoryKeyring()
        keyring.set_keyring(ring)
        credentials.save(SERVER, SESSION)

        credentials.forget(SERVER)

        assert ring.entries == {}
        assert credentials.load(SERVER) is None

    @pytest.mark.parametrize("kind", [LockedKeyring, ForgetfulKeyring, BrokenKeyring])
    def test_one_that_cannot_keep_it_leaves_it_to_the_file(self, kind: type[MemoryKeyring]) -> None:
        keyring.set_keyring(kind())

        credentials.save(SERVER, SESSION)

        assert session_file().read_text() == SESSION
        assert credentials.load(SERVER) == SESSION

    def test_an_older_session_in_it_does_not_come_before_the_file(self) -> None:
        ring = ForgetfulKeyring()
        ring.entries[credentials.KEYRING_SERVICE, SERVER] = "older"
        keyring.set_keyring(ring)

        credentials.save(SERVER, SESSION)

        assert credentials.load(SERVER) == SESSION


class TestWithoutAKeyring:
    def test_the_session_stands_in_a_file_for_its_owner_alone(self) -> None:
        credentials.save(SERVER, SESSION)

        assert credentials.load(SERVER) == SESSION
        assert stat.S_IMODE(session_file().stat().st_mode) == 0o600
        assert stat.S_IMODE(session_file().parent.stat().st_mode) == 0o700

    def test_the_file_is_private_whatever_the_umask(self) -> None:
        before = os.umask(0)
        try:
            credentials.save(SERVER, SESSION)
        finally:
            os.umask(before)

        assert stat.S_IMODE(session_file().stat().st_mode) == 0o600

    def test_each_server_has_its_own(self) -> None:
        credentials.save(SERVER, SESSION)
        credentials.save("http://localhost:8080/path", "another")

        assert credentials.load(SERVER) == SESSION
        assert credentials.load("http://localhost:8080/path") == "another"
        assert credentials.load("http://elsewhere") is None

    def test_nothing_else_is_left_in_the_folder(self) -> None:
        credentials.save(SERVER, "older")
        credentials.save(SERVER, SESSION)

        assert list(session_file().parent.iterdir()) == [session_file()]

    def test_forgetting_removes_the_file_and_may_be_repeated(self) -> None:
        credentials.save(SERVER, SESSION)

        credentials.forget(SERVER)
        credentials.forget(SERVER)

        assert credentials.load(SERVER) is None

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
    def test_a_file_that_others_can_read_is_refused_with_what_to_do(self, mode: int) -> None:
        credentials.save(SERVER, SESSION)
        session_file().chmod(mode)

        with pytest.raises(SessionFileExposed, match=r"chmod 600 .*sessions") as caught:
            credentials.load(SERVER)

        assert isinstance(caught.value, PermissionError)
        assert SESSION not in str(caught.value)

    @pytest.mark.parametrize(
        "content", [b"", b"two words", b"\xff\xfe", "é".encode(), b"line\nline", b"\0"]
    )
    def test_a_file_without_a_session_in_it_is_as_good_as_none(self, content: bytes) -> None:
        credentials.save(SERVER, SESSION)
        session_file().write_bytes(content)

        assert credentials.load(SERVER) is None

    def test_a_folder_in_its_place_is_as_good_as_none(self) -> None:
        session_file().mkdir(parents=True)
        session_file().chmod(0o700)

        assert credentials.load(SERVER) is None

    def test_a_home_that_is_no_folder_is_as_good_as_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", os.devnull)

        credentials.save(SERVER, SESSION)

        assert credentials.load(SERVER) is None

    def test_the_address_of_a_server_may_be_long(self) -> None:
        server = f"{SERVER}/{'path/' * 100}"

        credentials.save(server, SESSION)

        assert credentials.load(server) == SESSION

    def test_a_home_that_cannot_be_written_is_a_warning_without_the_session(
        self, home: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (home / ".itksnap-dss").write_text("a file where the folder should be")

        with caplog.at_level(logging.WARNING):
            credentials.save(SERVER, SESSION)

        assert "could not be kept" in caplog.text
        assert SESSION not in caplog.text
