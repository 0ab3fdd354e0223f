"""Pytest plugin that finds secrets in the logs, output, warnings and errors of tests.

Secrets are the tokens and sessions that mocks in this process issued or that requests sent, and the
passwords of proxies. A test that shows a secret fails at its end.
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

MIN_SECRET_LENGTH = 9
"""The shortest secret that does not appear in other texts by chance."""

MAX_EXCEPTIONS = 500
"""The number of exceptions to keep; of older exceptions, only the texts are kept."""


class SecretWatch:
    """The secrets and texts of a test."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._texts: list[tuple[str, str]] = []
        self._exceptions: list[BaseException] = []

    def add_secrets(self, *secrets: str) -> None:
        """Add secrets; short ones are ignored."""
        self._secrets.update(secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH)

    def add_text(self, where: str, text: object) -> None:
        """Add a text that a user could read."""
        decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else f"{text}"
        self._texts.append((where, decoded))

    def add_exception(self, error: BaseException) -> None:
        """Add an exception, which can get causes until the test ends."""
        self._exceptions.append(error)
        if len(self._exceptions) > MAX_EXCEPTIONS:
            self._read_exceptions()

    def find_leaks(self) -> list[str]:
        """Return each text that shows a secret, with the secret masked."""
        self._read_exceptions()
        # Servers that still run can add secrets and texts during this loop.
        secrets = tuple(self._secrets)
        leaks: list[str] = []
        for where, text in tuple(self._texts):
            shown = text
            for secret in secrets:
                shown = shown.replace(secret, "[SECRET]")
            if shown != text:
                leaks.append(f"{where}: {shown}")
        return leaks

    def _read_exceptions(self) -> None:
        exceptions, self._exceptions = self._exceptions, []
        for error in exceptions:
            for linked in _walk_chain(error):
                # The traceback is left out, because tests can have secrets in their source code.
                text = "".join(traceback.format_exception_only(linked))
                self.add_text(f"{type(error).__name__} was raised", f"{text}{linked!r}")


def _walk_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all exceptions that Python shows with it: causes and contexts."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        linked = left.pop()
        if linked is not None and id(linked) not in seen:
            seen.add(id(linked))
            left += [linked.__cause__, None if linked.__suppress_context__ else linked.__context__]
            yield linked


_watches: list[SecretWatch] = []


@contextmanager
def watch_secrets() -> Iterator[SecretWatch]:
    """Collect the secrets and texts of this process."""
    watch = SecretWatch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


class _LogHandler(logging.Handler):
    """A handler that collects the messages of all loggers at all levels."""

    def emit(self, record: logging.LogRecord) -> None:
        if _watches:
            _watches[-1].add_text(f"{record.name} logged", record.getMessage())
            if record.exc_info and record.exc_info[1]:
                _watches[-1].add_exception(record.exc_info[1])


class _Hooks:
    """Hooks in the methods that issue secrets or show texts."""

    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        self._patches = patches
        self._call_after(Accounts, "restore", lambda w, _, __, user: w.add_secrets(user.token))
        self._call_after(Accounts, "login", _add_login)
        self._call_after(Accounts, "sign_in", lambda w, session, *_: w.add_secrets(session.id))
        self._call_after(
            Accounts, "restore_session", lambda w, _, __, session: w.add_secrets(session.id)
        )
        self._call_before(Proxy, "read", _add_proxy)
        self._call_before(Urllib3Transport, "send", _add_request)
        self._call_after(
            DssError, "__init__", lambda w, _, error, *__, **___: w.add_exception(error)
        )
        self._call_before(
            pytest.ExceptionInfo, "fill_unfilled", lambda w, _, info: w.add_exception(info[1])
        )
        self._call_before(
            warnings.WarningMessage,
            "__init__",
            lambda w, _, message, *__, **___: w.add_text("a warning", message),
        )
        self._call_after(subprocess.Popen, "communicate", _add_process_output)
        self._call_after(pytest.CaptureFixture, "readouterr", _add_test_output)

    def _call_after(self, owner: type, name: str, note: Callable[..., None]) -> None:
        """Call `note` after a method, with its result and its arguments."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def call(*args: object, **named: object) -> object:
            result = original(*args, **named)
            if _watches:
                note(_watches[-1], result, *args, **named)
            return result

        self._patches.setattr(owner, name, call)

    def _call_before(self, owner: type, name: str, note: Callable[..., None]) -> None:
        """Call `note` before a method, with its arguments; the method may raise."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def call(*args: object, **named: object) -> object:
            if _watches:
                note(_watches[-1], *args, **named)
            return original(*args, **named)

        self._patches.setattr(owner, name, call)


def _add_login(watch: SecretWatch, user: User, _: Accounts, session: Session, token: str) -> None:
    watch.add_secrets(session.id, token, user.token)


def _add_request(watch: SecretWatch, _: Urllib3Transport, request: Request) -> None:
    watch.add_secrets(*request.secrets)


def _add_proxy(watch: SecretWatch, address: str) -> None:
    # The address can be malformed, so it is not parsed as a URL.
    credentials = address.rpartition("@")[0].rpartition("://")[2]
    password = credentials.partition(":")[2]
    if password:
        sent = b64encode(unquote(credentials).encode()).decode()
        watch.add_secrets(password, unquote(password), sent)


def _add_process_output(
    watch: SecretWatch, printed: tuple[object, object], *_: object, **__: object
) -> None:
    for text in printed:
        if text:
            watch.add_text("a process that the test started printed", text)


def _add_test_output(watch: SecretWatch, printed: tuple[object, object], *_: object) -> None:
    for text in printed:
        if text:
            watch.add_text("the test printed", text)


_WATCH = pytest.StashKey[SecretWatch]()


def pytest_configure(config: pytest.Config) -> None:
    """Install the hooks, and a handler for all loggers at all levels."""
    patches = pytest.MonkeyPatch()
    config.add_cleanup(patches.undo)
    _Hooks(patches)
    root, records = logging.getLogger(), _LogHandler()
    root.addHandler(records)
    config.add_cleanup(lambda: root.removeHandler(records))
    level = root.level
    root.setLevel(logging.DEBUG)
    config.add_cleanup(lambda: root.setLevel(level))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Watch each test with its fixtures."""
    with watch_secrets() as watch:
        item.stash[_WATCH] = watch
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test at its end if it showed a secret."""
    report = yield
    if report.when == "teardown" and report.passed:
        watch = item.stash[_WATCH]
        for title, text in report.sections:
            watch.add_text(title, text)
        leaks = watch.find_leaks()
        if leaks:
            report.outcome = "failed"
            report.longrepr = "\n".join(["This test shows secrets.", *leaks])
    return report
