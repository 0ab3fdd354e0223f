"""Progress bars: on a terminal and in a notebook, and nothing where nobody looks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def in_notebook() -> bool:
    """Whether this runs in a notebook, whose output is no terminal and yet is looked at."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


@contextmanager
def bytes_bar(description: str) -> Iterator[Callable[[float], object]]:
    """A bar of bytes moved, of which nobody knows beforehand how many there are."""
    with _bar(description, None, "{desc}: {n_fmt}B [{elapsed}, {rate_fmt}]") as advance:
        yield advance


@contextmanager
def seconds_bar(description: str, total: float) -> Iterator[Callable[[float], object]]:
    """A bar of the seconds waited, out of a total."""
    layout = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s"
    with _bar(description, total, layout) as advance:
        yield advance


@contextmanager
def _bar(description: str, total: float | None, layout: str) -> Iterator[Callable[[float], object]]:
    notebook = in_notebook()
    if not notebook and not sys.stderr.isatty():
        yield lambda amount: None
        return
    with warnings.catch_warnings():
        # Without the widgets for notebooks, tqdm draws with text, which does as well.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # noqa: PLC0415  # loaded only where there is a bar
    with tqdm(
        total=total,
        desc=description,
        unit="B",
        unit_scale=total is None,
        unit_divisor=1024,
        bar_format=layout,
        leave=False,
    ) as bar:
        yield bar.update
