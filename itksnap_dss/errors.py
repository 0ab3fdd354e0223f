"""Errors of `WorkspaceWrapper` that are also `ValueError`, which existing scripts catch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dss_client import workspace


class LayerMissing(workspace.LayerMissing, ValueError):
    """The workspace does not have this layer."""


class NoMainImage(workspace.NoMainImage, ValueError):
    """The workspace does not have a main image."""


@contextmanager
def convert_lookup_errors() -> Iterator[None]:
    """Raise `LayerMissing` and `NoMainImage` of this module in place of the client's."""
    try:
        yield
    except workspace.LayerMissing as error:
        raise LayerMissing(str(error)) from error
    except workspace.NoMainImage as error:
        raise NoMainImage(str(error)) from error
