"""Makes up the steps of a walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from ..asking import FORM
from ..raw import Answer
from . import material
from .chance import SELDOM, Chance
from .material import Sources
from .oddities import Pairs, encoded, odd_form, odd_format, odd_upload, target, twisted
from .steps import Step


class Generator:
    """Makes up steps that mostly make sense where the walk is.

    Args:
        seed: of all that is left to chance: the same steps come from the same seed, as long as the
            answers are the same.
    """

    def __init__(self, seed: int, sources: Sources) -> None:
        self._chance = Chance(seed)
        self._sources = sources
        self._tickets = 0
        self._logs = 0
        self._blobs = 0
        self._uploaded = "user", "/api/tickets/1/files/input"
        self._signed_out: set[str] = set(material.USERS)
        # What to do, how often.
        self._kinds: list[tuple[int, Callable[[], Step]]] = [
            (6, self._sign_in),
            (2, self._bad_sign_in),
            (2, self._sign_out),
            (3, self._who),
            (4, self._services),
            (10, self._create_ticket),
            (12, self._upload),
            (10, self._download),
            (8, self._list_files),
            (10, self._submit),
            (14, self._look),
            (6, self._log_attachments),
            (6, self._blob),
            (3, self._delete),
            (4, self._retry),
            (5, self._provided),
            (12, self._claim),
            (12, self._report),
            (9, self._finish),
            (9, self._write_log),
            (7, self._attach),
            (5, self._provider_status),
            (1, self._list_of_providers),
            (1, self._create_provider),
            (3, self._lists_of_provider),
            (1, self._add_user),
            (2, self._take_away),
            (3, self._register),
            (4, self._all_tickets),
            (1, self._purge),
            (1, self._let_time_pass),
            (4, self._stray),
        ]

    def steps(self) -> Iterator[Step]:
        """Steps without end; after each, `learn` what was answered."""
        yield from self._beginning()
        while True:
            make = self._chance.weighted(self._kinds)
            yield twisted(self._chance, make())

    def learn(self, step: Step, answer: Answer | None, blobs: int) -> None:
        """Take note of an answer.

        Args:
            blobs: how many names of blobs were seen so far.
        """
        self._blobs = blobs
        if answer is None:
            return
        if answer.body == b"success" and b"/files/" in step.target:
            self._uploaded = step.actor, step.target.partition(b"?")[0].decode()
        path = step.target.partition(b"?")[0]
        if answer.line == "200 OK" and answer.body.isdigit() and step.method == "POST":
            if path == b"/api/tickets":
                self._tickets = max(self._tickets, int(answer.body))
            elif path.startswith(b"/api/pro/tickets/"):
                self._logs = max(self._logs, int(answer.body))
        if answer.body == b"You are not logged in!":
            self._signed_out.add(step.actor)
        elif path == b"/api/login" and answer.status == 200:
            self._signed_out.discard(step.actor)

    # ------------------------------------------------------------------------- the beginning

    def _beginning(self) -> Iterator[Step]:
        for user in material.USERS:
            yield self._sign_in_as(user)
        for name in material.PROVIDERS[:2]:
            yield self._post("admin", "/api/admin/providers", [("name", name)])
        for name, user in (("testlab", "prov1"), ("otherlab", "prov2"), ("testlab", "prov2")):
            form = [("email", f"{user}@example.com")]
            yield self._post("admin", f"/api/admin/providers/{name}/users", form)
        for name in material.PROVIDERS[:2]:
            repo, ref = self._chance.one(self._sources.good)
            form = [("repo", repo), ("ref", ref)]
            yield self._post("admin", f"/api/admin/providers/{name}/services", form)

    # ------------------------------------------------------------------------------- choices

    def _who_acts(self, *usual: str) -> str:
        return self._chance.one(usual, material.ACTORS)

    def _ticket(self) -> str:
        # Mostly one of the last.
        newest = max(1, self._tickets)
        first = max(1, newest - 5) if self._chance.maybe(0.7) else 1
        usual = [f"{number}" for number in range(first, newest + 1)]
        return self._chance.one(usual, material.IDS, 0.06)

    def _githash(self) -> str:
        return self._chance.one(self._sources.githashes, material.GITHASHES, 0.1)

    def _provider(self) -> str:
        return self._chance.one(material.PROVIDERS, material.ODD_PROVIDERS, 0.08)

    def _area(self) -> str:
        return self._chance.one(("input", "results"), material.AREAS, 0.04)

    def _number(self) -> str:
        return self._chance.one(material.NUMBERS, material.ODD_NUMBERS, 0.2)

    # -------------------------------------------------------------------------- requests

    def _get(self, actor: str, path: str, query: Pairs | None = None) -> Step:
        return Step(actor, "GET", target(path, query or []))

    def _post(self, actor: str, path: str, form: Pairs) -> Step:
        return Step(actor, "POST", target(path, []), (("Content-Type", FORM),), encoded(form))

    # ------------------------------------------------------------------------------ sessions

    def _sign_in_as(self, user: str) -> Step:
        body = f"token=<<token:{user}>>".encode()
        return Step(user, "POST", b"/api/login", (("Content-Type", FORM),), body)

    def _sign_in(self) -> Step:
        missing = sorted(self._signed_out & set(material.USERS))
        if missing:
            return self._sign_in_as(self._chance.one(missing))
        if self._chance.maybe(0.2):
            return self._sign_in_as(self._chance.one(material.USERS))
        return self._look()

    def _bad_sign_in(self) -> Step:
        actor = self._chance.one(("nobody",), material.ACTORS, 0.5)
        token = self._chance.one(("zz", "", "0" * 48, "é"))
        return odd_form(self._chance, actor, "/api/login", [("token", token)])

    def _sign_out(self) -> Step:
        return self._get(self._chance.one(material.ACTORS), "/logout")

    def _who(self) -> Step:
        path = self._chance.one(("/api/login", "/api/token"))
        return self._get(self._chance.one(material.ACTORS), path, odd_format(self._chance))

    # -------------------------------------------------------------------------------- users

    def _services(self) -> Step:
        actor = self._who_acts("user", "prov1", "admin")
        if self._chance.maybe(0.4):
            return self._get(actor, "/api/services", odd_format(self._chance))
        what = self._chance.one(("detail", "stats"))
        return self._get(actor, f"/api/services/{self._githash()}/{what}", odd_format(self._chance))

    def _create_ticket(self) -> Step:
        actor = self._who_acts("user", "user", "prov2", "admin")
        form: Pairs = [("githash", self._githash())]
        if self._chance.maybe(0.2):
            form = [("name", self._chance.one(self._sources.names, ("", "nosuch", "é")))]
        if self._chance.maybe(SELDOM):
            form.append(("name", self._chance.one(self._sources.names)))
        return odd_form(self._chance, actor, "/api/tickets", form)

    def _upload(self) -> Step:
        side, actor = self._chance.one(
            (("", "user"), ("", "user"), ("/pro", "prov1"), ("", "admin"), ("/pro", "prov2"))
        )
        path = f"/api{side}/tickets/{self._ticket()}/files/{self._area()}"
        return odd_upload(self._chance, self._who_acts(actor), path, [])

    def _index(self) -> str:
        return self._chance.one(
            ("0", "0", "1", "2"), ("00", "9", "x", "-1", "0.5", "", "01", "%30", "9" * 30)
        )

    def _files_of(self) -> tuple[str, str]:
        if self._chance.maybe(0.5):
            return self._uploaded
        side, actor = self._chance.one(
            (("", "user"), ("/pro", "prov1"), ("", "admin"), ("/pro", "prov2"), ("", "prov2"))
        )
        return self._who_acts(actor), f"/api{side}/tickets/{self._ticket()}/files/{self._area()}"

    def _download(self) -> Step:
        actor, path = self._files_of()
        return self._get(actor, f"{path}/{self._index()}")

    def _list_files(self) -> Step:
        actor, path = self._files_of()
        return self._get(actor, path, odd_format(self._chance))

    def _submit(self) -> Step:
        actor = self._who_acts("user", "user", "prov2", "admin")
        status = self._chance.one(("ready",), material.ODD_STATUSES, 0.1)
        return odd_form(
            self._chance, actor, f"/api/tickets/{self._ticket()}/status", [("status", status)]
        )

    def _look(self) -> Step:
        actor = self._who_acts("user", "user", "admin", "prov2")
        if self._chance.maybe(0.2):
            return self._get(actor, "/api/tickets", odd_format(self._chance))
        what = self._chance.one(
            ("status", "log", "detail", "progress", "queuepos", "log", "detail")
        )
        query = odd_format(self._chance)
        if what in ("log", "detail") and self._chance.maybe(0.4):
            query += [("since", self._chance.one(material.SINCES))]
        if self._chance.maybe(SELDOM):
            query += [("since", self._chance.one(material.SINCES))]
        return self._get(actor, f"/api/tickets/{self._ticket()}/{what}", query)

    def _log_attachments(self) -> Step:
        usual = [f"{number}" for number in range(max(1, self._logs - 10), self._logs + 2)]
        log = self._chance.one(usual, material.IDS, 0.08)
        actor = self._who_acts("user", "user", "prov2", "admin")
        return self._get(actor, f"/api/tickets/logs/{log}/attachments", odd_format(self._chance))

    def _blob(self) -> Step:
        names = [f"<<blob:{number}>>" for number in range(self._blobs)] or ["0" * 8]
        odd = (*material.BLOBS, f"<<long-blob:{self._chance.below(self._blobs + 1)}>>")
        return Step(
            self._who_acts("nobody", "user"),
            "GET",
            b"/blobs/" + self._chance.one(names, odd).encode(),
        )

    def _delete(self) -> Step:
        return self._get(
            self._who_acts("user", "user", "prov2", "admin"),
            f"/api/tickets/{self._ticket()}/delete",
        )

    def _retry(self) -> Step:
        return self._get(
            self._who_acts("user", "user", "prov2", "admin"), f"/api/tickets/{self._ticket()}/retry"
        )

    # ---------------------------------------------------------------------------- providers

    def _provided(self) -> Step:
        actor = self._who_acts("prov1", "prov2")
        if self._chance.maybe(0.5):
            return self._get(actor, "/api/pro/services", odd_format(self._chance))
        if self._chance.maybe(SELDOM):
            return self._get(actor, f"/api/pro/services/{self._githash()}/claims")
        form: Pairs = [("services", self._githashes()), *odd_format(self._chance)]
        return odd_form(self._chance, actor, "/api/pro/services/available", form)

    def _githashes(self) -> str:
        if self._chance.maybe(0.05):
            return self._chance.one(("", ",", "x,", ",x", " ", f" {self._githash()}"))
        count = 1 + self._chance.below(3)
        chosen = [self._chance.one(self._sources.githashes) for _ in range(count)]
        if self._chance.maybe(0.05):
            chosen.append(self._githash())
        return self._chance.one((",",), (", ", ";", ",,"), SELDOM).join(chosen)

    def _claim(self) -> Step:
        actor = self._who_acts("prov1", "prov1", "prov2")
        form: Pairs = [("provider", self._provider())]
        if self._chance.maybe(0.6):
            form.append(("code", self._chance.one(("one", "two", "", 'é, "x"'))))
        if self._chance.maybe(0.5):
            path = f"/api/pro/services/{self._githash()}/claims"
            return odd_form(self._chance, actor, path, form)
        form.insert(0, ("services", self._githashes()))
        form += odd_format(self._chance)
        return odd_form(self._chance, actor, "/api/pro/services/claims", form)

    def _work(self, what: str) -> tuple[str, str]:
        return self._who_acts(
            "prov1", "prov1", "prov2"
        ), f"/api/pro/tickets/{self._ticket()}/{what}"

    def _report(self) -> Step:
        actor, path = self._work("progress")
        if self._chance.maybe(0.25):
            return self._get(actor, path)
        values = [("chunk_start", self._number()), ("chunk_end", self._number())]
        if self._chance.maybe(0.3):
            values = [("chunk_start", "0"), ("chunk_end", "1")]
        return odd_form(self._chance, actor, path, [*values, ("progress", self._number())])

    def _finish(self) -> Step:
        actor, path = self._work("status")
        status = self._chance.one(
            material.STATUSES[:2], (*material.STATUSES, *material.ODD_STATUSES)
        )
        return odd_form(self._chance, actor, path, [("status", status)])

    def _write_log(self) -> Step:
        category = self._chance.one(("info", "warning", "error"), material.CATEGORIES, 0.08)
        actor, path = self._work(category)
        message = self._chance.one(material.MESSAGES[:4], material.MESSAGES, 0.6)
        return odd_form(self._chance, actor, path, [("message", message)])

    def _attach(self) -> Step:
        actor, path = self._work("attachments")
        fields: Pairs = [("desc", self._chance.one(material.MESSAGES[:4], material.MESSAGES[:13]))]
        if self._chance.maybe(0.4):
            fields.append(("mime_type", self._chance.one(material.MIME_TYPES)))
        return odd_upload(self._chance, actor, path, fields)

    def _provider_status(self) -> Step:
        actor, path = self._work("status")
        return self._get(actor, path, odd_format(self._chance))

    # ----------------------------------------------------------------------- administrators

    def _home(self) -> str:
        return f"/api/admin/providers/{quote(self._provider(), safe='')}"

    def _list_of_providers(self) -> Step:
        return self._get(self._who_acts("admin"), "/api/admin/providers", odd_format(self._chance))

    def _create_provider(self) -> Step:
        name = self._chance.one(material.PROVIDERS, material.ODD_PROVIDERS, 0.3)
        actor = self._who_acts("admin")
        return odd_form(self._chance, actor, "/api/admin/providers", [("name", name)])

    def _lists_of_provider(self) -> Step:
        what = self._chance.one(("users", "services"))
        path = f"{self._home()}/{what}"
        return self._get(self._who_acts("admin"), path, odd_format(self._chance))

    def _add_user(self) -> Step:
        form: Pairs = [("email", self._chance.one(material.EMAILS, material.ODD_EMAILS))]
        if self._chance.maybe(0.4):
            form.append(("admin", self._chance.one(material.WHOLE[:2], material.WHOLE, 0.4)))
        return odd_form(self._chance, self._who_acts("admin"), f"{self._home()}/users", form)

    def _take_away(self) -> Step:
        user = self._chance.one(("1", "2", "3", "4"), material.IDS)
        service = f"services/{self._githash()}/delete"
        what = self._chance.one((f"users/{user}/delete", service), ("delete",), 0.25)
        return self._get(self._who_acts("admin"), f"{self._home()}/{what}")

    def _register(self) -> Step:
        actor = self._who_acts("admin")
        repo, ref = self._chance.one(self._sources.good, self._sources.odd, 0.3)
        form = [("repo", repo), ("ref", ref)]
        return odd_form(self._chance, actor, f"{self._home()}/services", form)

    def _all_tickets(self) -> Step:
        return self._get(self._who_acts("admin"), "/api/admin/tickets", odd_format(self._chance))

    def _purge(self) -> Step:
        scope = self._chance.one(("completed", "completed", "all"), material.SCOPES)
        form = [self._chance.one(material.AGES) for _ in range(self._chance.below(3))]
        return odd_form(
            self._chance, self._who_acts("admin"), f"/api/admin/tickets/purge/{scope}", form
        )

    # -------------------------------------------------------------------------------- others

    def _let_time_pass(self) -> Step:
        return Step(wait=material.PASSING)

    def _stray(self) -> Step:
        method = self._chance.one(("GET", "GET", "POST"))
        body = b"" if method == "POST" else None
        return Step(
            self._chance.one(material.ACTORS), method, self._chance.one(material.STRAYS), (), body
        )
