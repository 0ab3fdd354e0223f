"""A keyring in the file named by `TEST_KEYRING`, for the original client and this one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """A keyring backend that stores all passwords in one JSON file."""

    priority = 5.0  # pyright: ignore[reportAssignmentType]  # a class property in the base

    def read_entries(self) -> dict[str, str]:
        """Return the stored passwords by service and name."""
        file = Path(os.environ["TEST_KEYRING"])
        entries: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return entries

    def get_password(self, service: str, username: str) -> str | None:
        return self.read_entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        entries = {**self.read_entries(), f"{service} {username}": password}
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(entries))

    def delete_password(self, service: str, username: str) -> None:
        entries = self.read_entries()
        del entries[f"{service} {username}"]
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(entries))
