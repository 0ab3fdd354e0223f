"""The options and the course of both benchmark commands."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from .results_page import RESULTS, write_section

F = TypeVar("F", bound=Callable[..., None])
Say = Callable[[str], None]
"""A function that reports the progress of the benchmark."""


def add_options(real_python: str, repetitions: int) -> Callable[[F], F]:
    """Return a decorator that adds the options to a command.

    Args:
        real_python: the help text of `--real-python`.
        repetitions: the default of `--repetitions`.
    """

    def add(command: F) -> F:
        for option in (
            click.option(
                "--output",
                type=click.Path(dir_okay=False, path_type=Path),
                default=RESULTS,
                help="The page to write the results to. Its other sections stay as they are.",
            ),
            click.option(
                "--repetitions",
                type=click.IntRange(min=1),
                default=repetitions,
                show_default=True,
                help="The number of measurements of each thing.",
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


def run_benchmark(measure: Callable[[Say, float], str], output: Path) -> None:
    """Measure, and write the results to the page.

    Args:
        measure: returns the section with the results. Its arguments are a function that reports
            progress, and the start time.
    """
    if shutil.which("curl") is None:
        sys.exit("curl is not installed. The benchmark needs it to measure transfers.")
    # An interrupted benchmark must stop its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:5.0f} s  {text}", err=True)

    text = measure(say, began)
    write_section(output, text)
    say(f"written to {output}")
    click.echo(text)
