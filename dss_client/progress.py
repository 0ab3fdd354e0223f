"""Progress bars: on a terminal and in a notebook, and nothing where nobody looks."""

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
"""What is told how many bytes have moved, and how many there are in all where that is known."""

Progress = bool | ProgressCallback
"""Who is told of a transfer: a bar, nobody, or a function of the caller's."""

UPDATE_INTERVAL = 0.1
"""How many seconds lie between two tellings of a transfer, at least."""


def is_notebook() -> bool:
    """Whether this runs in a notebook, whose output is no terminal and yet is looked at."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def check_progress(progress: Progress) -> None:
    """Check that somebody can be told, or nobody shall be.

    Raises:
        TypeError: it is neither a bool nor a function.
    """
    if not isinstance(progress, bool) and not callable(progress):
        raise TypeError(f"progress is True, False or a function, not {type(progress).__name__}.")


@contextmanager
def report_bytes(description: str, progress: Progress) -> Iterator[ProgressCallback]:
    """What is told of the bytes of a transfer, at most ten times a second and at the end.

    Args:
        progress: `True` for a bar where somebody looks, or else what is told.

    Raises:
        TypeError: it is neither.
    """
    check_progress(progress)
    if callable(progress):
        yield _limit_rate(progress)
        return
    with _open_bar(description, None, "{desc}: {n_fmt}B [{elapsed}, {rate_fmt}]", progress) as bar:
        yield _ignore if bar is None else _limit_rate(_make_bytes_callback(bar))


@contextmanager
def show_seconds(description: str, total: float) -> Iterator[Callable[[float], object]]:
    """A bar of the seconds waited, out of a total; of an infinite one there is no share to show."""
    if math.isinf(total):
        shown, layout = None, "{desc}: {n:.0f} s"
    else:
        shown, layout = total, "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s"
    with _open_bar(description, shown, layout) as bar:
        yield (lambda amount: None) if bar is None else bar.update


@contextmanager
def show_share(description: str) -> Iterator[Callable[[float, str], object] | None]:
    """A bar of how much of a whole is done, told anew each time, with a remark beside it.

    `None` where nobody looks, so that nothing is asked for in vain.
    """
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    with _open_bar(description, 1.0, layout) as bar:
        yield None if bar is None else _make_share_callback(bar)


@contextmanager
def _open_bar(
    description: str, total: float | None, layout: str, enabled: bool = True
) -> Iterator[tqdm[NoReturn] | None]:
    """A bar; `None` where nobody looks."""
    if not enabled or not (is_notebook() or sys.stderr.isatty()):
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
        bar.n = done  # not update(), which shows nothing when a file begins anew
        bar.refresh()

    return show


def _limit_rate(callback: ProgressCallback) -> ProgressCallback:
    last = -math.inf
    told: tuple[int, int | None] | None = None

    def paced(done: int, total: int | None) -> None:
        nonlocal last, told
        now = time.monotonic()
        # Where there are no bytes at all, there is no share of them to be worked out.
        if (
            total != 0
            and (done, total) != told
            and (done == total or now - last >= UPDATE_INTERVAL)
        ):
            last, told = now, (done, total)
            callback(done, total)

    return paced


def _ignore(done: int, total: int | None) -> None:
    """Nobody looks."""
