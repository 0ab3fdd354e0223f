"""Recorded answers of two versions of the middleware, compared with the answers of the mock."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import attrs
import pytest
from cattrs import Converter

from dss_api import SESSION_COOKIE, TIERS, Dialect
from dss_mock import DssServer

WIRE = Path(__file__).parents[3] / "shared" / "wire"
RECORDED = {dialect: WIRE / f"exchanges-{dialect}.jsonl" for dialect in Dialect}

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in RECORDED.values()),
    reason="the recorded exchanges are not here",
)

USERS = {"admin": "a", "prov1": "b", "prov2": "c", "user": "d"}
"""The users of the recording, in the order of their ids, and the digit of their tokens."""

UNRECORDED = ("date", "server", "connection", "set-cookie")
NAME = re.compile(r"\b[0-9a-f]{40}\b|(?<=/blobs/)[0-9a-f]{8}\b")
"""Names that differ in each run: of commits and attachments."""
TIMES = {
    "<time>": re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\b"),
    "<duration>": re.compile(r"\b\d+:\d\d:\d\d\.\d{6}\b"),
}
"""Times that differ in 2020. The recording of 0.2.0 took place within one second."""
BOUNDARY = "a-boundary"


@attrs.frozen
class SentFile:
    field: str
    filename: str
    content: str


@attrs.frozen(kw_only=True)
class RecordedExchange:
    label: str
    actor: str
    method: str
    path: str
    form: dict[str, str] | None = None
    file: SentFile | None = None
    status: int
    reason: str
    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """The body as sent. Without a charset, it was recorded as Latin-1."""
        media_type = self.headers.get("content-type", "")
        if media_type.startswith("text/") and "charset" not in media_type:
            return self.body.encode("latin-1").decode()
        return self.body

    @property
    def is_page(self) -> bool:
        return self.body == "<an HTML page>"

    @property
    def has_free_keys(self) -> bool:
        """Whether the response is JSON of a provider, whose key order in 2020 is arbitrary."""
        return re.fullmatch("/api/services/[0-9a-f]{40}/detail", self.path) is not None


@attrs.frozen
class ComparedResponse:
    status: int
    reason: str
    headers: dict[str, str]
    body: str


def read_recording(dialect: Dialect) -> list[RecordedExchange]:
    lines = RECORDED[dialect].read_text(encoding="utf-8").splitlines()
    return [Converter().structure(json.loads(line), RecordedExchange) for line in lines]


def make_repository(folder: Path, descriptor: str) -> Path:
    folder.mkdir()
    (folder / "service.json").write_text(descriptor, encoding="utf-8")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for arguments in (
        ("init", "--quiet", "--initial-branch=master"),
        ("add", "service.json"),
        ("-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "Begin"),
    ):
        subprocess.run(("git", *arguments), cwd=folder, env=env, check=True, timeout=30)
    return folder


class Replay:
    """A player of recorded requests.

    Attributes:
        names: the names of commits and attachments here, by their recorded names.
        sessions: the sessions by actor.
    """

    def __init__(self, server: DssServer, repo: Path) -> None:
        self._server = server
        self._repo = repo
        self._connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        self.names: dict[str, str] = {}
        self.sessions: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def ask(self, exchange: RecordedExchange) -> ComparedResponse:
        headers: dict[str, str] = {}
        if exchange.actor in self.sessions:
            headers["Cookie"] = f"{SESSION_COOKIE}={self.sessions[exchange.actor]}"
        body = None
        form = {name: self.replace_names(value) for name, value in (exchange.form or {}).items()}
        if form.get("repo") == "REPO":
            form["repo"] = f"{self._repo}"
        if exchange.file is not None:
            headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
            body = make_multipart_body(form, exchange.file)
        elif exchange.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode()
        self._connection.request(exchange.method, self.replace_names(exchange.path), body, headers)
        answer = self._connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        self._keep_session(exchange.actor, found.get("set-cookie", ""))
        recorded = {name: value for name, value in found.items() if name not in UNRECORDED}
        text = answer.read().decode()
        return ComparedResponse(answer.status, answer.reason, recorded, text)

    def _keep_session(self, actor: str, cookie: str) -> None:
        match = re.match(rf"{SESSION_COOKIE}=(\w+)", cookie)
        if match and actor in USERS:
            self.sessions[actor] = match[1]
        if "expires=" in cookie:
            self.sessions.pop(actor, None)

    def learn_names(self, there: str, here: str) -> None:
        """Remember the names that are new."""
        for old, new in zip(NAME.findall(there), NAME.findall(here), strict=False):
            if new not in self.names.values():
                self.names.setdefault(old, new)

    def replace_names(self, text: str) -> str:
        """Return a text with the names of this run."""
        named = NAME.sub(lambda match: self.names.get(match[0], match[0]), text)
        return named.replace("http://HOST", self._server.url)


def make_multipart_body(form: Mapping[str, str], file: SentFile) -> bytes:
    """Return a body as the C++ client sends it, without escapes in the file name."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    ]
    parts.append(
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{file.field}"; filename="{file.filename}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n{file.content}\r\n--{BOUNDARY}--\r\n"
    )
    return "".join(parts).encode()


