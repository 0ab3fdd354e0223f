"""What a picture is made of, in the forms in which people have it."""

from __future__ import annotations

from os import PathLike

import pandas as pd
import SimpleITK as sitk

from dss_client.workspace import images
from dss_client.workspace.labels import Labels
from dss_client.workspace.layers import Layer


def image(source: sitk.Image | Layer | str | PathLike[str]) -> sitk.Image:
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
        return images.read(source)
    raise TypeError(f"An image, a layer or a file is needed, not {type(source).__name__}.")


def labels(source: Labels | pd.DataFrame | str | PathLike[str] | None) -> Labels:
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
