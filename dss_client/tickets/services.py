"""Finding a service in the list of them, as people name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import Repr
from typing import TYPE_CHECKING

from dss_api import ServiceNotFound

if TYPE_CHECKING:
    from dss_api import Service

_HASH_PATTERN = re.compile(r"[0-9a-f]{40}")

_SHORT_REPR = Repr()
"""Shows texts that may be long."""
_SHORT_REPR.maxstring = 100


def is_hash(service: str) -> bool:
    """Whether a service is given by its hash, and not by its name."""
    return _HASH_PATTERN.fullmatch(service) is not None


def find_service(services: Sequence[Service], wanted: str) -> Service:
    """The service of a hash, or the latest version of a name.

    Raises:
        ServiceNotFound: there is none.
    """
    found = [service for service in services if wanted in (service.githash, service.name)]
    if not found:
        raise create_not_found_error(services, wanted, "The middleware")
    return max(found, key=_parse_version)


def create_not_found_error(services: Sequence[Service], wanted: str, owner: str) -> ServiceNotFound:
    """The error that says that somebody has no such service, and which there are."""
    there = ", ".join(f"{s.name} {s.version} ({s.githash})" for s in services) or "none"
    return ServiceNotFound(
        f"{owner} has no service {_SHORT_REPR.repr(wanted)}. There are: {there}."
    )


def _parse_version(service: Service) -> list[int]:
    # As the middleware compares them: what is no number comes before all numbers.
    return [int(part) if part.isdecimal() else -1 for part in service.version.split(".")]
