"""`python -m benchmarks.client --real-python PYTHON` measures the clients."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import click

from .. import transfers
from ..contenders import Mock, Real
from ..page import RESULTS, put_section
from .contestants import floor, public_client, this_client
from .measure import Contest, Scale, measure
from .report import write_report


@click.command()
@click.option(
    "--real-python",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The Python of the environment in which the real middleware and the public client are.",
)
@click.option(
    "--repetitions",
    type=click.IntRange(min=1),
    default=Scale().repetitions,
    show_default=True,
    help="How often each thing is measured.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=RESULTS,
    help="The page of whose sections one is what was measured.",
)
def main(real_python: Path, repetitions: int, output: Path) -> None:
    """Measure this client, the public one and the floor side by side."""
    if not transfers.is_there():
        sys.exit("The transfers are measured beside curl, which is not installed.")
    # So that no server outlives a run that is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:5.0f} s  {text}", err=True)

    python = real_python.absolute()
    middlewares = Mock(), Real(python)
    contest = Contest(this_client(), public_client(python), floor())
    scale = Scale(repetitions)
    results = measure(contest, middlewares, scale, say)
    text = write_report(results, contest, middlewares, scale, time.monotonic() - began)
    put_section(output, text)
    say(f"written to {output}")
    click.echo(text)


if __name__ == "__main__":
    main()
