"""Segmentation of the brain in a T1-weighted head MRI, and its volume.

The method is thresholding and morphology, which is enough for an example. Do not use it
for diagnosis.
"""

import math

import SimpleITK as sitk

SMOOTHING_MM = 1.0  # standard deviation of the filter against noise
GAP_MM = 6.0  # eroding by this radius separates the brain from scalp, eyes and neck
SULCUS_MM = 10.0  # closing with this radius fills sulci and ventricles

FLUID, GREY_MATTER = 1, 2  # classes of brightness; 0 is air and bone


def brain_mask(scan: sitk.Image) -> sitk.Image:
    """Segment the brain of a T1-weighted head MRI.

    Args:
        scan: A 3-D greyscale image with its spacing in millimetres, with or without the skull.

    Returns:
        A uint8 image on the grid of ``scan``: 1 in the brain with its sulci and ventricles, 0
        elsewhere.

    Raises:
        ValueError: The scan is not 3-D, or does not contain a brain.
    """
    _check_3d(scan)
    brightness = _classify_brightness(scan)
    core = _find_largest_component(
        sitk.BinaryErode(brightness >= GREY_MATTER, _convert_to_voxels(GAP_MM, scan))
    )
    # Growing by more than the erosion, but not into the skull, restores the thin gyri.
    brain = sitk.BinaryDilate(core, _convert_to_voxels(GAP_MM + 1.0, scan)) & (brightness >= FLUID)
    closed = sitk.BinaryMorphologicalClosing(brain, _convert_to_voxels(SULCUS_MM, scan))
    filled: sitk.Image = sitk.BinaryFillhole(closed)
    return filled


def volume_ml(mask: sitk.Image) -> float:
    """Return the volume of the non-zero voxels in millilitres.

    The spacing of ``mask`` must be in millimetres. An empty mask has a volume of 0.
    """
    statistics = sitk.StatisticsImageFilter()
    statistics.Execute(mask != 0)
    voxels = float(statistics.GetSum())
    voxel_mm3: float = math.prod(mask.GetSpacing())
    return voxels * voxel_mm3 / 1000.0


def _check_3d(scan: sitk.Image) -> None:
    if scan.GetDimension() != 3:
        raise ValueError(
            f"The scan is {scan.GetDimension()}-D, but a 3-D scan is needed. "
            "Choose one volume of a series, or stack single slices."
        )


def _convert_to_voxels(millimetres: float, image: sitk.Image) -> list[int]:
    """Return a length in voxels along each axis of ``image``; at least 1."""
    return [max(1, round(millimetres / spacing)) for spacing in image.GetSpacing()]


def _classify_brightness(scan: sitk.Image) -> sitk.Image:
    """Return the class of each voxel: 0 (air and bone), `FLUID`, `GREY_MATTER` or higher."""
    smooth = sitk.DiscreteGaussian(sitk.Cast(scan, sitk.sitkFloat32), [SMOOTHING_MM**2] * 3)
    # With fewer classes, voxels of mixed tissue would count as grey matter. They would connect the
    # brain to the scalp.
    classes: sitk.Image = sitk.OtsuMultipleThresholds(smooth, 3)
    return classes


def _find_largest_component(mask: sitk.Image) -> sitk.Image:
    largest: sitk.Image = sitk.RelabelComponent(sitk.ConnectedComponent(mask)) == 1
    if volume_ml(largest) == 0.0:
        raise ValueError(
            "No brain was found in the scan. Check that it is a T1-weighted MRI of a head, "
            f"and that its spacing of {mask.GetSpacing()} is in millimetres."
        )
    return largest
