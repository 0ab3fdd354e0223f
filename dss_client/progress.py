"""Progress bars: shown in a terminal or a notebook, and nowhere else."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm

ProgressCallback = Callable[[int, int | None], object]
"""A function of the number of bytes moved, and of the total number, `None` while it is unknown."""

Progress = bool | ProgressCallback
"""The way to report progress: a bar (`True`), no report (`False`), or calls of a function."""

UPDATE_INTERVAL = 0.1
"""Minimum number of seconds between two reports of one transfer."""


def is_notebook() -> bool:
    """Return whether the program runs in a notebook, which is not a terminal but shows output."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def check_progress(progress: Progress) -> None:
    """Validate the `progress` argument.

    Raises:
        TypeError: `progress` is neither a bool nor a function.
    """
    if not isinstance(progress, bool) and not callable(progress):
        raise TypeError(
            f"progress must be True, False or a function, not {type(progress).__name__}."
        )


@contextmanager
def report_bytes(description: str, progress: Progress) -> Iterator[ProgressCallback]:
    """Report the bytes of a transfer at most ten times a second, and at its end.

    Args:
        description: the text beside the bar.
        progress: how to report.

    Yields:
        The function to call after each piece of the transfer.

    Raises:
        TypeError: `progress` is neither a bool nor a function.
    """
    check_progress(progress)
    if callable(progress):
        yield _limit_rate(progress)
        return
    with _open_bar(description, None, "{desc}: {n_fmt}B [{elapsed}, {rate_fmt}]", progress) as bar:
        yield _ignore if bar is None else _limit_rate(_make_bytes_callback(bar))


@contextmanager
def show_seconds(description: str, total: float) -> Iterator[Callable[[float], object]]:
    """Show a bar of the seconds waited, without a percentage if the total is infinite.

    Yields:
        The function to call with the number of further seconds waited.
    """
    if math.isinf(total):
        bar_total, layout = None, "{desc}: {n:.0f} s"
    else:
        bar_total, layout = total, "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s"
    with _open_bar(description, bar_total, layout) as bar:
        yield (lambda amount: None) if bar is None else bar.update


@contextmanager
def show_share(description: str) -> Iterator[Callable[[float, str], object] | None]:
    """Show a bar of the completed share of a task, with a remark beside it.

    Yields:
        The function to call with the share, in [0, 1], and the remark. `None` if no bar is shown,
        so that the caller need not request the share.
    """
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    with _open_bar(description, 1.0, layout) as bar:
        yield None if bar is None else _make_share_callback(bar)


@contextmanager
def _open_bar(
    description: str, total: float | None, layout: str, enabled: bool = True
) -> Iterator[tqdm[NoReturn] | None]:
    """Open a bar; yield `None` if there is no terminal or notebook to show the bar in."""
    if not enabled or not (is_notebook() or sys.stderr.isatty()):
        yield None
        return
    with warnings.catch_warnings():
        # Without the notebook widgets, tqdm warns and draws with text, which is enough.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # noqa: PLC0415  # loaded only if there is a bar
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


def _make_share_callback(bar: tqdm[NoReturn]) -> Callable[[float, str], object]:
    def show(share: float, remark: str) -> None:
        bar.n = min(share, 1.0)
        bar.set_postfix_str(remark)

    return show


def _make_bytes_callback(bar: tqdm[NoReturn]) -> ProgressCallback:
    def show(done: int, total: int | None) -> None:
        if total is not None and total != bar.total:
            bar.bar_format = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}B [{rate_fmt}]"
        bar.total = total
        bar.n = done  # update() would show nothing if a file starts again
        bar.refresh()

    return show


def _limit_rate(callback: ProgressCallback) -> ProgressCallback:
    last_time = -math.inf
    last_report: tuple[int, int | None] | None = None

    def report(done: int, total: int | None) -> None:
        nonlocal last_time, last_report
        now = time.monotonic()
        is_due = done == total or now - last_time >= UPDATE_INTERVAL
        # A total of 0 would make callers divide by 0.
        if total != 0 and (done, total) != last_report and is_due:
            last_time, last_report = now, (done, total)
            callback(done, total)

    return report


def _ignore(done: int, total: int | None) -> None:
    """Do nothing with a report."""
