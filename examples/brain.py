"""Find the brain in a head MRI and measure it.

A small imaging study: a T1-weighted scan of a head goes in; a mask of the brain and its volume come
out. The method is thresholding and morphology, which is enough for an example and is not meant for
diagnosis.
"""

import math

import SimpleITK as sitk

SMOOTHING_MM = 1.0  # standard deviation, against noise
GAP_MM = 6.0  # eroding this much parts the brain from scalp, eyes and neck
SULCUS_MM = 10.0  # closing with this radius bridges sulci and ventricles

FLUID, GREY_MATTER = 1, 2  # classes of brightness, of which 0 is air and bone


def brain_mask(scan: sitk.Image) -> sitk.Image:
    """Segment the brain of a T1-weighted head MRI.

    Args:
        scan: A 3-D greyscale image with its spacing in millimetres, with or without the skull.

    Returns:
        A uint8 image on the grid of ``scan``: 1 in the brain, its sulci and ventricles included,
        and 0 elsewhere.

    Raises:
        ValueError: The scan is not 3-D, or nothing in it is as bright and as big as a brain.
    """
    _require_3d(scan)
    brightness = _brightness(scan)
    core = _largest_component(sitk.BinaryErode(brightness >= GREY_MATTER, _voxels(GAP_MM, scan)))
    # Growing further than the erosion went, but not into the skull, restores the thin gyri.
    brain = sitk.BinaryDilate(core, _voxels(GAP_MM + 1.0, scan)) & (brightness >= FLUID)
    closed = sitk.BinaryMorphologicalClosing(brain, _voxels(SULCUS_MM, scan))
    filled: sitk.Image = sitk.BinaryFillhole(closed)
    return filled


def volume_ml(mask: sitk.Image) -> float:
    """Return the volume of the non-zero voxels of ``mask`` in millilitres.

    The spacing of ``mask`` is taken to be in millimetres. An empty mask has a volume of 0.
    """
    statistics = sitk.StatisticsImageFilter()
    statistics.Execute(mask != 0)
    voxels = float(statistics.GetSum())
    voxel_mm3: float = math.prod(mask.GetSpacing())
    return voxels * voxel_mm3 / 1000.0


def _require_3d(scan: sitk.Image) -> None:
    if scan.GetDimension() != 3:
        raise ValueError(
            f"the scan is {scan.GetDimension()}-D, but a 3-D one is needed: "
            "choose one volume of a series, or stack single slices"
        )


def _voxels(millimetres: float, image: sitk.Image) -> list[int]:
    """Return a length in voxels along each axis of ``image``, at least 1."""
    return [max(1, round(millimetres / spacing)) for spacing in image.GetSpacing()]


def _brightness(scan: sitk.Image) -> sitk.Image:
    """Return the class of each voxel: 0 (air and bone), `FLUID`, `GREY_MATTER` or brighter."""
    smooth = sitk.DiscreteGaussian(sitk.Cast(scan, sitk.sitkFloat32), [SMOOTHING_MM**2] * 3)
    # With fewer classes, voxels of mixed tissue would count as grey matter and bridge the gap
    # between brain and scalp.
    classes: sitk.Image = sitk.OtsuMultipleThresholds(smooth, 3)
    return classes


def _largest_component(mask: sitk.Image) -> sitk.Image:
    largest: sitk.Image = sitk.RelabelComponent(sitk.ConnectedComponent(mask)) == 1
    if volume_ml(largest) == 0.0:
        raise ValueError(
            "no brain was found in the scan: is it a T1-weighted MRI of a head, "
            f"and is its spacing of {mask.GetSpacing()} in millimetres?"
        )
    return largest
