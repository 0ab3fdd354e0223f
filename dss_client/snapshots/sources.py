"""What a picture is made of, in the forms in which people have it."""

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
    """What is to be drawn."""

    image: sitk.Image
    segmentation: sitk.Image | None
    labels: Labels


def load_scene(
    what: Workspace | sitk.Image | Layer | str | PathLike[str],
    segmentation: sitk.Image | Layer | str | PathLike[str] | None,
    table: Labels | pd.DataFrame | str | PathLike[str] | None,
) -> Scene:
    """What is to be drawn; of a workspace, what was not given besides.

    Raises:
        NoMainImage, ImageMissing, ImageUnreadable: an image is not there, or could not be read.
        FileNotFoundError, KeyMissing, KeyUnreadable, LabelsUnreadable: the labels could not be.
        TypeError: something is of another kind.
    """
    if isinstance(what, Workspace):
        if segmentation is None:
            segmentation = next(reversed(what.segmentations), None)
        table = what.labels if table is None else table
        what = what.main
    known = load_labels(table)  # first, for it is faster
    return Scene(
        load_image(what), None if segmentation is None else load_image(segmentation), known
    )


def load_image(source: sitk.Image | Layer | str | PathLike[str]) -> sitk.Image:
    """An image, read if it is a layer or a file.

    Raises:
        ImageMissing, ImageUnreadable: it could not be read.
        TypeError: it is none of these.
    """
    if isinstance(source, sitk.Image):
        return source
    if isinstance(source, Layer):
        return source.image()
    if isinstance(source, (str, PathLike)):
        return read.read(source)
    raise TypeError(f"An image, a layer or a file is needed, not {type(source).__name__}.")


def load_labels(source: Labels | pd.DataFrame | str | PathLike[str] | None) -> Labels:
    """A table of labels, read if it is a file; empty for `None`.

    Raises:
        FileNotFoundError, LabelsUnreadable: it could not be read.
        TypeError: it is none of these.
    """
    if source is None:
        return Labels()
    if isinstance(source, Labels):
        return source
    if isinstance(source, pd.DataFrame):
        return Labels.from_frame(source)
    if isinstance(source, (str, PathLike)):
        return Labels.read(source)
    raise TypeError(f"Labels, a table or a label file is needed, not {type(source).__name__}.")
