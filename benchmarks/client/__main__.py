"""`python -m benchmarks.client --real-python PYTHON` measures the clients."""

from __future__ import annotations

import time
from pathlib import Path

import click

from ..command import Say, options, run
from ..contenders import Mock, Real
from .contestants import floor, public_client, this_client
from .measure import Contest, Scale, measure
from .report import write_report


@click.command()
@options(
    "The Python of the environment in which the real middleware and the public client are.",
    Scale().repetitions,
)
def main(real_python: Path, repetitions: int, output: Path) -> None:
    """Measure this client, the public one and the floor side by side."""
    python = real_python.absolute()
    middlewares = Mock(), Real(python)
    contest = Contest(this_client(), public_client(python), floor())
    scale = Scale(repetitions)

    def section(say: Say, began: float) -> str:
        results = measure(contest, middlewares, scale, say)
        return write_report(results, contest, middlewares, scale, time.monotonic() - began)

    run(section, output)


if __name__ == "__main__":
    main()
