"""Base class of the groups of methods of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_client.transport.retries import Retries

if TYPE_CHECKING:
    from dss_api import DssApi


class MethodGroup:
    """Methods of the client for one kind of account.

    Attributes:
        server: the middleware's address.
        api: the same middleware without tables: one typed method for each operation.
        retries: how often a request is sent again, and when.
    """

    server: str
    api: DssApi
    retries: Retries
