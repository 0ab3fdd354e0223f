"""What callers may pass, checked before anything is sent."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import SupportsFloat, SupportsIndex, TypeVar

from dss_api import TicketStatus

_HASH = re.compile(r"[0-9a-f]+")

Choice = TypeVar("Choice", bound=StrEnum)

MAX_PARALLEL = 64
"""How many files are moved at a time at most; the middleware answers ten requests at a time."""

FINAL_STATUSES = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""The statuses that a provider can give to a ticket."""


def read_ticket_id(ticket: SupportsIndex | str) -> int:
    """The id of a ticket, from an `int`, an integer of numpy, or digits.

    Raises:
        TypeError: it is none of these.
        ValueError: it is no positive number.
    """
    return _read_id(ticket, "ticket", "df['ticket'].iloc[0]")


def read_log_entry_id(entry: SupportsIndex | str) -> int:
    """The id of an entry of a ticket's log, given as that of a ticket is.

    Raises:
        TypeError, ValueError: it is none.
    """
    return _read_id(entry, "log entry", "df['log'].iloc[0]")


def read_since(entry: SupportsIndex | str | None) -> int | None:
    """After which entry a log shall begin, by its id; `None` and 0 are its beginning.

    Raises:
        TypeError, ValueError: it is no id.
    """
    return None if entry is None else _read_id(entry, "log entry", "df['log'].iloc[-1]", smallest=0)


def read_ticket_ids(tickets: Iterable[SupportsIndex | str]) -> list[int]:
    """The ids of tickets, each once, in the order given.

    Raises:
        TypeError, ValueError: they are no collection, or one of them is no id.
    """
    if isinstance(tickets, str) or not isinstance(tickets, Iterable):
        raise TypeError(f"Several tickets are needed, not {type(tickets).__name__}.")
    return list(dict.fromkeys(read_ticket_id(ticket) for ticket in tickets))


def _read_id(value: SupportsIndex | str, kind: str, example: str, smallest: int = 1) -> int:
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()):
            raise ValueError(f"{value!r} is no {kind} id; it must be digits.")
        number = int(value)
    else:
        try:
            number = operator.index(value)
        except TypeError as error:
            raise TypeError(
                f"A {kind} is one whole number or its digits, such as {example}, "
                f"not {type(value).__name__}."
            ) from error
    if isinstance(value, bool) or number < smallest:
        raise ValueError(f"{value!r} is no {kind} id; ids begin at {smallest}.")
    return number


def read_service_hashes(services: Iterable[str] | str) -> list[str]:
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


def check_text(value: str, subject: str) -> str:
    """A text that says something.

    Args:
        what: what it is.

    Raises:
        TypeError: it is no text.
        ValueError: it is empty.
    """
    if not isinstance(value, str):
        raise TypeError(f"{subject} is a text, not {type(value).__name__}.")
    if not value.strip():
        raise ValueError(f"{subject} must not be empty.")
    return value


def check_provider_name(name: str) -> str:
    """The name of a provider.

    Raises:
        TypeError: it is no text.
        ValueError: the middleware could be asked nothing about a provider of this name.
    """
    # The routes take their time to import, and administrators are few.
    from dss_api.routes import LIST_PROVIDER_USERS  # noqa: PLC0415

    path = LIST_PROVIDER_USERS.path.format(provider=check_text(name, "A provider's name"))
    if not LIST_PROVIDER_USERS.pattern.fullmatch(path):
        raise ValueError(
            f"{name!r} is no name for a provider; it must be letters, digits, `_` and `-`."
        )
    return name


def read_user(user: SupportsIndex | str) -> int | str:
    """The id of a user, or the e-mail address.

    Raises:
        TypeError, ValueError: it is neither.
    """
    if isinstance(user, str) and not user.isdecimal():
        return check_text(user, "An e-mail address")
    return _read_id(user, "user", "df['user'].iloc[0]")


def read_flag(value: bool, name: str) -> bool:
    """Yes or no, also as numpy has it.

    Raises:
        TypeError: it is something else, such as a text that says so.
    """
    if value not in (True, False):
        raise TypeError(f"{name} must be True or False, not {value!r}.")
    return bool(value)


