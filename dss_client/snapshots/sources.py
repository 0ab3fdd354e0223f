"""The images and labels to draw, loaded from a workspace, a layer, a file or an object."""

from __future__ import annotations

from os import PathLike

import pandas as pd
import SimpleITK as sitk
from attrs import frozen

from dss_client.images import read
from dss_client.workspace.labels import Labels
from dss_client.workspace.layers import Layer
from dss_client.workspace.workspace import Workspace


@frozen(eq=False)
class Scene:
    """The images and labels to draw."""

    image: sitk.Image
    segmentation: sitk.Image | None
    labels: Labels


def load_scene(
    source: Workspace | sitk.Image | Layer | str | PathLike[str],
    segmentation: sitk.Image | Layer | str | PathLike[str] | None,
    labels: Labels | pd.DataFrame | str | PathLike[str] | None,
) -> Scene:
    """Load the images and labels to draw.

    A workspace gives its last segmentation and its labels if the caller gives none.

    Raises:
        NoMainImage, ImageMissing, ImageUnreadable: an image is missing or could not be read.
        FileNotFoundError, KeyMissing, KeyUnreadable, LabelsUnreadable: the labels could not be
            read.
        TypeError: an argument has the wrong type.
    """
    if isinstance(source, Workspace):
        if segmentation is None:
            segmentation = next(reversed(source.segmentations), None)
        labels = source.labels if labels is None else labels
        source = source.main
    loaded_labels = load_labels(labels)  # first, because this fails sooner than reading an image
    return Scene(
        load_image(source),
        None if segmentation is None else load_image(segmentation),
        loaded_labels,
    )


def load_image(source: sitk.Image | Layer | str | PathLike[str]) -> sitk.Image:
    """Return an image; read it if it is a layer or a file.

    Raises:
        ImageMissing, ImageUnreadable: the file could not be read.
        TypeError: the source has the wrong type.
    """
    if isinstance(source, sitk.Image):
        return source
    if isinstance(source, Layer):
        return source.image()
    if isinstance(source, (str, PathLike)):
        return read.read_image(source)
    raise TypeError(f"Give an image, a layer or a file, not {type(source).__name__}.")


def load_labels(source: Labels | pd.DataFrame | str | PathLike[str] | None) -> Labels:
    """Return labels; read them if they are a file. `None` gives empty labels.

    Raises:
        FileNotFoundError, LabelsUnreadable: the file could not be read.
        TypeError: the source has the wrong type.
    """
    if source is None:
        return Labels()
    if isinstance(source, Labels):
        return source
    if isinstance(source, pd.DataFrame):
        return Labels.from_frame(source)
    if isinstance(source, (str, PathLike)):
        return Labels.read(source)
    raise TypeError(f"Give Labels, a table or a label file, not {type(source).__name__}.")
