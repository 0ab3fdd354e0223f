"""Validation of callers' arguments, before anything is sent.

A `read_...` function accepts an argument in all its forms, and returns it in one. A `check_...`
function returns the argument unchanged, or nothing.
"""

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
"""Maximum number of files in transfer at a time. The middleware answers ten requests at a time."""

FINAL_STATUSES = (TicketStatus.SUCCESS, TicketStatus.FAILED)
"""The statuses that a provider can set."""


def read_ticket_id(ticket: SupportsIndex | str) -> int:
    """Read the id of a ticket from an `int`, a numpy integer, or a string of digits.

    Raises:
        TypeError: the argument has a different type.
        ValueError: the argument is not a positive number.
    """
    return _read_id(ticket, "ticket", "df['ticket'].iloc[0]")


def read_log_entry_id(entry: SupportsIndex | str) -> int:
    """Read the id of a log entry from an `int`, a numpy integer, or a string of digits.

    Raises:
        TypeError: the argument has a different type.
        ValueError: the argument is not a positive number.
    """
    return _read_id(entry, "log entry", "df['log'].iloc[0]")


def read_since(entry: SupportsIndex | str | None) -> int | None:
    """Read the id of the last log entry that the caller knows.

    `None` and 0 mean that the caller knows no entry. `None` is returned unchanged.

    Raises:
        TypeError: the argument is not an `int`, a numpy integer, a string of digits or `None`.
        ValueError: the argument is negative.
    """
    return None if entry is None else _read_id(entry, "log entry", "df['log'].iloc[-1]", smallest=0)


def read_ticket_ids(tickets: Iterable[SupportsIndex | str]) -> list[int]:
    """Read the ids of tickets, without duplicates, in the given order.

    Raises:
        TypeError: the argument is not a collection, or an item is not an id.
        ValueError: an item is not a positive number.
    """
    if isinstance(tickets, str) or not isinstance(tickets, Iterable):
        raise TypeError(
            f"Several tickets are needed, such as a list of ids, not {type(tickets).__name__}."
        )
    return list(dict.fromkeys(read_ticket_id(ticket) for ticket in tickets))


def _read_id(value: SupportsIndex | str, kind: str, example: str, smallest: int = 1) -> int:
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()):
            raise ValueError(
                f"{value!r} is not a {kind} id. An id must be an integer or a string of digits."
            )
        number = int(value)
    else:
        try:
            number = operator.index(value)
        except TypeError as error:
            raise TypeError(
                f"A {kind} id must be an integer or a string of digits, such as {example}, "
                f"not {type(value).__name__}."
            ) from error
    if isinstance(value, bool) or number < smallest:
        raise ValueError(f"{value!r} is not a {kind} id. The smallest id is {smallest}.")
    return number


def read_service_hashes(services: Iterable[str] | str) -> list[str]:
    """Read the hashes of services from a collection or a single hash.

    Raises:
        TypeError: the argument is not a collection, or an item is not a string.
        ValueError: the argument is empty, or an item cannot be a hash.
    """
    if hasattr(services, "columns") or not isinstance(services, Iterable):
        raise TypeError(
            "Give the services as a list or a table column of hashes, such as "
            f"dssp_list_services()['hash'], not as {type(services).__name__}."
        )
    hashes = [services] if isinstance(services, str) else list(services)
    if not hashes:
        raise ValueError(
            "The list of service hashes is empty. dssp_list_services() shows the services that "
            "this account provides."
        )
    for githash in hashes:
        if not isinstance(githash, str):
            raise TypeError(f"A service's hash must be a string, not {type(githash).__name__}.")
        if not _HASH.fullmatch(githash):
            raise ValueError(
                f"{githash!r} is not a service's hash. dssp_list_services() lists the hashes."
            )
    return hashes


def check_text(value: str, subject: str) -> str:
    """Check that a string is not empty or blank.

    Args:
        value: the string.
        subject: the beginning of the error messages, such as "A service".

    Raises:
        TypeError: the argument is not a string.
        ValueError: the argument is empty or blank.
    """
    if not isinstance(value, str):
        raise TypeError(f"{subject} must be a string, not {type(value).__name__}.")
    if not value.strip():
        raise ValueError(f"{subject} must not be empty.")
    return value


def check_provider_name(name: str) -> str:
    """Check that a provider's name can be part of the middleware's paths.

    Raises:
        TypeError: the argument is not a string.
        ValueError: the argument has characters that cannot be part of a path.
    """
    # Importing the routes takes time, and only administrators need them.
    from dss_api.routes import LIST_PROVIDER_USERS  # noqa: PLC0415

    path = LIST_PROVIDER_USERS.path.format(provider=check_text(name, "A provider's name"))
    if not LIST_PROVIDER_USERS.pattern.fullmatch(path):
        raise ValueError(
            f"{name!r} is not a valid provider name. Use only letters, digits, `_` and `-`."
        )
    return name


def read_user(user: SupportsIndex | str) -> int | str:
    """Read the id or the e-mail address of a user.

    Raises:
        TypeError: the argument is neither.
        ValueError: the id is not a positive number, or the address is empty.
    """
    if isinstance(user, str) and not user.isdecimal():
        return check_text(user, "An e-mail address")
    return _read_id(user, "user", "df['user'].iloc[0]")


