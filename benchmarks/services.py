"""The services of both middlewares, and the git repository that describes them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .users import ADMIN, PROVIDER, SignedInUser, User

SERVICE_COUNT = 10
"""The number of services; a usual number."""


def make_repository(folder: Path) -> None:
    """Make the git repository of the services, with a branch for each service."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        subprocess.run(  # noqa: S603  # no shell; all arguments are from this module
            ("git", "-C", f"{folder}", *identity, *arguments),  # noqa: S607  # any git will do
            check=True,
            capture_output=True,
        )

    folder.mkdir()
    git("init", "--quiet")
    for number in range(SERVICE_COUNT):
        descriptor = {
            "name": f"Service{number}",
            "version": "1.0.0",
            "shortdesc": f"Outline the structure number {number} in a T1-weighted MRI",
            "longdesc": "",
            "url": "",
            "tags": [],
        }
        (folder / "service.json").write_text(json.dumps(descriptor), encoding="utf-8")
        git("add", "service.json")
        git("commit", "--quiet", "--message", f"Service {number}")
        git("branch", f"service{number}")


def register_services(url: str, repository: Path, users: Sequence[User]) -> Sequence[str]:
    """Create the provider with its users, register its services, and return their hashes."""
    with SignedInUser(url, ADMIN) as admin:
        admin.api.admin.create_provider(name=PROVIDER)
        for user in users:
            admin.api.admin.add_provider_user(provider=PROVIDER, email=user.email)
        return [
            admin.api.admin.register_service(
                provider=PROVIDER, repo=f"{repository}", ref=f"service{number}"
            )
            for number in range(SERVICE_COUNT)
        ]
