"""What users do: the methods whose names begin with `dss_`."""

from __future__ import annotations

from dss_client.group import Group


class UserMethods(Group):
    """Submitting tickets and fetching their results."""
