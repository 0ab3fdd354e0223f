"""The command `python -m benchmarks.mock --real-python PYTHON`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from ..command import Say, add_options, run_benchmark
from ..middlewares import Mock, Real
from .measurements import Scale, measure
from .report import make_report


@click.command()
@add_options("The Python of the environment with itksnap-dss-server.", Scale().repetitions)
def main(real_python: Path, repetitions: int, output: Path) -> None:
    """Measure the mock and the real middleware side by side."""
    mock, real = Mock(), Real(real_python.absolute())
    scale = Scale(repetitions)

    def make_section(say: Say, began: float) -> str:
        results = measure([mock, real], scale, say)
        return make_report(results, scale, mock, real, time.monotonic() - began)

    run_benchmark(make_section, output)


if __name__ == "__main__":
    main()
