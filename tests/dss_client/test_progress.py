import os
import pty
import subprocess
import sys
import termios

import pytest

from dss_client.progress import report_bytes, show_seconds, show_share

SECONDS = """
from dss_client.progress import show_seconds
with show_seconds("Waiting", 4) as advance:
    advance(1)
    advance(1)
"""

BYTES = """
import time
from dss_client.progress import report_bytes
with report_bytes("Ticket 7", True) as tell:
    for done, total in [(2048, None), (1024, 4096), (4096, 4096)]:
        time.sleep(0.11)  # more often is more than anybody sees
        tell(done, total)
"""

SHARE = """
from dss_client.progress import show_share
with show_share("Ticket 7") as show:
    show(0.0, "place 2 in the queue")
    show(0.5, "")
    show(1.5, "")
"""


def test_nothing_is_shown_where_output_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with show_seconds("Waiting", 4) as advance:
        advance(2)
    with report_bytes("Moving", True) as tell:
        tell(1000, None)
    with show_share("Ticket 7") as show:
        assert show is None

    assert capsys.readouterr() == ("", "")


def shown_at_a_terminal(script: str) -> bytes:
    """What a script shows there."""
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


def test_a_terminal_shows_the_seconds_waited() -> None:
    shown = shown_at_a_terminal(SECONDS)

    assert b"Waiting" in shown
    assert b"/4 s" in shown


def test_a_terminal_shows_the_seconds_of_a_wait_without_end() -> None:
    shown = shown_at_a_terminal(SECONDS.replace("4", "float('inf')"))

    assert b"Waiting: " in shown
    assert b" s" in shown
    assert b"inf" not in shown


def test_a_terminal_shows_the_bytes_moved_and_of_how_many_once_that_is_known() -> None:
    shown = shown_at_a_terminal(BYTES)

    assert b"Ticket 7: 2.00kB [" in shown
    assert b"| 1.00k/4.00kB [" in shown  # back again, for a file was begun anew
    assert b"Ticket 7: 100%|" in shown


def test_a_terminal_shows_no_bar_that_is_not_wanted() -> None:
    assert b"Ticket" not in shown_at_a_terminal(BYTES.replace("True", "False"))


def test_a_function_is_told_at_most_ten_times_a_second_and_at_the_end() -> None:
    told: list[tuple[int, int | None]] = []

    with report_bytes("Ticket 7", lambda *news: told.append(news)) as tell:
        for done in range(1, 10_001):
            tell(done, None)
        for _ in range(3):
            tell(10_000, 10_000)

    assert told[0] == (1, None)
    assert told[-1] == (10_000, 10_000) != told[-2]
    assert len(told) < 100


def test_of_no_bytes_there_is_nothing_to_tell() -> None:
    told: list[tuple[int, int | None]] = []

    with report_bytes("Ticket 7", lambda *news: told.append(news)) as tell:
        tell(0, 0)

    assert told == []


def test_a_terminal_shows_the_share_that_is_done_and_what_goes_on() -> None:
    shown = shown_at_a_terminal(SHARE)

    assert b"Ticket 7" in shown
    assert b"place 2 in the queue" in shown
    assert b" 50%" in shown
    assert b"100%" in shown


def test_the_bar_library_is_loaded_only_for_a_bar() -> None:
    script = (
        "import sys\n"
        "from dss_client.progress import report_bytes\n"
        "with report_bytes('Moving', True) as tell: tell(1, 2)\n"
        "print('tqdm' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "False\n"
