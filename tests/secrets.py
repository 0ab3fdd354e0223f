"""Looks whether what a test logs, prints, warns of or raises holds a secret that the test used.

The secrets are the tokens and sessions that mocks in this process handed out, those that went over
the network in a request, and the passwords of proxies. A test that shows one fails at its end.
"""

from __future__ import annotations

import functools
import logging
import subprocess
import traceback
import warnings
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import pytest

from dss_api import DssError, Request, Urllib3Transport
from dss_mock.state import Session, User
from dss_mock.state.accounts import Accounts
from dss_wire.addresses import Proxy

SHORTEST = 9
"""How many characters a secret has that no other text holds by chance."""

MANY = 500
"""How many exceptions are held; of those before them, the texts are."""


class Watch:
    """What became known of secrets and of texts in the course of a test."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._texts: list[tuple[str, str]] = []
        self._raised: list[BaseException] = []

    def learn(self, *secrets: str) -> None:
        """Take note of secrets."""
        self._secrets.update(secret for secret in secrets if len(secret) >= SHORTEST)

    def hear(self, where: str, text: object) -> None:
        """Take note of what somebody could read."""
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else f"{text}"
        self._texts.append((where, said))

    def caught(self, error: BaseException) -> None:
        """Take note of an exception, which may get causes until the test ends."""
        self._raised.append(error)
        if len(self._raised) > MANY:
            self._read_raised()

    def leaks(self) -> list[str]:
        """Where a secret could be read, with what was said but for the secret."""
        self._read_raised()
        # Servers that are still at work may well learn more meanwhile.
        secrets = tuple(self._secrets)
        found: list[str] = []
        for where, text in tuple(self._texts):
            shown = text
            for secret in secrets:
                shown = shown.replace(secret, "[SECRET]")
            if shown != text:
                found.append(f"{where}: {shown}")
        return found

    def _read_raised(self) -> None:
        raised, self._raised = self._raised, []
        for error in raised:
            for told in _chain(error):
                # Not the lines of the traceback: a test may well have its secrets in its source.
                text = "".join(traceback.format_exception_only(told))
                self.hear(f"{type(error).__name__} was raised", f"{text}{told!r}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception with all that is shown with it: its causes, and what it was raised in."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        told = left.pop()
        if told is not None and id(told) not in seen:
            seen.add(id(told))
            left += [told.__cause__, None if told.__suppress_context__ else told.__context__]
            yield told


_watches: list[Watch] = []


@contextmanager
def watching() -> Iterator[Watch]:
    """Takes note of all that goes on in this process."""
    watch = Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


class _Records(logging.Handler):
    """Hears what is logged, by whomever and however detailed."""

    def emit(self, record: logging.LogRecord) -> None:
        if _watches:
            _watches[-1].hear(f"{record.name} logged", record.getMessage())
            if record.exc_info and record.exc_info[1]:
                _watches[-1].caught(record.exc_info[1])


class _Listening:
    """Stands between this process and whatever hands out secrets or says something."""

    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        self._patches = patches
        self._after(Accounts, "restore", lambda w, _, __, user: w.learn(user.token))
        self._after(Accounts, "login", _learn_login)
        self._after(Accounts, "sign_in", lambda w, session, *_: w.learn(session.id))
        self._after(Accounts, "restore_session", lambda w, _, __, session: w.learn(session.id))
        self._before(Proxy, "read", _learn_proxy)
        self._before(Urllib3Transport, "send", _learn_request)
        self._after(DssError, "__init__", lambda w, _, error, *__, **___: w.caught(error))
        self._before(pytest.ExceptionInfo, "fill_unfilled", lambda w, _, found: w.caught(found[1]))
        self._before(
            warnings.WarningMessage,
            "__init__",
            lambda w, _, message, *__, **___: w.hear("a warning", message),
        )
        self._after(subprocess.Popen, "communicate", _hear_child)
        self._after(pytest.CaptureFixture, "readouterr", _hear_printed)

    def _after(self, owner: type, name: str, note: Callable[..., None]) -> None:
        """Lets a note be taken of what a method gave, and of what it was given."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def noted(*args: object, **named: object) -> object:
            found = original(*args, **named)
            if _watches:
                note(_watches[-1], found, *args, **named)
            return found

        self._patches.setattr(owner, name, noted)

    def _before(self, owner: type, name: str, note: Callable[..., None]) -> None:
        """Lets a note be taken of what a method is given, which may not return."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def noted(*args: object, **named: object) -> object:
            if _watches:
                note(_watches[-1], *args, **named)
            return original(*args, **named)

        self._patches.setattr(owner, name, noted)


def _learn_login(watch: Watch, user: User, _: Accounts, session: Session, token: str) -> None:
    watch.learn(session.id, token, user.token)


def _learn_request(watch: Watch, _: Urllib3Transport, request: Request) -> None:
    watch.learn(*request.secrets)


def _learn_proxy(watch: Watch, address: str) -> None:
    # Not as addresses are read, for it may be none.
    known = address.rpartition("@")[0].rpartition("://")[2]
    password = known.partition(":")[2]
    if password:
        sent = b64encode(unquote(known).encode()).decode()
        watch.learn(password, unquote(password), sent)


def _hear_child(watch: Watch, printed: tuple[object, object], *_: object, **__: object) -> None:
    for text in printed:
        if text:
            watch.hear("a process that the test started printed", text)


def _hear_printed(watch: Watch, printed: tuple[object, object], *_: object) -> None:
    for text in printed:
        if text:
            watch.hear("the test printed", text)


_WATCH = pytest.StashKey[Watch]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to listen, to all loggers and however detailed they are."""
    patches = pytest.MonkeyPatch()
    config.add_cleanup(patches.undo)
    _Listening(patches)
    root, records = logging.getLogger(), _Records()
    root.addHandler(records)
    config.add_cleanup(lambda: root.removeHandler(records))
    level = root.level
    root.setLevel(logging.DEBUG)
    config.add_cleanup(lambda: root.setLevel(level))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Watch each test, with all that its fixtures do."""
    with watching() as watch:
        item.stash[_WATCH] = watch
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test fail at its end if it showed a secret."""
    report = yield
    if report.when == "teardown" and report.passed:
        watch = item.stash[_WATCH]
        for title, text in report.sections:
            watch.hear(title, text)
        leaks = watch.leaks()
        if leaks:
            report.outcome = "failed"
            report.longrepr = "\n".join(["This test shows secrets.", *leaks])
    return report
