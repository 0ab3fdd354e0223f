"""Progress bars: on a terminal and in a notebook, and nothing where nobody looks."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm


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
def share_bar(description: str) -> Iterator[Callable[[float, str], object]]:
    """A bar of how much of a whole is done, told anew each time, with a remark beside it."""
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    with _tqdm(description, 1.0, layout) as bar:

        def show(share: float, remark: str) -> None:
            if bar is not None:
                bar.n = min(share, 1.0)
                bar.set_postfix_str(remark)

        yield show


@contextmanager
def _bar(description: str, total: float | None, layout: str) -> Iterator[Callable[[float], object]]:
    with _tqdm(description, total, layout) as bar:
        yield (lambda amount: None) if bar is None else bar.update


@contextmanager
def _tqdm(description: str, total: float | None, layout: str) -> Iterator[tqdm[NoReturn] | None]:
    """The bar itself; `None` where nobody looks."""
    notebook = in_notebook()
    if not notebook and not sys.stderr.isatty():
        yield None
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
        yield bar