def replace_times(text: str) -> str:
    for stand_in, pattern in TIMES.items():
        text = pattern.sub(stand_in, text)
    return text


def normalise_responses(
    exchange: RecordedExchange, replay: Replay, received: ComparedResponse
) -> tuple[ComparedResponse, ComparedResponse]:
    """Return the expected and the received response without the differences between runs."""
    replay.learn_names(exchange.text, received.body)
    headers = {name: replay.replace_names(value) for name, value in exchange.headers.items()}
    text, said = replay.replace_names(exchange.text), received.body
    if exchange.is_page:
        text = said = ""
        kept = {name: value for name, value in received.headers.items() if name in headers}
        received = attrs.evolve(received, headers=kept)
    elif exchange.has_free_keys and exchange.status == 200:
        text, said = (json.dumps(json.loads(each), sort_keys=True) for each in (text, said))
    expected = ComparedResponse(exchange.status, exchange.reason, headers, replace_times(text))
    return expected, attrs.evolve(received, body=replace_times(said))


def describe_difference(
    number: int, exchange: RecordedExchange, expected: ComparedResponse, got: ComparedResponse
) -> str:
    lines = [f"{number}. {exchange.label}: {exchange.actor} {exchange.method} {exchange.path}"]
    for name, wanted in attrs.asdict(expected).items():
        found = getattr(got, name)
        if found != wanted:
            lines += [f"    {name} expected: {wanted!r}", f"    {name} got:      {found!r}"]
    return "\n".join(lines)


@contextmanager
def run_server(dialect: Dialect) -> Iterator[DssServer]:
    with DssServer(dialect=dialect) as server:
        server.state.clock.freeze(datetime(2026, 11, 22, 16, 17, 23, tzinfo=UTC))
        for name, digit in USERS.items():
            server.state.accounts.add(
                f"{name}@example.com",
                token=digit * 48,
                sysadmin=name == "admin",
                tier="poweruser" if name == "admin" else "guest",
            )
        yield server


@pytest.mark.parametrize("dialect", list(Dialect))
def test_mock_answers_recorded_requests_as_middleware_did(dialect: Dialect, tmp_path: Path) -> None:
    exchanges = read_recording(dialect)
    assert len(exchanges) == 153
    # In the older recording, the order of keys is arbitrary.
    descriptor = next(e.body for e in read_recording(Dialect.V0_2_0) if e.label == "detail")
    repo = make_repository(tmp_path / "repo", descriptor)
    differences: list[str] = []
    with run_server(dialect) as server:
        replay = Replay(server, repo)
        try:
            for number, exchange in enumerate(exchanges):
                if dialect is Dialect.V2020:
                    server.state.clock.advance(seconds=0.010101)
                if exchange.label == "quota exceeded":
                    # The recording does not include the requests that used up the quota.
                    for _ in range(TIERS["guest"]):
                        assert replay.ask(exchange).status == 200
                expected, got = normalise_responses(exchange, replay, replay.ask(exchange))
                if expected != got:
                    differences.append(describe_difference(number, exchange, expected, got))
        finally:
            replay.close()
    assert len(set(replay.names.values())) == len(replay.names)
    assert not differences, "\n".join([f"{len(differences)} differences:", *differences])
