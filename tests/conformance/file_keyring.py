"""A keyring in the file that `TEST_KEYRING` names, for the original client and this one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps everything in one JSON object."""

    priority = 5.0  # pyright: ignore[reportAssignmentType]  # a class property in the base

    def entries(self) -> dict[str, str]:
        """What was kept, by service and name."""
        file = Path(os.environ["TEST_KEYRING"])
        found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        entries = {**self.entries(), f"{service} {username}": password}
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(entries))

    def delete_password(self, service: str, username: str) -> None:
        entries = self.entries()
        del entries[f"{service} {username}"]
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(entries))
