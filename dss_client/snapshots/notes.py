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


def describe_labels(survey: LabelSurvey, styles: LabelStyles, *, same_grid: bool) -> list[Note]:
    """Say which labels the picture cannot show.

    Args:
        survey: the labels of the segmentation.
        styles: the styles of the visible labels.
        same_grid: whether the segmentation has the same grid as the image.
    """
    if not survey.voxels:
        return [Note("the segmentation has no labels")]
    if not styles:
        return [Note("the segmentation has no visible labels")]
    if not survey.inside:
        text = "the labels are outside the image: nothing of these volumes is shown"
        return [Note(text, warning=True)]
    notes = []
    if survey.outside:
        percent = 100 * survey.outside // (survey.inside + survey.outside)
        part = f"{percent}%" if percent else "less than 1%"
        notes.append(Note(f"{part} of these volumes is outside the image", warning=True))
    if not same_grid:
        notes.append(Note("labels resampled to the image's grid (nearest neighbour)"))
    return notes
