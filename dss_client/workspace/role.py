"""What an image is in a workspace."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an image is in a workspace, as the file says it."""

    MAIN = "MainRole"
    """The image that gives the space; there is one, and it is the first layer."""
    OVERLAY = "OverlayRole"
    SEGMENTATION = "SegmentationRole"
    ANATOMICAL = "AnatomicalRole"
    """The main image, or an overlay; no layer says so itself, but one can ask for it."""

    def covers(self, stored: str) -> bool:
        """Whether a layer is of this role.

        Args:
            stored: what the file says of the layer.
        """
        if self is Role.ANATOMICAL:
            return stored in {Role.MAIN, Role.OVERLAY}
        return stored == self
