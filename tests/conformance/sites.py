"""Middlewares with their users, providers and tickets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from .http_client import Actor, Part
from .http_connection import Response
from .middleware import Middleware
from .repositories import Repository

PROVIDER = "testlab"
OTHER_PROVIDER = "otherlab"


class Site:
    """A middleware and its users.

    The users `admin` (a system administrator), `prov1`, `prov2` and `user` have the ids 1 to 4.
    Each user signs in when its attribute is first read.
    """

    def __init__(self, middleware: Middleware) -> None:
        self.middleware = middleware
        self.address = middleware.address

    @cached_property
    def admin(self) -> Actor:
        return self.sign_in_as("admin")

    @cached_property
    def prov1(self) -> Actor:
        return self.sign_in_as("prov1")

    @cached_property
    def prov2(self) -> Actor:
        return self.sign_in_as("prov2")

    @cached_property
    def user(self) -> Actor:
        return self.sign_in_as("user")

    @property
    def anonymous(self) -> Actor:
        """A new user without a session."""
        return Actor(self.address)

    def sign_in_as(self, user: str) -> Actor:
        """Sign in a user with a new session."""
        actor = Actor(self.address)
        assert actor.sign_in(self.middleware.get_token(user)).status == 200
        return actor

    def add_provider(self, name: str, *users: str) -> None:
        assert self.admin.post("/api/admin/providers", {"name": name}).text == "success"
        for user in users:
            form = {"email": f"{user}@example.com"}
            assert self.admin.post(f"/api/admin/providers/{name}/users", form).status == 200

    def register_service(
        self, repository: Repository, ref: str = "master", name: str = PROVIDER
    ) -> Response:
        """Register the service in a repository for a provider."""
        form = {"repo": str(repository.path), "ref": ref}
        return self.admin.post(f"/api/admin/providers/{name}/services", form)


class Lab(Site):
    """A middleware where `prov1` is a user of the provider `testlab`, which offers a service."""

    def __init__(self, middleware: Middleware, repository: Repository) -> None:
        super().__init__(middleware)
        self.repository = repository
        self.add_provider(PROVIDER, "prov1")
        self.service = self.register_service(repository).text

    def create_ticket(
        self, files: Mapping[str, bytes] | None = None, user: Actor | None = None
    ) -> int:
        """Create a ticket with status `init` and upload its input files."""
        user = user or self.user
        response = user.post("/api/tickets", {"githash": self.service})
        assert response.status == 200, response
        ticket = int(response.text)
        for name, content in (files or {}).items():
            part = Part.file(name, content)
            assert user.upload(f"/api/tickets/{ticket}/files/input", part).status == 200
            self.middleware.wait_for_new_mtime()
        return ticket

    def create_ready_ticket(
        self, files: Mapping[str, bytes] | None = None, user: Actor | None = None
    ) -> int:
        """Create a ticket with status `ready`."""
        user = user or self.user
        ticket = self.create_ticket(files, user)
        status = {"status": "ready"}
        assert user.post(f"/api/tickets/{ticket}/status", status).text == "ready"
        return ticket

    def create_claimed_ticket(self, files: Mapping[str, bytes] | None = None) -> int:
        """Create a ticket that prov1 claims; other tickets must not have status `ready`."""
        ticket = self.create_ready_ticket(files)
        assert self.claim_ticket().text == f"{ticket}"
        return ticket

    def claim_ticket(self, actor: Actor | None = None, **form: str) -> Response:
        """Claim the oldest ready ticket as prov1, or as another user."""
        path = f"/api/pro/services/{self.service}/claims"
        return (actor or self.prov1).post(path, {"provider": PROVIDER, "code": "one", **form})

    def create_finished_ticket(self, status: str) -> int:
        """Create a ticket that prov1 claims and finishes with a status."""
        ticket = self.create_claimed_ticket()
        self.finish_ticket(ticket, status)
        return ticket

    def finish_ticket(self, ticket: int, status: str) -> None:
        response = self.prov1.post(f"/api/pro/tickets/{ticket}/status", {"status": status})
        assert response.text == status

    def report_progress(self, ticket: int, start: float, end: float, done: object) -> Response:
        """Report the progress of a part of the work as prov1."""
        form = {"chunk_start": f"{start}", "chunk_end": f"{end}", "progress": f"{done}"}
        return self.prov1.post(f"/api/pro/tickets/{ticket}/progress", form)
