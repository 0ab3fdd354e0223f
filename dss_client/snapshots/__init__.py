"""Pictures of results, to see at a glance whether a result is worth a download.

`snapshot` draws one. Its steps are modules:

* `sources` loads images and labels, and `drawing` runs the other steps;
* `volumes` gives access to the voxels and turns them upright;
* `labels` finds the labels of a segmentation and their centre, and `slices` cuts there;
* `contrast` turns intensities into brightness, and `overlay` draws the labels in their `colours`;
* `layout` puts the slices on one sheet, above a `legend` and `notes`.
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
    """Draw an image with the labels of a segmentation over it.

    The picture shows three slices at one scale: axial, coronal and sagittal, or the planes of the
    image's grid that are nearest to these. The patient's right is at the left. Letters at the sides
    name the sides of the patient: R, L, A, P, S, I. For an image with two dimensions or with a
    single slice, the picture shows one slice. With two dimensions, the picture has no letters,
    because the position in the body is not known.

    The slices go through the centre of mass of the labels. If the centre is background, as in a
    ring, the slices with the most labelled voxels are shown. Without labels in the image, the
    slices go through the middle of the image. Labelled voxels outside the image count only in the
    volumes, and the picture warns of such voxels.

    The inside of a label is half transparent, and its outline is opaque. If the label's own opacity
    is lower, both are fainter. Invisible labels are left out. The legend lists the names and
    volumes, the largest first. Volumes are measured in the segmentation. If the grids of the
    segmentation and the image differ, each pixel shows the nearest voxel, and the picture says so.

    The contrast ignores the darkest and the brightest 1 % of the shown values. Colour images stay
    in colour. For vectors with three components, the picture shows their length; for any other
    number of components, it shows the first component.

    The picture contains no file names and no metadata.

    Args:
        image: a workspace, an image of two to four dimensions, a layer, or a file. For a workspace,
            the main image is drawn. The workspace's last segmentation and labels are used unless
            you give others.
        segmentation: a label for each voxel, 0 for background; on any grid.
        labels: names and colours: `Workspace.labels`, a table with the same columns, or a label
            file of ITK-SNAP. A label that is missing there gets a default colour.
        time_point: the time point of images with four dimensions, from 1. `None` means the first
            one that has labels, or the first of all.

    Returns:
        The picture, at most 1200 pixels wide.

    Raises:
        NotDrawable: this kind of image cannot be drawn, or it does not have this time point.
        NoMainImage: the workspace has no main image.
        ImageMissing, ImageUnreadable: an image file could not be read.
        FileNotFoundError, LabelsUnreadable: the label file is missing or not valid.
        KeyMissing, KeyUnreadable: the labels of the workspace are not valid.
        ImagesNotInstalled: SimpleITK or Pillow is not installed.
    """
    try:
        from dss_client.snapshots import drawing, sources  # noqa: PLC0415
    except ModuleNotFoundError as cause:
        raise ImagesNotInstalled(
            f"Drawing images needs {cause.name}, which is not installed. Run: "
            "pip install 'itksnap-dss-kit[images]'"
        ) from cause
    scene = sources.load_scene(image, segmentation, labels)
    return drawing.draw_snapshot(scene.image, scene.segmentation, scene.labels, time_point)
