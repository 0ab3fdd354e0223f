"""From an image and its segmentation to a picture."""

from __future__ import annotations

from collections.abc import Container, Iterable

import numpy as np
import SimpleITK as sitk
from attrs import frozen

from dss_client.errors import NotDrawable
from dss_client.snapshots import layout, legend
from dss_client.snapshots.colours import Inks, hidden, inks
from dss_client.snapshots.contrast import brightness
from dss_client.snapshots.labels import Survey, label_ids, survey
from dss_client.snapshots.notes import Note, on_labels
from dss_client.snapshots.png import Png
from dss_client.snapshots.slices import Point, cut, cut_likewise, planes
from dss_client.snapshots.volumes import Volume, time_points, upright, volume
from dss_client.workspace.labels import Labels


@frozen(eq=False)
class Labelled:
    """One of the time points of a segmentation, and what is in it."""

    volume: Volume
    time_point: int
    time_points: int
    survey: Survey


def draw(
    image: sitk.Image,
    segmentation: sitk.Image | None = None,
    labels: Labels | None = None,
    time_point: int | None = None,
) -> Png:
    """Draw an image and the labels over it; `dss_client.snapshot` says how.

    Args:
        image: of two to four dimensions.
        segmentation: its voxels are labels; 0 is background.
        labels: their names and colours; those that are not in it are given some.
        time_point: from 1; `None` for the first that has labels.

    Raises:
        NotDrawable: an image is of a kind of which there is no picture.
    """
    labels = labels or Labels()
    labelled = None
    if segmentation is not None:
        labelled = _labelled(image, segmentation, time_point, hidden(labels))
    moment = _moment(image, labelled, time_point)
    whole = upright(volume(image, moment))
    drawn = inks(labelled.survey.voxels if labelled else (), labels)
    return layout.draw(
        _slices(whole, labelled),
        drawn,
        _entries(labelled, drawn),
        _notes(image, whole, labelled, moment, drawn),
    )


def _labelled(
    image: sitk.Image, segmentation: sitk.Image, time_point: int | None, unseen: Container[int]
) -> Labelled:
    """The time point that is asked for, or the first that has labels to be seen."""
    if segmentation.GetNumberOfComponentsPerPixel() > 1 or "complex" in (
        segmentation.GetPixelIDTypeAsString()
    ):
        raise NotDrawable(
            f"the segmentation has voxels of type {segmentation.GetPixelIDTypeAsString()}, "
            "but labels are single numbers: is it the image?"
        )
    moments = time_points(segmentation)
    if moments > 1 and time_points(image) not in (1, moments):
        raise NotDrawable(
            f"the segmentation has {moments} time points and the image {time_points(image)}: "
            "choose one of each"
        )
    asked: Iterable[int] = [1]
    if moments > 1:
        asked = range(1, moments + 1) if time_point is None else [time_point]
    grid = volume(image)  # the same at all times
    found = []
    for moment in asked:
        part = volume(segmentation, moment)
        found.append(Labelled(part, moment, moments, survey(part, grid, unseen)))
        if found[-1].survey.centre:
            return found[-1]
    return max(found, key=lambda labelled: labelled.survey.outside)


def _moment(image: sitk.Image, labelled: Labelled | None, time_point: int | None) -> int:
    """The time point of the image: the one that is asked for, or that of the labels."""
    if labelled and labelled.time_points > 1 and time_points(image) == 1:
        return 1
    if time_point is not None:
        return time_point
    return labelled.time_point if labelled else 1


def _slices(whole: Volume, labelled: Labelled | None) -> list[layout.Slice]:
    """The slices through the segmentation's centre."""
    point = _point(whole, labelled)
    cuts = [(plane, cut(whole, plane, point)) for plane in planes(whole)]
    brights = brightness([flat for _, flat in cuts])
    size = whole.size * whole.spacing
    return [
        layout.Slice(
            bright,
            label_ids(cut_likewise(labelled.volume, whole, plane, point)) if labelled else None,
            width=float(size[plane.right]),
            height=float(size[plane.down]),
            sides=plane.sides if whole.oriented else None,
        )
        for (plane, _), bright in zip(cuts, brights, strict=True)
    ]


def _point(whole: Volume, labelled: Labelled | None) -> Point:
    """The voxel of the image through which it is cut."""
    place = (whole.size - 1) / 2
    if labelled and labelled.survey.centre:
        centre = labelled.volume.to_mm @ [*labelled.survey.centre, 1.0]
        place = (np.linalg.inv(whole.to_mm) @ centre)[:3]
    x, y, z = np.clip(np.rint(place), 0, whole.size - 1).astype(int).tolist()
    return x, y, z


def _entries(labelled: Labelled | None, drawn: Inks) -> list[legend.Entry]:
    if labelled is None:
        return []
    axes = 3 if labelled.volume.oriented else 2
    voxel_mm = labelled.volume.spacing.tolist()[:axes]
    return legend.entries(labelled.survey.voxels, drawn, voxel_mm)


def _notes(
    image: sitk.Image, whole: Volume, labelled: Labelled | None, moment: int, drawn: Inks
) -> list[Note]:
    notes = []
    if labelled:
        same_grid = whole.same_grid(upright(labelled.volume))
        notes = on_labels(labelled.survey, drawn, same_grid=same_grid)
    if time_points(image) > 1:
        return [*notes, Note(f"time point {moment} of {time_points(image)}")]
    if labelled and labelled.time_points > 1:
        text = f"labels of time point {labelled.time_point} of {labelled.time_points}"
        return [*notes, Note(text)]
    return notes
