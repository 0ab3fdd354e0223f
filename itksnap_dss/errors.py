"""What `WorkspaceWrapper` raises where existing scripts expect a `ValueError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dss_client import workspace


class LayerMissing(workspace.LayerMissing, ValueError):
    """The workspace has no such layer."""


class NoMainImage(workspace.NoMainImage, ValueError):
    """The workspace has no main image."""


@contextmanager
def also_value_errors() -> Iterator[None]:
    """Let the two be what scripts catch: errors of lookup, and of value too."""
    try:
        yield
    except workspace.LayerMissing as error:
        raise LayerMissing(str(error)) from error
    except workspace.NoMainImage as error:
        raise NoMainImage(str(error)) from error
