"""Find the brain in a head MRI, measure it and draw it.

A small imaging study: a T1-weighted scan of a head goes in; a mask of the brain, its volume and a
picture to check the mask by come out. The method is thresholding and morphology, which is enough
for an example and is not meant for diagnosis.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import SimpleITK as sitk

SMOOTHING_MM = 1.0  # standard deviation, against noise
GAP_MM = 6.0  # eroding this much parts the brain from scalp, eyes and neck
SULCUS_MM = 10.0  # closing with this radius bridges sulci and ventricles

FLUID, GREY_MATTER = 1, 2  # classes of brightness, of which 0 is air and bone

PANEL_HEIGHT = 380  # pixels
MARGIN_MM = 12.0  # shown around the brain
OUTLINE_COLOUR = (255, 176, 59)


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


def write_picture(scan: sitk.Image, mask: sitk.Image, path: Path) -> None:
    """Draw ``mask`` over three slices of ``scan`` through the mask's centre, as a PNG.

    From the left: axial with anterior up, coronal and sagittal with superior up, all at one scale.
    As radiologists have it, the patient's left is on the right; the sagittal slice faces left.

    Args:
        scan: A 3-D greyscale image with its spacing in millimetres.
        mask: The brain in ``scan``, as `brain_mask` returns it.
        path: The file to write, whose name ends in ``.png``.

    Raises:
        ValueError: The scan is not 3-D, or the mask is empty or not on the grid of the scan.
    """
    _require_3d(scan)
    if _grid(mask) != _grid(scan):
        raise ValueError("the mask is not on the grid of the scan: make it with brain_mask(scan)")
    corner, size = _box_around(mask)
    grey = _upright(sitk.RegionOfInterest(_contrasted(scan, mask), size, corner))
    brain = _upright(sitk.RegionOfInterest(mask, size, corner))
    pixel_mm = max(_extent_mm(grey)[1:]) / PANEL_HEIGHT
    panels = [
        _panel(grey_slice, brain_slice, pixel_mm)
        for grey_slice, brain_slice in zip(_slices(grey), _slices(brain), strict=True)
    ]
    sitk.WriteImage(sitk.Tile(panels, [len(panels), 1]), path)


def _require_3d(scan: sitk.Image) -> None:
    if scan.GetDimension() != 3:
        raise ValueError(
            f"the scan is {scan.GetDimension()}-D, but a 3-D one is needed: "
            "choose one volume of a series, or stack single slices"
        )


def _grid(image: sitk.Image) -> tuple[Sequence[float], ...]:
    return image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection()


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


def _box_around(mask: sitk.Image) -> tuple[list[int], list[int]]:
    """Return the first voxel and the size of the mask's bounding box with a margin."""
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(sitk.Cast(mask != 0, sitk.sitkUInt8))
    if not shape.HasLabel(1):
        raise ValueError("the mask is empty: there is no brain to draw")
    box: Sequence[int] = shape.GetBoundingBox(1)
    margin = _voxels(MARGIN_MM, mask)
    first = [max(0, start - pad) for start, pad in zip(box[:3], margin, strict=True)]
    end = [
        min(full, start + length + pad)
        for full, start, length, pad in zip(mask.GetSize(), box[:3], box[3:], margin, strict=True)
    ]
    return first, [stop - start for start, stop in zip(first, end, strict=True)]


def _contrasted(scan: sitk.Image, mask: sitk.Image) -> sitk.Image:
    """Return ``scan`` as uint8, from black at its darkest to white just above the brain."""
    brain = sitk.LabelStatisticsImageFilter()
    brain.Execute(scan, mask)
    darkest = min(brain.GetMinimum(label) for label in brain.GetLabels())
    brightest = brain.GetMean(1) + 2.5 * brain.GetSigma(1)
    window = sitk.IntensityWindowing(sitk.Cast(scan, sitk.sitkFloat32), darkest, brightest)
    grey: sitk.Image = sitk.Cast(window, sitk.sitkUInt8)
    return grey


def _upright(image: sitk.Image) -> sitk.Image:
    """Return ``image`` with its axes towards the patient's left, back and feet.

    Pictures run right and down from the upper left corner, so each plane then comes out upright.
    """
    turned: sitk.Image = sitk.DICOMOrient(image, "LPI")
    return turned


def _slices(image: sitk.Image) -> list[sitk.Image]:
    """Return the middle axial, coronal and sagittal slices of an upright image."""
    x, y, z = (size // 2 for size in image.GetSize())
    slices = [image[:, :, z], image[:, y, :], image[x, :, :]]
    for flat in slices:
        # Only the size matters on paper: the upper left corner becomes (0, 0).
        flat.SetOrigin([mm / 2 for mm in flat.GetSpacing()])
        flat.SetDirection([1.0, 0.0, 0.0, 1.0])
    return slices


def _extent_mm(image: sitk.Image) -> list[float]:
    return [n * mm for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]


def _panel(grey: sitk.Image, brain: sitk.Image, pixel_mm: float) -> sitk.Image:
    """Draw a slice and the outline of its mask in square pixels, at the panel's full height."""
    width = round(_extent_mm(grey)[0] / pixel_mm)
    picture = _centred(grey, width, pixel_mm)
    # Blurred and drawn as if it were grey, the mask loses the steps of its voxels.
    blurred = sitk.DiscreteGaussian(
        sitk.Cast(brain, sitk.sitkFloat32), [1.0, 1.0], useImageSpacing=False
    )
    inside = _centred(blurred, width, pixel_mm) >= 0.5
    outline = inside - sitk.BinaryErode(inside, [2, 2])
    panel: sitk.Image = sitk.LabelOverlay(picture, outline, opacity=1.0, colormap=OUTLINE_COLOUR)
    return panel


def _centred(flat: sitk.Image, width: int, pixel_mm: float) -> sitk.Image:
    """Return a slice redrawn in the middle of a black panel."""
    panel = sitk.Image([width, PANEL_HEIGHT], flat.GetPixelID())
    panel.SetSpacing([pixel_mm, pixel_mm])
    panel.SetOrigin(
        [
            extent / 2 - pixel_mm * (pixels - 1) / 2
            for extent, pixels in zip(_extent_mm(flat), panel.GetSize(), strict=True)
        ]
    )
    redrawn: sitk.Image = sitk.Resample(flat, panel, interpolator=sitk.sitkBSpline)
    return redrawn