def read_flag(value: bool, name: str) -> bool:
    """Read a bool, also a numpy bool.

    Raises:
        TypeError: the argument has a different type, such as the string "True".
    """
    if value not in (True, False):
        raise TypeError(f"{name} must be True or False, not {value!r}.")
    return bool(value)


def check_purge_age(days: float | None, hours: float | None) -> None:
    """Check the minimum age of tickets to purge.

    Raises:
        TypeError: the argument is not a number.
        ValueError: both ages are given, or the age is negative or infinite.
    """
    if days is not None and hours is not None:
        raise ValueError("Either days or hours must be given, not both.")
    for name, age in {"days": days, "hours": hours}.items():
        if age is not None and not 0 <= _read_number(name, age) < math.inf:
            raise ValueError(f"{name} must be 0 or more, not {age}.")


def read_choice(choices: type[Choice], value: str, name: str) -> Choice:
    """Read a member of an enum from its string.

    Raises:
        ValueError: the enum does not have this member.
    """
    if value not in tuple(choices):
        raise ValueError(f"{name} must be {_list_alternatives(choices)}, not {value!r}.")
    return choices(value)


def read_login_token(token: str) -> str:
    """Read a token, without the white space around it.

    Raises:
        TypeError: the argument is not a string.
        ValueError: the argument is empty.
    """
    if not isinstance(token, str):
        raise TypeError(f"A token must be a string, not {type(token).__name__}.")
    if not token.strip():
        raise ValueError("The token is empty. Call login() without a token to be asked for one.")
    return token.strip()


def read_chunk(progress: float, start: float, end: float) -> tuple[float, float, float]:
    """Read the progress within a chunk of the work as three floats.

    Raises:
        TypeError: an argument is not a number.
        ValueError: an argument is outside [0, 1], or the chunk is empty.
    """
    numbers = {"progress": progress, "chunk_start": start, "chunk_end": end}
    for name, number in numbers.items():
        if not 0 <= _read_number(name, number) <= 1:
            raise ValueError(f"{name} must be between 0 and 1, not {number}.")
    if start >= end:
        raise ValueError(
            f"The chunk from {start} to {end} is empty. Its end must be greater than its start."
        )
    return float(progress), float(start), float(end)


def make_sendable(text: str) -> str:
    """Escape the characters that UTF-8 cannot encode, as in undecodable file names.

    Raises:
        TypeError: the argument is not a string.
    """
    if not isinstance(text, str):
        raise TypeError(f"The text must be a string, not {type(text).__name__}.")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_final_status(status: str) -> TicketStatus:
    """Read a status that ends the work on a ticket from its string.

    Raises:
        ValueError: a provider cannot set this status.
    """
    if status not in FINAL_STATUSES:
        raise ValueError(f"status must be {_list_alternatives(FINAL_STATUSES)}, not {status!r}.")
    return TicketStatus(status)


def read_file_paths(paths: Iterable[str | PathLike[str]] | str | PathLike[str]) -> list[Path]:
    """Read the paths of files from a collection or a single path.

    Raises:
        TypeError: the argument is not a path or a collection of paths.
        ValueError: the argument is empty.
    """
    if isinstance(paths, bytes) or not isinstance(paths, Iterable | PathLike):
        raise TypeError(f"paths must be a path or a list of paths, not {type(paths).__name__}.")
    files = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not files:
        raise ValueError("There are no files to upload.")
    for file in files:
        if not isinstance(file, str | PathLike):
            raise TypeError(
                f"The path of a file must be a string or a Path, not {type(file).__name__}."
            )
    return [Path(file) for file in files]


def read_parallel(parallel: SupportsIndex) -> int:
    """Read how many files to transfer at a time.

    Raises:
        TypeError: the argument is not a whole number.
        ValueError: the argument is less than 1 or more than `MAX_PARALLEL`.
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
    """Check the timeout and the interval of a wait, and return the timeout.

    Returns:
        The timeout in seconds; infinity for `None`.

    Raises:
        TypeError: an argument is not a number.
        ValueError: an argument is negative or NaN, or the interval is zero.
    """
    limit = math.inf if timeout is None else _read_number("timeout", timeout)
    if not limit >= 0:
        raise ValueError(f"timeout must be 0 seconds or more, not {timeout}.")
    if not _read_number("interval", interval) > 0:
        raise ValueError(f"interval must be more than 0 seconds, not {interval}.")
    return limit


def read_network_timeout(name: str, seconds: float) -> float:
    """Read a timeout of the network as a float.

    Raises:
        TypeError: the argument is not a number.
        ValueError: the argument is not positive, or infinite.
    """
    number = _read_number(name, seconds)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be more than 0 seconds and finite, not {seconds}.")
    return number


def _read_number(name: str, value: float) -> float:
    # Python's own numbers first, because the test for other kinds of numbers is slow.
    if not isinstance(value, float | int | SupportsFloat) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}.")
    return float(value)


def _list_alternatives(values: Iterable[str]) -> str:
    *most, last = [repr(str(value)) for value in values]
    return f"{', '.join(most)} or {last}"
