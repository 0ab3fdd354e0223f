import os
import pty
import subprocess
import sys
import termios

import pytest

from dss_client.progress import seconds_bar, share_bar, telling

SHOW = """
from dss_client.progress import seconds_bar
with seconds_bar("Waiting", 4) as advance:
    advance(1)
    advance(1)
"""

SHOW_SHARE = """
from dss_client.progress import share_bar
with share_bar("Ticket 7") as show:
    show(0.0, "place 2 in the queue")
    show(0.5, "")
    show(1.5, "")
"""


def test_nothing_is_shown_where_output_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with seconds_bar("Waiting", 4) as advance:
        advance(2)
    with telling("Moving", True) as tell:
        tell(1000, None)
    with share_bar("Ticket 7") as show:
        assert show is None

    assert capsys.readouterr() == ("", "")


def on_a_terminal(script: str) -> bytes:
    """What a script shows there."""
    outside, inside = pty.openpty()
    try:
        termios.tcsetwinsize(inside, (24, 80))
        subprocess.run(
            [sys.executable, "-c", script], stderr=inside, stdout=inside, check=True, timeout=60
        )
        os.set_blocking(outside, False)
        return os.read(outside, 1 << 16)
    finally:
        os.close(inside)
        os.close(outside)


def test_a_terminal_shows_the_seconds_waited() -> None:
    shown = on_a_terminal(SHOW)

    assert b"Waiting" in shown
    assert b"/4 s" in shown


def test_a_terminal_shows_the_share_that_is_done_and_what_goes_on() -> None:
    shown = on_a_terminal(SHOW_SHARE)

    assert b"Ticket 7" in shown
    assert b"place 2 in the queue" in shown
    assert b" 50%" in shown
    assert b"100%" in shown


def test_the_bar_library_is_loaded_only_for_a_bar() -> None:
    script = (
        "import sys\n"
        "from dss_client.progress import telling\n"
        "with telling('Moving', True) as tell: tell(1, 2)\n"
        "print('tqdm' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "False\n"
