import os
import pty
import subprocess
import sys

import pytest

from dss_client import TokenMissing
from dss_client.auth.prompt import ask_token

ASK = """
from dss_client.auth.prompt import ask_token
print("token:", ask_token("https://dss.example.org")[::-1])
"""


def answer_on_terminal(answer: bytes) -> tuple[int, str]:
    """Return the exit status of a process that asks, and the output of its terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", ASK])
    shown = b""
    with os.fdopen(terminal, "r+b", buffering=0) as outside:
        while b"Token:" not in shown:
            shown += outside.read(1024)
        outside.write(answer)
        try:
            while piece := outside.read(1024):
                shown += piece
        except OSError:  # Linux raises it when the other end is closed
            pass
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_token_is_asked_for_on_a_terminal_and_not_shown() -> None:
    status, shown = answer_on_terminal(b" abcdef \n")

    assert status == 0
    assert "Visit https://dss.example.org/token to obtain a token" in shown
    assert "token: fedcba" in shown
    assert "abcdef" not in shown


def test_empty_input_raises_an_error() -> None:
    status, shown = answer_on_terminal(b"\n")

    assert status == 1
    assert "No token was entered" in shown


def test_prompt_without_terminal_raises_error_that_explains_how_to_pass_the_token() -> None:
    process = subprocess.run(
        [sys.executable, "-c", ASK],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert process.returncode == 1
    assert "TokenMissing" in process.stderr
    assert "client.login('TOKEN')" in process.stderr


def test_prompt_in_a_notebook_run_by_a_program_raises_token_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask(_: str) -> str:
        raise NotImplementedError("this frontend does not support input requests")

    monkeypatch.setattr("dss_client.auth.prompt.is_notebook", lambda: True)
    monkeypatch.setattr("getpass.getpass", ask)

    with pytest.raises(TokenMissing, match="no terminal or interactive notebook"):
        ask_token("https://dss.example.org")


def test_token_missing_error_gives_the_reason_and_the_alternative() -> None:
    with pytest.raises(TokenMissing, match=r"It has ended.*login_if_needed\(\) needs no token"):
        ask_token("https://dss.example.org", "It has ended.")


def test_token_missing_error_is_a_permission_error() -> None:
    with pytest.raises(TokenMissing) as caught:
        ask_token("https://dss.example.org")

    assert isinstance(caught.value, PermissionError)
