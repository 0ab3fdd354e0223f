"""What system administrators do: the methods whose names begin with `dssa_`."""

from __future__ import annotations

from dss_client.group import Group


class AdminMethods(Group):
    """Managing providers, their users and services, and everybody's tickets."""
