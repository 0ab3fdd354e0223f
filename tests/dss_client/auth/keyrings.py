"""Keyrings that work and keyrings that fail."""

from __future__ import annotations

import threading

import keyring.backend
import keyring.errors


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that works."""

    # A backend with a priority above 0 can be used.
    priority = 5.0  # pyright: ignore[reportAssignmentType]  # a class property in the base

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring does not type it
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that stays locked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked("locked")


class WaitingKeyring(MemoryKeyring):
    """A keyring that waits until it is unlocked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.unlocked = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)

    def _wait(self) -> None:
        self.calls += 1
        assert self.unlocked.wait(30)


class BrokenKeyring(MemoryKeyring):
    """A backend whose service does not run, as in an SSH session."""

    @property
    def priority(self) -> float:  # type: ignore[override]  # some backends check in the property
        raise RuntimeError("Unable to initialize SecretService")


class ForgetfulKeyring(MemoryKeyring):
    """A keyring that accepts entries and does not save them."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass
