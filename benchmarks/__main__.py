"""`python -m benchmarks --real-python PYTHON` measures both middlewares, and writes the results."""

from __future__ import annotations

import time
from pathlib import Path

import click

from .command import Say, options, run
from .contenders import Mock, Real
from .measure import Scale, measure
from .report import write_report


@click.command()
@options(
    "The Python of the environment in which itksnap-dss-server is installed.", Scale().repetitions
)
def main(real_python: Path, repetitions: int, output: Path) -> None:
    """Measure mock and real middleware side by side."""
    mock, real = Mock(), Real(real_python.absolute())
    scale = Scale(repetitions)

    def section(say: Say, began: float) -> str:
        results = measure([mock, real], scale, say)
        return write_report(results, scale, mock, real, time.monotonic() - began)

    run(section, output)


if __name__ == "__main__":
    main()
