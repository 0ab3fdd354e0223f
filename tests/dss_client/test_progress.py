import os
import pty
import subprocess
import sys
import termios

import pytest

from dss_client.progress import report_bytes, show_seconds, show_share

SHOW_SECONDS = """
from dss_client.progress import show_seconds
with show_seconds("Waiting", 4) as advance:
    advance(1)
    advance(1)
"""

REPORT_BYTES = """
import time
from dss_client.progress import report_bytes
with report_bytes("Ticket 7", True) as report:
    for done, total in [(2048, None), (1024, 4096), (4096, 4096)]:
        time.sleep(0.11)  # longer than UPDATE_INTERVAL
        report(done, total)
"""

SHOW_SHARE = """
from dss_client.progress import show_share
with show_share("Ticket 7") as show:
    show(0.0, "place 2 in the queue")
    show(0.5, "")
    show(1.5, "")
"""


def test_bars_are_not_shown_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with show_seconds("Waiting", 4) as advance:
        advance(2)
    with report_bytes("Moving", True) as report:
        report(1000, None)
    with show_share("Ticket 7") as show:
        assert show is None

    assert capsys.readouterr() == ("", "")


def run_in_terminal(script: str) -> bytes:
    """Run a script in a terminal, and return what the terminal shows."""
    outside, inside = pty.openpty()
    try:
        termios.tcsetwinsize(inside, (24, 80))
        subprocess.run(
            [sys.executable, "-c", script], stderr=inside, stdout=inside, check=True, timeout=60
        )
        os.set_blocking(outside, False)
        try:
            return os.read(outside, 1 << 16)
        except BlockingIOError:
            return b""
    finally:
        os.close(inside)
        os.close(outside)


def test_terminal_shows_the_seconds_waited() -> None:
    shown = run_in_terminal(SHOW_SECONDS)

    assert b"Waiting" in shown
    assert b"/4 s" in shown


def test_terminal_shows_the_seconds_of_an_unlimited_wait() -> None:
    shown = run_in_terminal(SHOW_SECONDS.replace("4", "float('inf')"))

    assert b"Waiting: " in shown
    assert b" s" in shown
    assert b"inf" not in shown


def test_terminal_shows_the_bytes_and_the_total_once_known() -> None:
    shown = run_in_terminal(REPORT_BYTES)

    assert b"Ticket 7: 2.00kB [" in shown
    assert b"| 1.00k/4.00kB [" in shown  # fewer bytes than before, because a file started again
    assert b"Ticket 7: 100%|" in shown


def test_terminal_shows_no_bar_if_progress_is_false() -> None:
    assert b"Ticket" not in run_in_terminal(REPORT_BYTES.replace("True", "False"))


def test_callback_is_called_at_most_ten_times_a_second_and_at_the_end() -> None:
    reports: list[tuple[int, int | None]] = []

    with report_bytes("Ticket 7", lambda *numbers: reports.append(numbers)) as report:
        for done in range(1, 10_001):
            report(done, None)
        for _ in range(3):
            report(10_000, 10_000)

    assert reports[0] == (1, None)
    assert reports[-1] == (10_000, 10_000) != reports[-2]
    assert len(reports) < 100


def test_callback_is_not_called_for_an_empty_transfer() -> None:
    reports: list[tuple[int, int | None]] = []

    with report_bytes("Ticket 7", lambda *numbers: reports.append(numbers)) as report:
        report(0, 0)

    assert reports == []


def test_terminal_shows_the_share_and_the_remark() -> None:
    shown = run_in_terminal(SHOW_SHARE)

    assert b"Ticket 7" in shown
    assert b"place 2 in the queue" in shown
    assert b" 50%" in shown
    assert b"100%" in shown


def test_tqdm_is_loaded_only_for_a_bar() -> None:
    script = (
        "import sys\n"
        "from dss_client.progress import report_bytes\n"
        "with report_bytes('Moving', True) as report: report(1, 2)\n"
        "print('tqdm' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "False\n"
