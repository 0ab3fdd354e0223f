"""The steps from an image and its segmentation to a picture."""

from __future__ import annotations

from collections.abc import Container, Iterable

import numpy as np
import SimpleITK as sitk
from attrs import frozen

from dss_client.errors import NotDrawable
from dss_client.snapshots import layout, legend
from dss_client.snapshots.colours import LabelStyles, find_hidden_labels, make_styles
from dss_client.snapshots.contrast import compute_brightness
from dss_client.snapshots.labels import LabelSurvey, read_label_ids, survey_labels
from dss_client.snapshots.notes import Note, describe_labels
from dss_client.snapshots.png import Png
from dss_client.snapshots.slices import Point, choose_planes, cut_segmentation, cut_slice
from dss_client.snapshots.volumes import Volume, count_time_points, make_upright, make_volume
from dss_client.workspace.labels import Labels


@frozen(eq=False)
class LabelledTimePoint:
    """One time point of a segmentation, with its labels."""

    volume: Volume
    time_point: int
    time_points: int
    survey: LabelSurvey


def draw_snapshot(
    image: sitk.Image,
    segmentation: sitk.Image | None = None,
    labels: Labels | None = None,
    time_point: int | None = None,
) -> Png:
    """Draw an image with its labels; see `dss_client.snapshot`.

    Args:
        image: two to four dimensions.
        segmentation: a label for each voxel; 0 is background.
        labels: names and colours. A label that is missing there gets a default name and colour.
        time_point: from 1; `None` for the first one that has labels.

    Raises:
        NotDrawable: this kind of image cannot be drawn.
    """
    labels = labels or Labels()
    labelled = None
    if segmentation is not None:
        labelled = _find_labelled_time_point(
            image, segmentation, time_point, find_hidden_labels(labels)
        )
    time_point = _choose_time_point(image, labelled, time_point)
    upright = make_upright(make_volume(image, time_point))
    styles = make_styles(labelled.survey.voxels if labelled else (), labels)
    return layout.draw_sheet(
        _cut_slices(upright, labelled),
        styles,
        _make_entries(labelled, styles),
        _make_notes(image, upright, labelled, time_point, styles),
    )


def _find_labelled_time_point(
    image: sitk.Image, segmentation: sitk.Image, time_point: int | None, hidden: Container[int]
) -> LabelledTimePoint:
    """Return the requested time point, or the first one with visible labels."""
    if segmentation.GetNumberOfComponentsPerPixel() > 1 or "complex" in (
        segmentation.GetPixelIDTypeAsString()
    ):
        raise NotDrawable(
            f"The segmentation has voxels of type {segmentation.GetPixelIDTypeAsString()}, "
            "but labels are single numbers. Check that it is not the image."
        )
    time_points = count_time_points(segmentation)
    if time_points > 1 and count_time_points(image) not in (1, time_points):
        raise NotDrawable(
            f"The segmentation has {time_points} time points, but the image has "
            f"{count_time_points(image)}. Choose one time point of each."
        )
    candidates: Iterable[int] = [1]
    if time_points > 1:
        candidates = range(1, time_points + 1) if time_point is None else [time_point]
    grid = make_volume(image)  # all time points have the same grid
    found = []
    for candidate in candidates:
        part = make_volume(segmentation, candidate)
        found.append(
            LabelledTimePoint(part, candidate, time_points, survey_labels(part, grid, hidden))
        )
        if found[-1].survey.centre:
            return found[-1]
    return max(found, key=lambda labelled: labelled.survey.outside)


def _choose_time_point(
    image: sitk.Image, labelled: LabelledTimePoint | None, time_point: int | None
) -> int:
    """Return the time point of the image: as requested, or as for the labels."""
    if labelled and labelled.time_points > 1 and count_time_points(image) == 1:
        return 1
    if time_point is not None:
        return time_point
    return labelled.time_point if labelled else 1


def _cut_slices(upright: Volume, labelled: LabelledTimePoint | None) -> list[layout.Slice]:
    """Cut the slices through the centre of the segmentation."""
    point = _choose_point(upright, labelled)
    cuts = [(plane, cut_slice(upright, plane, point)) for plane in choose_planes(upright)]
    brights = compute_brightness([pixels for _, pixels in cuts])
    size = upright.size * upright.spacing
    return [
        layout.Slice(
            bright,
            read_label_ids(cut_segmentation(labelled.volume, upright, plane, point))
            if labelled
            else None,
            width=float(size[plane.right]),
            height=float(size[plane.down]),
            sides=plane.sides if upright.oriented else None,
        )
        for (plane, _), bright in zip(cuts, brights, strict=True)
    ]


def _choose_point(upright: Volume, labelled: LabelledTimePoint | None) -> Point:
    """Return the voxel of the image through which the slices go."""
    place = (upright.size - 1) / 2
    if labelled and labelled.survey.centre:
        centre = labelled.volume.to_mm @ [*labelled.survey.centre, 1.0]
        place = (np.linalg.inv(upright.to_mm) @ centre)[:3]
    x, y, z = np.clip(np.rint(place), 0, upright.size - 1).astype(int).tolist()
    return x, y, z


def _make_entries(labelled: LabelledTimePoint | None, styles: LabelStyles) -> list[legend.Entry]:
    if labelled is None:
        return []
    axes = 3 if labelled.volume.oriented else 2
    voxel_mm = labelled.volume.spacing.tolist()[:axes]
    return legend.make_entries(labelled.survey.voxels, styles, voxel_mm)


def _make_notes(
    image: sitk.Image,
    upright: Volume,
    labelled: LabelledTimePoint | None,
    time_point: int,
    styles: LabelStyles,
) -> list[Note]:
    notes = []
    if labelled:
        same_grid = upright.has_same_grid(make_upright(labelled.volume))
        notes = describe_labels(labelled.survey, styles, same_grid=same_grid)
    if count_time_points(image) > 1:
        return [*notes, Note(f"time point {time_point} of {count_time_points(image)}")]
    if labelled and labelled.time_points > 1:
        text = f"labels of time point {labelled.time_point} of {labelled.time_points}"
        return [*notes, Note(text)]
    return notes
