"""What can go wrong with a picture, besides what can go wrong with reading its images."""

from __future__ import annotations

from dss_api import DssError


class NotDrawable(DssError, ValueError):
    """An image is of a kind of which there is no picture."""
