"""What the groups of methods of the client share."""

from dss_api import DssApi


class Group:
    """A part of the client's methods, over one middleware.

    Attributes:
        server: the middleware's address.
        api: the same middleware as typed methods without tables, one for each operation.
    """

    server: str
    api: DssApi
