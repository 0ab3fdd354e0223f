"""Notes and warnings under a picture."""

from __future__ import annotations

from attrs import frozen

from dss_client.snapshots.colours import LabelStyles
from dss_client.snapshots.labels import LabelSurvey


@frozen
class Note:
    """A line of small text, or a warning."""

    text: str
    warning: bool = False


def describe_labels(found: LabelSurvey, drawn: LabelStyles, *, same_grid: bool) -> list[Note]:
    """Say which labels the picture cannot show.

    Args:
        found: the labels of the segmentation.
        drawn: the styles of the visible labels.
        same_grid: whether the segmentation has the same grid as the image.
    """
    if not found.voxels:
        return [Note("the segmentation has no labels")]
    if not drawn:
        return [Note("the segmentation has no visible labels")]
    if not found.inside:
        text = "the labels are outside the image: nothing of these volumes is shown"
        return [Note(text, warning=True)]
    notes = []
    if found.outside:
        percent = 100 * found.outside // (found.inside + found.outside)
        part = f"{percent}%" if percent else "less than 1%"
        notes.append(Note(f"{part} of these volumes is outside the image", warning=True))
    if not same_grid:
        notes.append(Note("labels resampled to the image's grid (nearest neighbour)"))
    return notes
