"""What is to be said under a picture besides its legend."""

from __future__ import annotations

from attrs import frozen

from dss_client.snapshots.colours import LabelStyles
from dss_client.snapshots.labels import LabelSurvey


@frozen
class Note:
    """A line in fine print, or a warning."""

    text: str
    warning: bool = False


def describe_labels(found: LabelSurvey, drawn: LabelStyles, *, same_grid: bool) -> list[Note]:
    """What of the labels one sees, and what not.

    Args:
        found: what is in the segmentation.
        drawn: the labels that are visible.
        same_grid: whether the segmentation's voxels are those of the image.
    """
    if not found.voxels:
        return [Note("the segmentation has no labels")]
    if not drawn:
        return [Note("the segmentation has no visible labels")]
    if not found.inside:
        text = "the labels lie outside of the image: nothing of these volumes is shown"
        return [Note(text, warning=True)]
    notes = []
    if found.outside:
        percent = 100 * found.outside // (found.inside + found.outside)
        part = f"{percent}%" if percent else "less than 1%"
        notes.append(Note(f"{part} of these volumes lies outside of the image", warning=True))
    if not same_grid:
        notes.append(Note("labels resampled to the image's grid (nearest neighbour)"))
    return notes
