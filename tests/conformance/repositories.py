"""Git repositories with a service; a commit has the same hash on every machine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

GIT_IDENTITY = {"NAME": "Nobody", "EMAIL": "nobody@example.com", "DATE": "2024-01-01T12:00:00Z"}

DESCRIPTOR: Mapping[str, object] = {
    "name": "RegistrationExample",
    "version": "0.1.0",
    "shortdesc": "Registers two images",
    "longdesc": "Registers a moving image to a fixed one.",
    "url": "https://example.com/registration",
    "tags": [
        {"name": "fixed", "type": "AnatomicalImage", "hint": "The fixed image", "required": True}
    ],
}
"""The contents of `service.json` in the example repository."""


@attrs.frozen
class Repository:
    """A git repository with a branch `master`."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Repository:
        path.mkdir(parents=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--initial-branch=master")
        return repository

    def git(self, *arguments: str) -> str:
        """Run git in the repository and return its output."""
        environment = {
            "HOME": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": os.environ.get("PATH", os.defpath),
        }
        identity = {
            f"GIT_{role}_{key}": v
            for role in ("AUTHOR", "COMMITTER")
            for key, v in GIT_IDENTITY.items()
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**environment, **identity},
            check=True,
            capture_output=True,
            timeout=60,
        )
        return done.stdout.decode().strip()

    def commit(self, descriptor: Mapping[str, object] | str | bytes | None = None) -> str:
        """Commit a descriptor and return the hash; text is written unchanged."""
        file = self.path / "service.json"
        if isinstance(descriptor, bytes):
            file.write_bytes(descriptor)
        elif isinstance(descriptor, str):
            file.write_text(descriptor, encoding="utf-8")
        else:
            text = json.dumps(DESCRIPTOR if descriptor is None else dict(descriptor), indent=2)
            file.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A service")
        return self.git("rev-parse", "HEAD")


def describe(name: str, version: object, **others: object) -> dict[str, object]:
    """Return the descriptor of the example with another name and version."""
    return {**DESCRIPTOR, "name": name, "version": version, **others}
