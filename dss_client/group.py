"""What the groups of methods of the client share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_client.transport.retries import Retries

if TYPE_CHECKING:
    from dss_api import DssApi


class MethodGroup:
    """A part of the client's methods, over one middleware.

    Attributes:
        server: the middleware's address.
        api: the same middleware as typed methods without tables, one for each operation.
        retries: how often a request is sent again, and when.
    """

    server: str
    api: DssApi
    retries: Retries
