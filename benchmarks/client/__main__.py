"""The command `python -m benchmarks.client --real-python PYTHON`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from ..command import Say, add_options, run_benchmark
from ..middlewares import Mock, Real
from .client_runner import make_comparison
from .measurements import Scale, measure
from .report import make_report


@click.command()
@add_options(
    "The Python of the environment with the real middleware and the public client.",
    Scale().repetitions,
)
def main(real_python: Path, repetitions: int, output: Path) -> None:
    """Measure this client, the public client and the floor side by side."""
    python = real_python.absolute()
    middlewares = Mock(), Real(python)
    comparison = make_comparison(python)
    scale = Scale(repetitions)

    def make_section(say: Say, began: float) -> str:
        results = measure(comparison, middlewares, scale, say)
        return make_report(results, comparison, middlewares, scale, time.monotonic() - began)

    run_benchmark(make_section, output)


if __name__ == "__main__":
    main()
