"""A middleware with its people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from .asking import Actor, Part
from .middleware import Middleware
from .raw import Answer
from .repositories import Repository

PROVIDER = "testlab"
OTHER = "otherlab"


class Site:
    """A middleware and those who use it.

    The users `admin` (a system administrator), `prov1`, `prov2` and `user` have the ids 1 to 4.
    Each signs in when it is first asked for.
    """

    def __init__(self, middleware: Middleware) -> None:
        self.middleware = middleware
        self.address = middleware.address

    @cached_property
    def admin(self) -> Actor:
        return self.signed_in("admin")

    @cached_property
    def prov1(self) -> Actor:
        return self.signed_in("prov1")

    @cached_property
    def prov2(self) -> Actor:
        return self.signed_in("prov2")

    @cached_property
    def user(self) -> Actor:
        return self.signed_in("user")

    @property
    def nobody(self) -> Actor:
        """Somebody without a session."""
        return Actor(self.address)

    def signed_in(self, user: str) -> Actor:
        """A new session of a user."""
        actor = Actor(self.address)
        assert actor.sign_in(self.middleware.token(user)).status == 200
        return actor

    def add_provider(self, name: str, *users: str) -> None:
        assert self.admin.post("/api/admin/providers", {"name": name}).text == "success"
        for user in users:
            form = {"email": f"{user}@example.com"}
            assert self.admin.post(f"/api/admin/providers/{name}/users", form).status == 200

    def register(self, repository: Repository, ref: str = "master", name: str = PROVIDER) -> Answer:
        """Let a provider offer what a repository holds."""
        form = {"repo": str(repository.path), "ref": ref}
        return self.admin.post(f"/api/admin/providers/{name}/services", form)


class Lab(Site):
    """A middleware with the provider `testlab` of `prov1`, which offers a service."""

    def __init__(self, middleware: Middleware, repository: Repository) -> None:
        super().__init__(middleware)
        self.repository = repository
        self.add_provider(PROVIDER, "prov1")
        self.service = self.register(repository).text

    def new_ticket(
        self, files: Mapping[str, bytes] | None = None, user: Actor | None = None
    ) -> int:
        """A ticket whose files are still being uploaded."""
        user = user or self.user
        answer = user.post("/api/tickets", {"githash": self.service})
        assert answer.status == 200, answer
        ticket = int(answer.text)
        for name, content in (files or {}).items():
            part = Part.file(name, content)
            assert user.upload(f"/api/tickets/{ticket}/files/input", part).status == 200
            self.middleware.settle()
        return ticket

    def ready_ticket(
        self, files: Mapping[str, bytes] | None = None, user: Actor | None = None
    ) -> int:
        """A ticket that waits to be claimed."""
        user = user or self.user
        ticket = self.new_ticket(files, user)
        status = {"status": "ready"}
        assert user.post(f"/api/tickets/{ticket}/status", status).text == "ready"
        return ticket

    def claimed_ticket(self, files: Mapping[str, bytes] | None = None) -> int:
        """A ticket that prov1 claimed; nothing else must wait."""
        ticket = self.ready_ticket(files)
        assert self.claim().text == f"{ticket}"
        return ticket

    def claim(self, actor: Actor | None = None, **form: str) -> Answer:
        """Let prov1, or another, take the oldest ticket."""
        path = f"/api/pro/services/{self.service}/claims"
        return (actor or self.prov1).post(path, {"provider": PROVIDER, "code": "one", **form})

    def finished_ticket(self, status: str) -> int:
        """A ticket that prov1 finished with a status."""
        ticket = self.claimed_ticket()
        self.finish(ticket, status)
        return ticket

    def finish(self, ticket: int, status: str) -> None:
        answer = self.prov1.post(f"/api/pro/tickets/{ticket}/status", {"status": status})
        assert answer.text == status

    def report(self, ticket: int, start: float, end: float, done: object) -> Answer:
        """Let prov1 say how far a part of the work is."""
        form = {"chunk_start": f"{start}", "chunk_end": f"{end}", "progress": f"{done}"}
        return self.prov1.post(f"/api/pro/tickets/{ticket}/progress", form)
