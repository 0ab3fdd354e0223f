"""Pictures of results, which say at a glance whether they are worth a download.

`snapshot` makes one. `drawing` leads from the images to the sheet: `volumes` looks at the voxels
and turns them upright, `survey` finds the labels and their centre, `slices` cuts there, `contrast`
makes numbers bright and dark, `overlay` draws the labels over them in their `colours`, and `page`
puts it all beside each other, over a `legend` and `notes`.
"""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from dss_client.errors import ImagesNotInstalled, NotDrawable
from dss_client.snapshots.png import Png

if TYPE_CHECKING:
    import pandas as pd
    import SimpleITK as sitk

    from dss_client.workspace.labels import Labels
    from dss_client.workspace.layers import Layer
    from dss_client.workspace.workspace import Workspace

__all__ = ["NotDrawable", "Png", "snapshot"]


def snapshot(
    image: Workspace | sitk.Image | Layer | str | PathLike[str],
    segmentation: sitk.Image | Layer | str | PathLike[str] | None = None,
    labels: Labels | pd.DataFrame | str | PathLike[str] | None = None,
    *,
    time_point: int | None = None,
) -> Png:
    """Draw an image, and the labels of a segmentation over it.

    There are three slices: axial, coronal and sagittal, as near to these as the image's own grid
    allows, all at one scale in mm, the patient's right at the left. The letters at their sides say
    which side of the patient is there: right, left, anterior, posterior, superior, inferior. An
    image of two dimensions, or of a single slice, is one picture; the first has no letters, for it
    does not say how it lies in the body.

    The slices go through the centre of mass of the labels; where this is background, as in a
    ring, through where there is most of them; without labels in the image, through its middle.
    What lies outside of the image counts in the volumes only, and a warning says so. Labels
    are half transparent within an opaque outline, both fainter by the label's own opacity;
    invisible ones are left out. A legend says their names and volumes, the largest first. Volumes
    are the segmentation's own; where its grid is not the image's, what is drawn is the nearest
    voxel, and the picture says so.

    The darkest and the brightest hundredth of what is shown are black and white. Images in colour
    are shown in colour; of vectors of three numbers the length is shown, of others the first
    number.

    There is nothing in the picture but what one sees: no names of files, no metadata.

    Args:
        image: of two to four dimensions; read if it is a layer of a workspace, or a file. Of a
            workspace, it is the main image, with the last segmentation, if there is any, and the
            labels, unless others are given.
        segmentation: a label for each voxel, 0 for none; on any grid.
        labels: their names and colours, as `Workspace.labels`, a table with its columns, or a
            label file of ITK-SNAP; a label that is not there gets a colour all the same.
        time_point: which one of images with four dimensions, from 1; `None` for the first that
            has labels, or the first of all.

    Returns:
        The picture, at most 1200 pixels wide.

    Raises:
        NotDrawable: there is no picture of such an image, or it has not this time point.
        NoMainImage: the workspace has none.
        ImageMissing, ImageUnreadable: a file could not be read.
        FileNotFoundError, LabelsUnreadable: the labels are not there, or are none.
        KeyMissing, KeyUnreadable: those of the workspace could not be read.
        ImagesNotInstalled: SimpleITK or Pillow is not installed.
    """
    try:
        from dss_client.snapshots import drawing, sources  # noqa: PLC0415
    except ModuleNotFoundError as cause:
        raise ImagesNotInstalled(
            f"Drawing images needs {cause.name}, which is not installed: "
            "pip install 'itksnap-dss-kit[images]'"
        ) from cause
    scene = sources.load_scene(image, segmentation, labels)
    return drawing.draw_snapshot(scene.image, scene.segmentation, scene.labels, time_point)
