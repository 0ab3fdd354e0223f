"""The role of an image in a workspace."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The role of an image in a workspace, as the file stores it."""

    MAIN = "MainRole"
    """The image that defines the space. There is one, and it is the first layer."""
    OVERLAY = "OverlayRole"
    SEGMENTATION = "SegmentationRole"
    ANATOMICAL = "AnatomicalRole"
    """The main image or an overlay. It is only for searches: no layer stores it."""

    def covers(self, stored: str) -> bool:
        """Tell whether a layer has this role.

        Args:
            stored: the role that the file stores for the layer.
        """
        if self is Role.ANATOMICAL:
            return stored in {Role.MAIN, Role.OVERLAY}
        return stored == self
