"""Two small images of a head: the second is the first after a known deformation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from attrs import frozen

from examples.brain import brain_mask
from examples.demo import SCAN

LABELS = range(1, 9)
"""The labels of the eighths of the brain."""
DISTANCE = (70.0, -50.0, 40.0)
"""The distance between the heads (mm, LPS), which is too large for registration alone."""


@frozen
class HeadPair:
    """The images to register, and the true result.

    Attributes:
        target: the image to register to.
        source: the image to be registered.
        labels: the labels of the source.
        truth: the labels of the target.
        initial: the transform that moves points of the target near their place in the source; 4x4,
            RAS, mm.
    """

    target: sitk.Image
    source: sitk.Image
    labels: sitk.Image
    truth: sitk.Image
    initial: npt.NDArray[np.float64]

    def move_labels(self) -> sitk.Image:
        """Return the labels of the source on the grid of the target, without registration."""
        translation = sitk.TranslationTransform(3, DISTANCE)
        moved: sitk.Image = sitk.Resample(
            self.labels, self.target, translation, sitk.sitkNearestNeighbor
        )
        return moved


def make_head_pair() -> HeadPair:
    """Deform a head, and return both images."""
    # Voxels of 6 mm, for speed.
    target = sitk.BinShrink(sitk.Cast(sitk.ReadImage(SCAN), sitk.sitkFloat32), [3, 3, 3])
    truth = _label_eighths(brain_mask(target))
    deformation = _make_deformation(target)
    initial = np.eye(4)
    initial[:3, 3] = np.array([-1.0, -1.0, 1.0]) * DISTANCE
    return HeadPair(
        target=sitk.Cast(target, sitk.sitkUInt8),
        source=sitk.Cast(_deform(target, deformation, sitk.sitkLinear), sitk.sitkUInt8),
        labels=_deform(truth, deformation, sitk.sitkNearestNeighbor),
        truth=truth,
        initial=initial,
    )


def compute_overlaps(labels: sitk.Image, truth: sitk.Image) -> list[float]:
    """Return the Dice overlap of each label with the true label, in [0, 1]."""
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(sitk.Cast(labels, sitk.sitkUInt8), truth)
    return [overlap.GetDiceCoefficient(label) for label in LABELS]


def _label_eighths(brain: sitk.Image) -> sitk.Image:
    """Divide a mask in half along each axis, and label the eight parts."""
    inside = sitk.GetArrayFromImage(brain) > 0
    places = np.argwhere(inside)
    eighths = np.zeros(inside.shape, np.uint8)
    eighths[inside] = 1 + (places > places.mean(axis=0)) @ (4, 2, 1)
    labels: sitk.Image = sitk.GetImageFromArray(eighths)
    labels.CopyInformation(brain)
    return labels


def _make_deformation(image: sitk.Image) -> sitk.Transform:
    """Return an affine and a smooth deformation that move voxels of ``image`` by up to 3 cm."""
    affine = sitk.AffineTransform(3)
    affine.SetCenter(
        image.TransformContinuousIndexToPhysicalPoint([n / 2 for n in image.GetSize()])
    )
    affine.Rotate(0, 1, 0.1)
    affine.Rotate(1, 2, -0.06)
    affine.Scale([1.06, 0.95, 1.04])
    affine.SetTranslation([6.0, -5.0, 4.0])
    smooth = sitk.BSplineTransformInitializer(image, [4, 4, 4])
    count = len(smooth.GetParameters())
    smooth.SetParameters(np.random.default_rng(1).uniform(-20.0, 20.0, count).tolist())
    return sitk.CompositeTransform([affine, smooth])


def _deform(image: sitk.Image, deformation: sitk.Transform, interpolator: int) -> sitk.Image:
    """Deform an image onto a finer grid, and move it by `DISTANCE`."""
    size = [round(n * mm / 5.0) for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    moved: sitk.Image = sitk.Resample(
        image, size, deformation, interpolator, image.GetOrigin(), [5.0] * 3, image.GetDirection()
    )
    moved.SetOrigin([o + mm for o, mm in zip(moved.GetOrigin(), DISTANCE, strict=True)])
    return moved
