"""What the commands that measure have in common."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from . import transfers
from .page import RESULTS, put_section

F = TypeVar("F", bound=Callable[..., None])
Say = Callable[[str], None]
"""What is told what is going on."""


def options(real_python: str, repetitions: int) -> Callable[[F], F]:
    """The options of a command.

    Args:
        real_python: what the Python that it is given must have.
        repetitions: how often each thing is measured if nobody says.
    """

    def add(command: F) -> F:
        for option in (
            click.option(
                "--output",
                type=click.Path(dir_okay=False, path_type=Path),
                default=RESULTS,
                help="The page of whose sections one is what was measured.",
            ),
            click.option(
                "--repetitions",
                type=click.IntRange(min=1),
                default=repetitions,
                show_default=True,
                help="How often each thing is measured.",
            ),
            click.option(
                "--real-python",
                required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help=real_python,
            ),
        ):
            command = option(command)
        return command

    return add


def run(measure: Callable[[Say, float], str], output: Path) -> None:
    """Measure, and put what was measured into the page.

    Args:
        measure: gives the section, with what is told and when it began.
    """
    if not transfers.is_there():
        sys.exit("The transfers are measured with curl, which is not installed.")
    # So that no server outlives a run that is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:5.0f} s  {text}", err=True)

    text = measure(say, began)
    put_section(output, text)
    say(f"written to {output}")
    click.echo(text)