def check_purge_age(days: float | None, hours: float | None) -> None:
    """Check how old tickets must be to be purged.

    Raises:
        TypeError: it is no number.
        ValueError: both are given, or the age is negative or not finite.
    """
    if days is not None and hours is not None:
        raise ValueError("Either days or hours must be given, not both.")
    for name, age in {"days": days, "hours": hours}.items():
        if age is not None and not 0 <= _read_number(name, age) < math.inf:
            raise ValueError(f"{name} must be 0 or more, not {age}.")


def read_choice(choices: type[Choice], value: str, name: str) -> Choice:
    """One of a few things, from its text.

    Raises:
        ValueError: it is none of them.
    """
    if value not in tuple(choices):
        raise ValueError(f"{name} must be {_list_alternatives(choices)}, not {value!r}.")
    return choices(value)


def read_login_token(token: str) -> str:
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


def read_chunk(progress: float, start: float, end: float) -> tuple[float, float, float]:
    """Progress within a chunk of the work, as plain numbers.

    Raises:
        TypeError: one is no number.
        ValueError: a number is outside [0, 1], or the chunk is empty.
    """
    numbers = {"progress": progress, "chunk_start": start, "chunk_end": end}
    for name, number in numbers.items():
        if not 0 <= _read_number(name, number) <= 1:
            raise ValueError(f"{name} must be between 0 and 1, not {number}.")
    if start >= end:
        raise ValueError(f"The chunk from {start} to {end} is empty; it must end after it starts.")
    return float(progress), float(start), float(end)


def make_sendable(text: str) -> str:
    """A text with what UTF-8 cannot carry replaced, as comes with the names of odd files.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"A text is needed, not {type(text).__name__}.")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_final_status(status: str) -> TicketStatus:
    """A status that ends the work on a ticket, from its text.

    Raises:
        ValueError: a provider cannot set this status.
    """
    if status not in FINAL_STATUSES:
        raise ValueError(f"status must be {_list_alternatives(FINAL_STATUSES)}, not {status!r}.")
    return TicketStatus(status)


def read_file_paths(paths: Iterable[str | PathLike[str]] | str | PathLike[str]) -> list[Path]:
    """The paths of files, from any collection of them or a single one.

    Raises:
        TypeError: they are no paths.
        ValueError: there is none.
    """
    if isinstance(paths, bytes) or not isinstance(paths, Iterable | PathLike):
        raise TypeError(f"paths must be those of the files, not {type(paths).__name__}.")
    files = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not files:
        raise ValueError("There are no files to upload.")
    for file in files:
        if not isinstance(file, str | PathLike):
            raise TypeError(f"The path of a file is a text or a Path, not {type(file).__name__}.")
    return [Path(file) for file in files]


def read_parallel(parallel: SupportsIndex) -> int:
    """How many files are moved at a time.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is less than 1, or more than makes sense.
    """
    try:
        number = operator.index(parallel)
    except TypeError as error:
        raise TypeError(
            f"parallel must be a whole number, not {type(parallel).__name__}."
        ) from error
    if isinstance(parallel, bool) or not 1 <= number <= MAX_PARALLEL:
        raise ValueError(f"parallel must be between 1 and {MAX_PARALLEL}, not {parallel}.")
    return number


def read_wait_times(timeout: float | None, interval: float) -> float:
    """Check how long and how often to ask; gives how long, without end for `None`.

    Raises:
        TypeError: one is no number.
        ValueError: a time is negative or no number, or the interval is zero.
    """
    limit = math.inf if timeout is None else _read_number("timeout", timeout)
    if not limit >= 0:
        raise ValueError(f"timeout must be 0 seconds or more, not {timeout}.")
    if not _read_number("interval", interval) > 0:
        raise ValueError(f"interval must be more than 0 seconds, not {interval}.")
    return limit


def read_network_timeout(name: str, seconds: float) -> float:
    """A time after which the network has failed, as a plain number.

    Raises:
        TypeError: it is no number.
        ValueError: it is not positive, or without end.
    """
    number = _read_number(name, seconds)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be more than 0 seconds and finite, not {seconds}.")
    return number


def _read_number(name: str, value: float) -> float:
    """A plain number, from one of any kind.

    Raises:
        TypeError: it is none.
    """
    # Python's own numbers first, for it takes long to see what another kind can do.
    if not isinstance(value, float | int | SupportsFloat) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}.")
    return float(value)


def _list_alternatives(values: Iterable[str]) -> str:
    *most, last = [repr(str(value)) for value in values]
    return f"{', '.join(most)} or {last}"
