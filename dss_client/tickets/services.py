"""The lookup of a service by its hash or name."""

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
"""The short form of texts that may be long."""
_SHORT_REPR.maxstring = 100


def is_hash(service: str) -> bool:
    """Return whether a string is the hash of a service, not a name."""
    return _HASH_PATTERN.fullmatch(service) is not None


def find_service(services: Sequence[Service], wanted: str) -> Service:
    """Return the service with a hash, or the latest version with a name.

    Raises:
        ServiceNotFound: no service has this hash or name.
    """
    found = [service for service in services if wanted in (service.githash, service.name)]
    if not found:
        raise create_not_found_error(services, wanted, "The middleware")
    return max(found, key=_parse_version)


def create_not_found_error(services: Sequence[Service], wanted: str, owner: str) -> ServiceNotFound:
    """Create an error that lists the known services.

    Args:
        owner: the subject of the message, such as `The middleware`.
    """
    names = ", ".join(f"{s.name} {s.version} ({s.githash})" for s in services) or "none"
    return ServiceNotFound(
        f"{owner} has no service {_SHORT_REPR.repr(wanted)}. Known services: {names}."
    )


def _parse_version(service: Service) -> list[int]:
    # The order of the middleware: parts that are not numbers come before all numbers.
    return [int(part) if part.isdecimal() else -1 for part in service.version.split(".")]
