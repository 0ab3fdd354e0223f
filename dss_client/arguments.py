"""What callers may pass, checked before anything is sent."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import SupportsFloat, SupportsIndex

from dss_api import FileArea, LogCategory, TicketStatus

_HASH = re.compile(r"[0-9a-f]+")

FINAL = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""The statuses that a provider can give to a ticket."""


def ticket_id(ticket: SupportsIndex | str) -> int:
    """The id of a ticket, from an `int`, an integer of numpy, or digits.

    Raises:
        TypeError: it is none of these.
        ValueError: it is no positive number.
    """
    if isinstance(ticket, str):
        if not (ticket.isascii() and ticket.isdecimal()):
            raise ValueError(f"{ticket!r} is no ticket id; it must be digits.")
        number = int(ticket)
    else:
        try:
            number = operator.index(ticket)
        except TypeError as error:
            raise TypeError(
                f"A ticket is one whole number or its digits, such as df['ticket'].iloc[0], "
                f"not {type(ticket).__name__}."
            ) from error
    if isinstance(ticket, bool) or number < 1:
        raise ValueError(f"{ticket!r} is no ticket id; ids begin at 1.")
    return number


def service_hashes(services: Iterable[str] | str) -> list[str]:
    """The hashes of services, from any collection of them or a single one.

    Raises:
        TypeError: something in it is no text.
        ValueError: there is none, or one that cannot be a hash.
    """
    if hasattr(services, "columns") or not isinstance(services, Iterable):
        raise TypeError(
            "Services are given by their hashes, such as services['hash'], "
            f"not as {type(services).__name__}."
        )
    hashes = [services] if isinstance(services, str) else list(services)
    if not hashes:
        raise ValueError("At least one service is needed, by its hash.")
    for githash in hashes:
        if not isinstance(githash, str):
            raise TypeError(f"A service's hash is a text, not {type(githash).__name__}.")
        if not _HASH.fullmatch(githash):
            raise ValueError(f"{githash!r} is no service's hash; see dssp_list_services().")
    return hashes


def login_token(token: str) -> str:
    """A token as the middleware shows it, without blanks around it.

    Raises:
        TypeError: it is no text.
        ValueError: it is empty.
    """
    if not isinstance(token, str):
        raise TypeError(f"A token is a text, not {type(token).__name__}.")
    if not token.strip():
        raise ValueError("The token is empty; leave it out to be asked for it.")
    return token.strip()


def chunk(progress: float, start: float, end: float) -> tuple[float, float, float]:
    """Progress within a chunk of the work, as plain numbers.

    Raises:
        TypeError: one is no number.
        ValueError: a number is outside [0, 1], or the chunk is empty.
    """
    numbers = {"progress": progress, "chunk_start": start, "chunk_end": end}
    for name, number in numbers.items():
        if not isinstance(number, float | int | SupportsFloat) or isinstance(number, bool):
            raise TypeError(f"{name} must be a number, not {type(number).__name__}.")
        if not (math.isfinite(number) and 0 <= number <= 1):
            raise ValueError(f"{name} must be between 0 and 1, not {number}.")
    if start >= end:
        raise ValueError(f"The chunk from {start} to {end} is empty; it must end after it starts.")
    return float(progress), float(start), float(end)


def log_category(category: str) -> LogCategory:
    """A log category, from its text.

    Raises:
        ValueError: there is no such category.
    """
    if category not in tuple(LogCategory):
        raise ValueError(f"category must be {_either(LogCategory)}, not {category!r}.")
    return LogCategory(category)


def sendable(text: str) -> str:
    """A text with what UTF-8 cannot carry replaced, as comes with the names of odd files.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"A text is needed, not {type(text).__name__}.")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def final_status(status: str) -> TicketStatus:
    """A status that ends the work on a ticket, from its text.

    Raises:
        ValueError: a provider cannot set this status.
    """
    if status not in FINAL:
        raise ValueError(f"status must be {_either(FINAL)}, not {status!r}.")
    return TicketStatus(status)


def file_area(area: str) -> FileArea:
    """One of the two places for files of a ticket, from its text.

    Raises:
        ValueError: there is no such place.
    """
    if area not in tuple(FileArea):
        raise ValueError(f"area must be {_either(FileArea)}, not {area!r}.")
    return FileArea(area)


def file_paths(paths: Iterable[str | PathLike[str]] | str | PathLike[str]) -> list[Path]:
    """The paths of files, from any collection of them or a single one.

    Raises:
        ValueError: there is none.
    """
    files = [Path(paths)] if isinstance(paths, str | PathLike) else [Path(path) for path in paths]
    if not files:
        raise ValueError("There are no files to upload.")
    return files


def at_once(parallel: int) -> int:
    """How many files are moved at a time.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is less than 1.
    """
    if not isinstance(parallel, int) or isinstance(parallel, bool):
        raise TypeError(f"parallel must be a whole number, not {type(parallel).__name__}.")
    if parallel < 1:
        raise ValueError(f"parallel must be 1 or more, not {parallel}.")
    return parallel


def wait_times(timeout: float, interval: float) -> None:
    """Check how long and how often to ask.

    Raises:
        TypeError: one is no number.
        ValueError: a time is negative or no number, or the interval is zero.
    """
    for name, seconds in {"timeout": timeout, "interval": interval}.items():
        if not isinstance(seconds, float | int | SupportsFloat) or isinstance(seconds, bool):
            raise TypeError(f"{name} must be a number, not {type(seconds).__name__}.")
    if not timeout >= 0:
        raise ValueError(f"timeout must be 0 seconds or more, not {timeout}.")
    if not interval > 0:
        raise ValueError(f"interval must be more than 0 seconds, not {interval}.")


def network_timeout(name: str, seconds: float) -> float:
    """A time after which the network has failed, as a plain number.

    Raises:
        TypeError: it is no number.
        ValueError: it is not positive, or without end.
    """
    if not isinstance(seconds, SupportsFloat) or isinstance(seconds, bool):
        raise TypeError(f"{name} must be a number, not {type(seconds).__name__}.")
    number = float(seconds)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be more than 0 seconds and finite, not {seconds}.")
    return number


def _either(values: Iterable[str]) -> str:
    *most, last = [repr(str(value)) for value in values]
    return f"{', '.join(most)} or {last}"
