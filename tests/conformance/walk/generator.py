"""The generator of the steps of a walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from ..http_client import FORM
from ..http_connection import Response
from . import inputs
from .inputs import ServiceSources
from .mutations import (
    Pairs,
    encode_form,
    encode_target,
    make_form_step,
    make_upload_step,
    mutate_step,
    pick_format,
)
from .random_source import SELDOM, RandomSource
from .steps import Step


class Generator:
    """A generator of steps that mostly fit the current state of the walk.

    Args:
        seed: the seed of all random choices. The same seed gives the same steps if the middleware
            gives the same responses.
        sources: the repositories that services are registered from.
    """

    def __init__(self, seed: int, sources: ServiceSources) -> None:
        self._random = RandomSource(seed)
        self._sources = sources
        self._tickets = 0
        self._logs = 0
        self._blobs = 0
        self._uploaded = "user", "/api/tickets/1/files/input"
        self._signed_out: set[str] = set(inputs.USERS)
        # Each kind of step with its weight.
        self._step_makers: list[tuple[int, Callable[[], Step]]] = [
            (6, self._sign_in),
            (2, self._sign_in_with_bad_token),
            (2, self._sign_out),
            (3, self._get_session),
            (4, self._get_services),
            (10, self._create_ticket),
            (12, self._upload_file),
            (10, self._download_file),
            (8, self._list_files),
            (10, self._submit_ticket),
            (14, self._get_ticket_state),
            (6, self._list_log_attachments),
            (6, self._get_blob),
            (3, self._delete_ticket),
            (4, self._retry_ticket),
            (5, self._list_provided_services),
            (12, self._claim_ticket),
            (12, self._report_progress),
            (9, self._finish_ticket),
            (9, self._write_log),
            (7, self._attach_file),
            (5, self._get_provider_status),
            (1, self._list_providers),
            (1, self._create_provider),
            (3, self._list_provider_members),
            (1, self._add_user),
            (2, self._remove_from_provider),
            (3, self._register_service),
            (4, self._list_all_tickets),
            (1, self._purge_tickets),
            (1, self._advance_time),
            (4, self._request_unknown_path),
        ]

    def steps(self) -> Iterator[Step]:
        """Yield steps without end; the caller passes each response to `learn`."""
        yield from self._make_setup_steps()
        while True:
            make = self._random.pick_weighted(self._step_makers)
            yield mutate_step(self._random, make())

    def learn(self, step: Step, response: Response | None, blobs: int) -> None:
        """Update the state of the walk from a response.

        Args:
            step: the step that was run.
            response: the response; `None` if the step did not get one.
            blobs: the number of blob names in the responses so far.
        """
        self._blobs = blobs
        if response is None:
            return
        if response.body == b"success" and b"/files/" in step.target:
            self._uploaded = step.actor, step.target.partition(b"?")[0].decode()
        path = step.target.partition(b"?")[0]
        if response.status_line == "200 OK" and response.body.isdigit() and step.method == "POST":
            if path == b"/api/tickets":
                self._tickets = max(self._tickets, int(response.body))
            elif path.startswith(b"/api/pro/tickets/"):
                self._logs = max(self._logs, int(response.body))
        if response.body == b"You are not logged in!":
            self._signed_out.add(step.actor)
        elif path == b"/api/login" and response.status == 200:
            self._signed_out.discard(step.actor)

    # -------------------------------------------------------------------------------- set-up

    def _make_setup_steps(self) -> Iterator[Step]:
        for user in inputs.USERS:
            yield self._sign_in_as(user)
        for name in inputs.PROVIDERS[:2]:
            yield self._make_post("admin", "/api/admin/providers", [("name", name)])
        for name, user in (("testlab", "prov1"), ("otherlab", "prov2"), ("testlab", "prov2")):
            form = [("email", f"{user}@example.com")]
            yield self._make_post("admin", f"/api/admin/providers/{name}/users", form)
        for name in inputs.PROVIDERS[:2]:
            repo, ref = self._random.pick(self._sources.good)
            form = [("repo", repo), ("ref", ref)]
            yield self._make_post("admin", f"/api/admin/providers/{name}/services", form)

    # ------------------------------------------------------------------------------- choices

    def _pick_actor(self, *usual: str) -> str:
        return self._random.pick(usual, inputs.ACTORS)

    def _pick_ticket(self) -> str:
        # Prefer recent tickets.
        newest = max(1, self._tickets)
        first = max(1, newest - 5) if self._random.decide(0.7) else 1
        usual = [f"{number}" for number in range(first, newest + 1)]
        return self._random.pick(usual, inputs.IDS, 0.06)

    def _pick_githash(self) -> str:
        return self._random.pick(self._sources.githashes, inputs.GITHASHES, 0.1)

    def _pick_provider(self) -> str:
        return self._random.pick(inputs.PROVIDERS, inputs.ODD_PROVIDERS, 0.08)

    def _pick_area(self) -> str:
        return self._random.pick(("input", "results"), inputs.AREAS, 0.04)

    def _pick_number(self) -> str:
        return self._random.pick(inputs.NUMBERS, inputs.ODD_NUMBERS, 0.2)

    # -------------------------------------------------------------------------- requests

    def _make_get(self, actor: str, path: str, query: Pairs | None = None) -> Step:
        return Step(actor, "GET", encode_target(path, query or []))

    def _make_post(self, actor: str, path: str, form: Pairs) -> Step:
        return Step(
            actor, "POST", encode_target(path, []), (("Content-Type", FORM),), encode_form(form)
        )

    # ------------------------------------------------------------------------------ sessions

    def _sign_in_as(self, user: str) -> Step:
        body = f"token=<<token:{user}>>".encode()
        return Step(user, "POST", b"/api/login", (("Content-Type", FORM),), body)

    def _sign_in(self) -> Step:
        missing = sorted(self._signed_out & set(inputs.USERS))
        if missing:
            return self._sign_in_as(self._random.pick(missing))
        if self._random.decide(0.2):
            return self._sign_in_as(self._random.pick(inputs.USERS))
        return self._get_ticket_state()

    def _sign_in_with_bad_token(self) -> Step:
        actor = self._random.pick(("anonymous",), inputs.ACTORS, 0.5)
        token = self._random.pick(("zz", "", "0" * 48, "é"))
        return make_form_step(self._random, actor, "/api/login", [("token", token)])

    def _sign_out(self) -> Step:
        return self._make_get(self._random.pick(inputs.ACTORS), "/logout")

    def _get_session(self) -> Step:
        path = self._random.pick(("/api/login", "/api/token"))
        return self._make_get(self._random.pick(inputs.ACTORS), path, pick_format(self._random))

    # -------------------------------------------------------------------------------- users

    def _get_services(self) -> Step:
        actor = self._pick_actor("user", "prov1", "admin")
        if self._random.decide(0.4):
            return self._make_get(actor, "/api/services", pick_format(self._random))
        what = self._random.pick(("detail", "stats"))
        return self._make_get(
            actor, f"/api/services/{self._pick_githash()}/{what}", pick_format(self._random)
        )

    def _create_ticket(self) -> Step:
        actor = self._pick_actor("user", "user", "prov2", "admin")
        form: Pairs = [("githash", self._pick_githash())]
        if self._random.decide(0.2):
            form = [("name", self._random.pick(self._sources.names, ("", "nosuch", "é")))]
        if self._random.decide(SELDOM):
            form.append(("name", self._random.pick(self._sources.names)))
        return make_form_step(self._random, actor, "/api/tickets", form)

    def _upload_file(self) -> Step:
        side, actor = self._random.pick(
            (("", "user"), ("", "user"), ("/pro", "prov1"), ("", "admin"), ("/pro", "prov2"))
        )
        path = f"/api{side}/tickets/{self._pick_ticket()}/files/{self._pick_area()}"
        return make_upload_step(self._random, self._pick_actor(actor), path, [])

    def _pick_index(self) -> str:
        return self._random.pick(
            ("0", "0", "1", "2"), ("00", "9", "x", "-1", "0.5", "", "01", "%30", "9" * 30)
        )

    def _pick_files(self) -> tuple[str, str]:
        if self._random.decide(0.5):
            return self._uploaded
        side, actor = self._random.pick(
            (("", "user"), ("/pro", "prov1"), ("", "admin"), ("/pro", "prov2"), ("", "prov2"))
        )
        actor = self._pick_actor(actor)
        return actor, f"/api{side}/tickets/{self._pick_ticket()}/files/{self._pick_area()}"

    def _download_file(self) -> Step:
        actor, path = self._pick_files()
        return self._make_get(actor, f"{path}/{self._pick_index()}")

    def _list_files(self) -> Step:
        actor, path = self._pick_files()
        return self._make_get(actor, path, pick_format(self._random))

    def _submit_ticket(self) -> Step:
        actor = self._pick_actor("user", "user", "prov2", "admin")
        status = self._random.pick(("ready",), inputs.ODD_STATUSES, 0.1)
        return make_form_step(
            self._random, actor, f"/api/tickets/{self._pick_ticket()}/status", [("status", status)]
        )

    def _get_ticket_state(self) -> Step:
        actor = self._pick_actor("user", "user", "admin", "prov2")
        if self._random.decide(0.2):
            return self._make_get(actor, "/api/tickets", pick_format(self._random))
        what = self._random.pick(
            ("status", "log", "detail", "progress", "queuepos", "log", "detail")
        )
        query = pick_format(self._random)
        if what in ("log", "detail") and self._random.decide(0.4):
            query += [("since", self._random.pick(inputs.SINCES))]
        if self._random.decide(SELDOM):
            query += [("since", self._random.pick(inputs.SINCES))]
        return self._make_get(actor, f"/api/tickets/{self._pick_ticket()}/{what}", query)

    def _list_log_attachments(self) -> Step:
        usual = [f"{number}" for number in range(max(1, self._logs - 10), self._logs + 2)]
        log = self._random.pick(usual, inputs.IDS, 0.08)
        actor = self._pick_actor("user", "user", "prov2", "admin")
        return self._make_get(
            actor, f"/api/tickets/logs/{log}/attachments", pick_format(self._random)
        )

    def _get_blob(self) -> Step:
        names = [f"<<blob:{number}>>" for number in range(self._blobs)] or ["0" * 8]
        odd = (*inputs.BLOBS, f"<<long-blob:{self._random.draw_below(self._blobs + 1)}>>")
        return Step(
            self._pick_actor("anonymous", "user"),
            "GET",
            b"/blobs/" + self._random.pick(names, odd).encode(),
        )

    def _delete_ticket(self) -> Step:
        return self._make_get(
            self._pick_actor("user", "user", "prov2", "admin"),
            f"/api/tickets/{self._pick_ticket()}/delete",
        )

    def _retry_ticket(self) -> Step:
        return self._make_get(
            self._pick_actor("user", "user", "prov2", "admin"),
            f"/api/tickets/{self._pick_ticket()}/retry",
        )

    # ---------------------------------------------------------------------------- providers

    def _list_provided_services(self) -> Step:
        actor = self._pick_actor("prov1", "prov2")
        if self._random.decide(0.5):
            return self._make_get(actor, "/api/pro/services", pick_format(self._random))
        if self._random.decide(SELDOM):
            return self._make_get(actor, f"/api/pro/services/{self._pick_githash()}/claims")
        form: Pairs = [("services", self._pick_githashes()), *pick_format(self._random)]
        return make_form_step(self._random, actor, "/api/pro/services/available", form)

    def _pick_githashes(self) -> str:
        if self._random.decide(0.05):
            return self._random.pick(("", ",", "x,", ",x", " ", f" {self._pick_githash()}"))
        count = 1 + self._random.draw_below(3)
        chosen = [self._random.pick(self._sources.githashes) for _ in range(count)]
        if self._random.decide(0.05):
            chosen.append(self._pick_githash())
        return self._random.pick((",",), (", ", ";", ",,"), SELDOM).join(chosen)

    def _claim_ticket(self) -> Step:
        actor = self._pick_actor("prov1", "prov1", "prov2")
        form: Pairs = [("provider", self._pick_provider())]
        if self._random.decide(0.6):
            form.append(("code", self._random.pick(("one", "two", "", 'é, "x"'))))
        if self._random.decide(0.5):
            path = f"/api/pro/services/{self._pick_githash()}/claims"
            return make_form_step(self._random, actor, path, form)
        form.insert(0, ("services", self._pick_githashes()))
        form += pick_format(self._random)
        return make_form_step(self._random, actor, "/api/pro/services/claims", form)

    def _pick_work(self, what: str) -> tuple[str, str]:
        actor = self._pick_actor("prov1", "prov1", "prov2")
        return actor, f"/api/pro/tickets/{self._pick_ticket()}/{what}"

    def _report_progress(self) -> Step:
        actor, path = self._pick_work("progress")
        if self._random.decide(0.25):
            return self._make_get(actor, path)
        values = [("chunk_start", self._pick_number()), ("chunk_end", self._pick_number())]
        if self._random.decide(0.3):
            values = [("chunk_start", "0"), ("chunk_end", "1")]
        return make_form_step(
            self._random, actor, path, [*values, ("progress", self._pick_number())]
        )

    def _finish_ticket(self) -> Step:
        actor, path = self._pick_work("status")
        status = self._random.pick(inputs.STATUSES[:2], (*inputs.STATUSES, *inputs.ODD_STATUSES))
        return make_form_step(self._random, actor, path, [("status", status)])

    def _write_log(self) -> Step:
        category = self._random.pick(("info", "warning", "error"), inputs.CATEGORIES, 0.08)
        actor, path = self._pick_work(category)
        message = self._random.pick(inputs.MESSAGES[:4], inputs.MESSAGES, 0.6)
        return make_form_step(self._random, actor, path, [("message", message)])

    def _attach_file(self) -> Step:
        actor, path = self._pick_work("attachments")
        fields: Pairs = [("desc", self._random.pick(inputs.MESSAGES[:4], inputs.MESSAGES[:13]))]
        if self._random.decide(0.4):
            fields.append(("mime_type", self._random.pick(inputs.MIME_TYPES)))
        return make_upload_step(self._random, actor, path, fields)

    def _get_provider_status(self) -> Step:
        actor, path = self._pick_work("status")
        return self._make_get(actor, path, pick_format(self._random))

    # ----------------------------------------------------------------------- administrators

    def _pick_provider_path(self) -> str:
        return f"/api/admin/providers/{quote(self._pick_provider(), safe='')}"

    def _list_providers(self) -> Step:
        return self._make_get(
            self._pick_actor("admin"), "/api/admin/providers", pick_format(self._random)
        )

    def _create_provider(self) -> Step:
        name = self._random.pick(inputs.PROVIDERS, inputs.ODD_PROVIDERS, 0.3)
        actor = self._pick_actor("admin")
        return make_form_step(self._random, actor, "/api/admin/providers", [("name", name)])

    def _list_provider_members(self) -> Step:
        what = self._random.pick(("users", "services"))
        path = f"{self._pick_provider_path()}/{what}"
        return self._make_get(self._pick_actor("admin"), path, pick_format(self._random))

    def _add_user(self) -> Step:
        form: Pairs = [("email", self._random.pick(inputs.EMAILS, inputs.ODD_EMAILS))]
        if self._random.decide(0.4):
            form.append(("admin", self._random.pick(inputs.INTEGERS[:2], inputs.INTEGERS, 0.4)))
        return make_form_step(
            self._random, self._pick_actor("admin"), f"{self._pick_provider_path()}/users", form
        )

    def _remove_from_provider(self) -> Step:
        user = self._random.pick(("1", "2", "3", "4"), inputs.IDS)
        service = f"services/{self._pick_githash()}/delete"
        what = self._random.pick((f"users/{user}/delete", service), ("delete",), 0.25)
        return self._make_get(self._pick_actor("admin"), f"{self._pick_provider_path()}/{what}")

    def _register_service(self) -> Step:
        actor = self._pick_actor("admin")
        repo, ref = self._random.pick(self._sources.good, self._sources.odd, 0.3)
        form = [("repo", repo), ("ref", ref)]
        return make_form_step(self._random, actor, f"{self._pick_provider_path()}/services", form)

    def _list_all_tickets(self) -> Step:
        return self._make_get(
            self._pick_actor("admin"), "/api/admin/tickets", pick_format(self._random)
        )

    def _purge_tickets(self) -> Step:
        scope = self._random.pick(("completed", "completed", "all"), inputs.SCOPES)
        form = [self._random.pick(inputs.AGES) for _ in range(self._random.draw_below(3))]
        return make_form_step(
            self._random, self._pick_actor("admin"), f"/api/admin/tickets/purge/{scope}", form
        )

    # -------------------------------------------------------------------------------- others

    def _advance_time(self) -> Step:
        return Step(wait=inputs.TIME_STEP)

    def _request_unknown_path(self) -> Step:
        method = self._random.pick(("GET", "GET", "POST"))
        body = b"" if method == "POST" else None
        return Step(
            self._random.pick(inputs.ACTORS),
            method,
            self._random.pick(inputs.UNKNOWN_PATHS),
            (),
            body,
        )
