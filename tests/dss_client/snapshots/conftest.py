"""The real workspaces and images, where they are."""

from tests.dss_client.workspace.conftest import real

__all__ = ["real"]
