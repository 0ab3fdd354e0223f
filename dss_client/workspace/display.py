"""Display of an image: contrast and colour map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from attrs import field, frozen

from dss_client.errors import KeyUnreadable
from dss_client.workspace.registry import Registry

DISPLAY_MAPPINGS = ("LayerMetaData.DisplayMapping", "ProjectMetaData.IRIS.DisplayMapping")
"""The folders of the display settings of a layer. Only a main image can have the second folder."""

_REPRESENTATIONS = ("Average", "Component", "Magnitude", "Maximum")
"""The views of a voxel with several components. Each view has its own contrast."""


def _convert_points(points: Iterable[Iterable[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(share), float(shown)) for share, shown in points)


def _check_points(_: Contrast, __: object, points: tuple[tuple[float, float], ...]) -> None:
    numbers = [number for point in points for number in point]
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
    in_range = all(0 <= shown <= 1 for _, shown in points)
    if len(points) < 2 or not (all(map(math.isfinite, numbers)) and rising and in_range):
        raise ValueError(
            f"A contrast is two or more rising points with values from 0 to 1, not {points}."
        )


@frozen
class Contrast:
    """The curve that maps intensities to brightness or colours.

    Attributes:
        points: two or more points of the curve, from the darkest. Each is a pair `(t, x)`. `t` is
            a share of the image's intensity range: 0 is the smallest intensity, 1 the largest, and
            `t` can be outside 0 to 1. `x` is the position in the colour map: 0 is the first colour,
            1 the last.

    Raises:
        ValueError: there are fewer than two points, `t` does not increase, or `x` decreases or is
            not 0 to 1.
    """

    points: tuple[tuple[float, float], ...] = field(
        converter=_convert_points, validator=_check_points
    )

    @classmethod
    def linear(cls, low: float = 0, high: float = 1) -> Contrast:
        """Return the contrast that shows `low` as the first colour and `high` as the last.

        Args:
            low: a share of the image's intensity range.
            high: a larger share.

        Raises:
            ValueError: `high` is not larger than `low`.
        """
        return cls(((low, 0), ((low + high) / 2, 0.5), (high, 1)))

    @property
    def low(self) -> float:
        """The share of the intensity range below which the curve is flat."""
        return self.points[0][0]

    @property
    def high(self) -> float:
        """The share of the intensity range above which the curve is flat."""
        return self.points[-1][0]


def read_contrast(layer: Registry) -> Contrast:
    """Return the contrast of a layer; the full intensity range if no contrast is stored.

    Raises:
        KeyMissing: a key of the curve is missing.
        KeyUnreadable: the curve does not have the expected form.
    """
    curve = (
        _get_selected_prefix(layer.folder(DISPLAY_MAPPINGS[0])) + "Curve"
        if layer.has_folder(DISPLAY_MAPPINGS[0])
        else "Curve"
    )
    key = f"{DISPLAY_MAPPINGS[0]}.{curve}"
    if not layer.has_folder(key):
        return Contrast.linear()
    folder = layer.folder(key)
    points = [
        (folder.get_float(f"{point}.tValue"), folder.get_float(f"{point}.xValue"))
        for point in _list_point_keys(folder.get_int("NumberOfControlPoints"))
    ]
    try:
        return Contrast(points)
    except ValueError as cause:
        raise KeyUnreadable(f"{folder.key} of {folder.root.source}: {cause}") from cause


def write_contrast(layer: Registry, contrast: Contrast) -> None:
    """Set the contrast of a layer. For several components, only the selected view changes."""
    for mapping in _list_mappings(layer):
        curve = mapping.folder(_get_selected_prefix(mapping) + "Curve")
        curve.clear()
        curve["NumberOfControlPoints"] = len(contrast.points)
        for key, (share, shown) in zip(
            _list_point_keys(len(contrast.points)), contrast.points, strict=True
        ):
            curve[f"{key}.tValue"] = share
            curve[f"{key}.xValue"] = shown


def read_colour_map(layer: Registry) -> str:
    """Return the name of a layer's colour map."""
    mapping = (
        layer.folder(DISPLAY_MAPPINGS[0]) if layer.has_folder(DISPLAY_MAPPINGS[0]) else Registry()
    )
    return mapping.get(_get_selected_prefix(mapping) + "ColorMap.Preset", "Grayscale")


def write_colour_map(layer: Registry, name: str) -> None:
    """Set the colour map of a layer. For several components, every view changes."""
    for mapping in _list_mappings(layer):
        mapping[_get_selected_prefix(mapping) + "ColorMap.Preset"] = name
        for other in _REPRESENTATIONS:
            if mapping.has_folder(other):
                mapping[f"{other}.ColorMap.Preset"] = name


def _list_mappings(layer: Registry) -> Iterator[Registry]:
    """List the folders that hold the display settings of a layer."""
    yield layer.folder(DISPLAY_MAPPINGS[0])
    if layer.has_folder(DISPLAY_MAPPINGS[1]):
        yield layer.folder(DISPLAY_MAPPINGS[1])


def _get_selected_prefix(mapping: Registry) -> str:
    """Return the key prefix of the selected view, such as `Magnitude.`; empty for one component."""
    name = mapping.get("SelectedScalarRep")
    return f"{name}." if name in _REPRESENTATIONS else ""


def _list_point_keys(count: int) -> Iterator[str]:
    return (f"ControlPoint[{number}]" for number in range(count))
