"""Two small images of a head, one of which was made of the other by a known deformation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from attrs import frozen

from examples.brain import brain_mask
from examples.demo import SCAN

LABELS = range(1, 9)
"""The brain is labelled by its eighths."""
AWAY = (70.0, -50.0, 40.0)
"""How far from each other the heads lie, in mm, LPS: further than registration looks for them."""


@frozen
class Deformed:
    """What is registered, and what is known of it.

    Attributes:
        target: the image to which the other is registered.
        source: the other.
        labels: the labels of the source.
        truth: the labels of the target.
        initial: takes points of the target near to where they are in the source; 4x4, RAS, mm.
    """

    target: sitk.Image
    source: sitk.Image
    labels: sitk.Image
    truth: sitk.Image
    initial: npt.NDArray[np.float64]

    def unregistered(self) -> sitk.Image:
        """The labels of the source where they lie on the target before it is registered."""
        there = sitk.TranslationTransform(3, AWAY)
        laid: sitk.Image = sitk.Resample(self.labels, self.target, there, sitk.sitkNearestNeighbor)
        return laid


def make_deformed() -> Deformed:
    """Deform a head."""
    # Of 6 mm, for speed.
    target = sitk.BinShrink(sitk.Cast(sitk.ReadImage(SCAN), sitk.sitkFloat32), [3, 3, 3])
    truth = _eighths(brain_mask(target))
    deformation = _deformation(target)
    initial = np.eye(4)
    initial[:3, 3] = np.array([-1.0, -1.0, 1.0]) * AWAY
    return Deformed(
        target=sitk.Cast(target, sitk.sitkUInt8),
        source=sitk.Cast(_moved(target, deformation, sitk.sitkLinear), sitk.sitkUInt8),
        labels=_moved(truth, deformation, sitk.sitkNearestNeighbor),
        truth=truth,
        initial=initial,
    )


def overlaps(labels: sitk.Image, truth: sitk.Image) -> list[float]:
    """The Dice overlap of each label with the true one, in [0, 1]."""
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(sitk.Cast(labels, sitk.sitkUInt8), truth)
    return [overlap.GetDiceCoefficient(label) for label in LABELS]


def _eighths(brain: sitk.Image) -> sitk.Image:
    """Label the halves of the halves of the halves of a mask."""
    inside = sitk.GetArrayFromImage(brain) > 0
    places = np.argwhere(inside)
    eighths = np.zeros(inside.shape, np.uint8)
    eighths[inside] = 1 + (places > places.mean(axis=0)) @ (4, 2, 1)
    labels: sitk.Image = sitk.GetImageFromArray(eighths)
    labels.CopyInformation(brain)
    return labels


def _deformation(image: sitk.Image) -> sitk.Transform:
    """A smooth deformation on top of an affine one; moves the voxels of ``image`` by up to 3 cm."""
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


def _moved(image: sitk.Image, deformation: sitk.Transform, interpolator: int) -> sitk.Image:
    """Deform an image, onto a finer grid that lies `AWAY`."""
    size = [round(n * mm / 5.0) for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    moved: sitk.Image = sitk.Resample(
        image, size, deformation, interpolator, image.GetOrigin(), [5.0] * 3, image.GetDirection()
    )
    moved.SetOrigin([o + mm for o, mm in zip(moved.GetOrigin(), AWAY, strict=True)])
    return moved
