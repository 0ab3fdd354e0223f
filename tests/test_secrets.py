"""The plugin that finds secrets in the output of tests."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from dss_api import DssError
from dss_client import DSSClient
from dss_mock import DssServer
from dss_wire.addresses import Proxy
from tests.secrets import SecretWatch, watch_secrets

ROOT = Path(__file__).parents[1]
SECRET = "it-is-a-secret"


def raise_secret() -> None:
    with pytest.raises(DssError):
        raise DssError(f"the token {SECRET}")


def raise_with_secret_cause() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as cause:
        with pytest.raises(DssError):
            raise DssError("something else") from cause


def raise_in_secret_context() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        with pytest.raises(DssError):
            raise DssError("something else")  # noqa: B904  # the context must be found


def raise_with_secret_note() -> None:
    error = DssError("something else")
    error.add_note(SECRET)
    with pytest.raises(DssError):
        raise error


def raise_other_error() -> None:
    with pytest.raises(ValueError):
        int(SECRET)


def log_secret() -> None:
    logging.getLogger("some_logger").debug("Cookie: %s", SECRET)


def log_error_with_secret() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("some_logger").exception("something else")


def warn_with_secret() -> None:
    with pytest.warns(UserWarning):
        warnings.warn(f"token {SECRET}", UserWarning, stacklevel=1)


def print_secret_in_subprocess() -> None:
    script = f"print({SECRET!r})"
    subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, check=True)


@pytest.mark.parametrize(
    "show",
    [
        raise_secret,
        raise_with_secret_cause,
        raise_in_secret_context,
        raise_with_secret_note,
        raise_other_error,
        log_secret,
        log_error_with_secret,
        warn_with_secret,
        print_secret_in_subprocess,
    ],
)
def test_shown_secret_is_found_and_masked(show: Callable[[], None]) -> None:
    with watch_secrets() as watch:
        show()
    assert watch.find_leaks() == []

    watch.add_secrets(SECRET)

    leaks = "\n".join(watch.find_leaks())
    assert "[SECRET]" in leaks
    assert SECRET not in leaks


def test_secret_in_captured_output_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    with watch_secrets() as watch:
        print(SECRET)  # noqa: T201  # the output must be found
        capsys.readouterr()

    watch.add_secrets(SECRET)
    assert watch.find_leaks() == ["the test printed: [SECRET]\n"]


def test_tokens_sessions_and_proxy_passwords_are_secrets(
    dss_server: DssServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pass%20word@localhost:1")
    proxy_header = "bWU6cGFzcyB3b3Jk"  # the credentials as sent to the proxy
    with watch_secrets() as watch:
        user = dss_server.add_user("me@example.com")
        first = user.token
        client = DSSClient(dss_server.url)
        client.login(first)
        client.whoami()
        sessions = [*dss_server.state.accounts._sessions, dss_server.client(user).session_id]
        DSSClient("https://localhost")
        with pytest.raises(ValueError, match="A proxy's address"):
            Proxy.read("http://me:another one@:x")

    passwords = ("pass%20word", "pass word", proxy_header, "another one")
    for secret in (first, user.token, *sessions, *passwords):
        other_watch = SecretWatch()
        other_watch.add_secrets(*watch._secrets)
        other_watch.add_text("a text", f"x{secret}x")
        assert other_watch.find_leaks() == ["a text: x[SECRET]x"]


def test_short_secret_is_ignored() -> None:
    watch = SecretWatch()
    watch.add_secrets("token")
    watch.add_text("a text", "a token")

    assert watch.find_leaks() == []


TESTS = """
import logging

import pytest
from dss_client import DSSClient


@pytest.fixture
def token(dss_server):
    return dss_server.add_user("me@example.com").token


def test_prints(token):
    print(token)


def test_logs(token):
    logging.getLogger("x").debug(token)


def test_signs_in(dss_server, token):
    DSSClient(dss_server.url).login(token)
"""


def test_pytest_reports_an_error_for_a_test_that_shows_a_secret(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-p", "dss_mock.pytest_plugin"]
    done = subprocess.run(
        [*command, "-p", "tests.secrets", "-rA", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "3 passed, 2 errors" in done.stdout
    for name in ("prints", "logs"):
        assert f"ERROR test_it.py::test_{name}" in done.stdout
