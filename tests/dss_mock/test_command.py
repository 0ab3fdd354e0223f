"""`dss-mock serve` as a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from dss_mock.command import main

DEADLINE = 30

SEED = """\
users:
  - {email: a@example.com, token: aaaa}
"""


@contextmanager
def run_server(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "dss_mock", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            match = re.fullmatch(
                r"DSS mock middleware listening on (http://127\.0\.0\.1:\d+)\n", line
            )
            assert match, line
            yield process, match[1]
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=DEADLINE)


@pytest.mark.skipif(sys.platform == "win32", reason="these signals do not exist")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_with_success_on_signal(number: signal.Signals) -> None:
    with run_server("--noauth", "--quiet") as (process, url):
        with urlopen(f"{url}/api/login", timeout=DEADLINE) as answer:
            assert answer.read() == b"logged in as test@example.com \n"
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
        assert (process.returncode, out, err) == (0, "", "")


def test_serve_prints_one_line_per_request() -> None:
    with run_server("--noauth") as (process, url):
        for path in ("/api/login", "/none/%1b%5b31m"):
            with suppress(HTTPError), urlopen(url + path, timeout=DEADLINE) as answer:
                answer.read()
        process.terminate()
        lines = process.communicate(timeout=DEADLINE)[1].splitlines()
    assert [line.partition(" ")[2] for line in lines] == [
        "GET /api/login 200 (test@example.com)",
        r"GET '/none/\x1b[31m' 404 (test@example.com)",
    ]


def test_serve_restores_data_dir_and_refuses_second_server_on_it(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    data = tmp_path / "data"
    arguments = ("--seed", f"{seed}", "--data-dir", f"{data}")
    with run_server(*arguments) as (_, url):
        login = Request(f"{url}/api/login", b"token=aaaa")
        with urlopen(login, timeout=DEADLINE) as answer:
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        second = subprocess.run(
            [sys.executable, "-m", "dss_mock", "serve", "--port", "0", *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.startswith("dss-mock: ")
        assert f"{data}" in second.stderr
        assert len(second.stderr.splitlines()) == 1
    with run_server(*arguments) as (_, url):
        again = Request(f"{url}/api/login", headers={"Cookie": cookie})
        with urlopen(again, timeout=DEADLINE) as answer:
            assert answer.read() == b"logged in as a@example.com \n"


def test_dialect_option_selects_version() -> None:
    with (
        run_server("--noauth", "--dialect", "2020") as (_, url),
        pytest.raises(HTTPError, match="404"),
    ):
        urlopen(f"{url}/api/pro/services/available", b"services=", timeout=DEADLINE)


def test_data_dir_with_files_of_other_programs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    done = CliRunner().invoke(main, ["serve", "--data-dir", f"{tmp_path}"])
    assert done.exit_code == 1
    assert done.stderr == (
        f"dss-mock: {tmp_path} holds other files. Choose a new or an empty folder.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_invalid_host_is_reported_in_one_line() -> None:
    done = CliRunner().invoke(main, ["serve", "--host", "a" * 70, "--port", "0"])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"dss-mock: cannot listen on {'a' * 70}:0: ")
    assert len(done.stderr.splitlines()) == 1


def test_serve_prints_hints_about_tokens_and_restored_state(tmp_path: Path) -> None:
    def read_hints(*arguments: str) -> str:
        with run_server("--quiet", *arguments) as (process, _):
            process.terminate()
            return process.communicate(timeout=DEADLINE)[1]

    seed = tmp_path / "seed.yaml"
    seed.write_text("users: [{email: a@example.com}]")
    data = ("--data-dir", f"{tmp_path / 'data'}", "--seed", f"{seed}")
    assert read_hints() == "No user can sign in. Use --noauth, or a --seed with users.\n"
    assert re.fullmatch(r"a@example\.com signs in with [0-9a-f]{48}\n", read_hints(*data))
    assert (
        read_hints(*data) == "The saved state was restored. The seed is used only after a reset.\n"
    )


def test_seed_may_name_user_of_noauth(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("providers: [{name: testlab, users: [test@example.com]}]")
    with (
        run_server("--noauth", "--seed", f"{seed}") as (_, url),
        urlopen(f"{url}/api/admin/providers/testlab/users", timeout=DEADLINE) as answer,
    ):
        assert answer.read() == b"1,test@example.com,0\r\n"


def test_seed_option_adds_users(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text(SEED)
    with run_server("--seed", f"{path}") as (_, url):
        data = b"token=aaaa"
        with urlopen(f"{url}/api/login", data=data, timeout=DEADLINE) as answer:
            assert answer.read() == b"logged in as a@example.com \n"


def test_invalid_seed_is_reported_with_all_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text("users:\n  - {email: a, tier: king}\nx: 1\n")
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--seed", f"{path}"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        f"{path}:2",
        f"{path}:3",
    ]


def test_seed_with_user_of_noauth_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text("users:\n  - {email: test@example.com}\n")
    command = [sys.executable, "-m", "dss_mock", "serve", "--port", "0", "--noauth"]
    done = subprocess.run(
        [*command, "--seed", f"{path}"],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}: the user 'test@example.com' exists already")


def test_port_in_use_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "dss_mock", "serve", "--port", f"{port}"],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"dss-mock: cannot listen on 127\.0\.0\.1:{port}: .+\n", done.stderr)
