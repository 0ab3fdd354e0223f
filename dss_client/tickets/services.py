"""Finding a service in the list of them, as people name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import Repr
from typing import TYPE_CHECKING

from dss_api import ServiceNotFound

if TYPE_CHECKING:
    from dss_api import Service

_HASH = re.compile(r"[0-9a-f]{40}")

_SHORT = Repr()
"""Shows texts that may be long."""
_SHORT.maxstring = 100


def is_hash(service: str) -> bool:
    """Whether a service is given by its hash, and not by its name."""
    return _HASH.fullmatch(service) is not None


def find(services: Sequence[Service], wanted: str) -> Service:
    """The service of a hash, or the latest version of a name.

    Raises:
        ServiceNotFound: there is none.
    """
    found = [service for service in services if wanted in (service.githash, service.name)]
    if not found:
        raise not_found(services, wanted, "The middleware")
    return max(found, key=_version_numbers)


def not_found(services: Sequence[Service], wanted: str, whose: str) -> ServiceNotFound:
    """The error that says that somebody has no such service, and which there are."""
    there = ", ".join(f"{s.name} {s.version} ({s.githash})" for s in services) or "none"
    return ServiceNotFound(f"{whose} has no service {_SHORT.repr(wanted)}. There are: {there}.")


def _version_numbers(service: Service) -> list[int]:
    # As the middleware compares them: what is no number comes before all numbers.
    return [int(part) if part.isdecimal() else -1 for part in service.version.split(".")]
