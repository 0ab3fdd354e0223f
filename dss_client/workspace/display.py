"""How the intensities of an image are shown: contrast and colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from attrs import field, frozen

from dss_client.errors import KeyUnreadable
from dss_client.workspace.registry import Registry

DISPLAY_MAPPINGS = ("LayerMetaData.DisplayMapping", "ProjectMetaData.IRIS.DisplayMapping")
"""Where a layer says how it is shown; a main image may say it once more in the second."""

_REPRESENTATIONS = ("Average", "Component", "Magnitude", "Maximum")
"""What of a voxel with several components can be shown; each has a contrast of its own."""


def _convert_points(points: Iterable[Iterable[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(share), float(shown)) for share, shown in points)


def _check_points(_: Contrast, __: object, points: tuple[tuple[float, float], ...]) -> None:
    numbers = [number for point in points for number in point]
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
    in_range = all(0 <= shown <= 1 for _, shown in points)
    if len(points) < 2 or not (all(map(math.isfinite, numbers)) and rising and in_range):
        raise ValueError(
            f"A contrast is two points or more, that rise, shown as 0 to 1; not {points}."
        )


@frozen
class Contrast:
    """The curve by which intensities become brightness or colours.

    Attributes:
        points: of the curve, at least two, from the darkest. Each is a share of the image's range
            of intensities (0 its smallest, 1 its largest; may lie outside) and what it is shown as
            (0 the first colour, 1 the last).

    Raises:
        ValueError: the points are no such curve.
    """

    points: tuple[tuple[float, float], ...] = field(
        converter=_convert_points, validator=_check_points
    )

    @classmethod
    def linear(cls, low: float = 0, high: float = 1) -> Contrast:
        """What is at `low` is shown as the first colour, what is at `high` as the last.

        Args:
            low: a share of the image's range of intensities.
            high: another, which is larger.

        Raises:
            ValueError: it is not larger.
        """
        return cls(((low, 0), ((low + high) / 2, 0.5), (high, 1)))

    @property
    def low(self) -> float:
        """The share of the range up to which all is shown as the first point says."""
        return self.points[0][0]

    @property
    def high(self) -> float:
        """The share of the range from which on all is shown as the last point says."""
        return self.points[-1][0]


def read_contrast(layer: Registry) -> Contrast:
    """The contrast of a layer; from the smallest intensity to the largest if it has none.

    Raises:
        KeyMissing, KeyUnreadable: the curve is not what it should be.
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
    """Give a layer a contrast; of several components, what is shown of them gets it."""
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
    """The name of a layer's colour map."""
    mapping = (
        layer.folder(DISPLAY_MAPPINGS[0]) if layer.has_folder(DISPLAY_MAPPINGS[0]) else Registry()
    )
    return mapping.get(_get_selected_prefix(mapping) + "ColorMap.Preset", "Grayscale")


def write_colour_map(layer: Registry, name: str) -> None:
    """Give a layer a colour map; of several components, whatever may be shown of them gets it."""
    for mapping in _list_mappings(layer):
        mapping[_get_selected_prefix(mapping) + "ColorMap.Preset"] = name
        for other in _REPRESENTATIONS:
            if mapping.has_folder(other):
                mapping[f"{other}.ColorMap.Preset"] = name


def _list_mappings(layer: Registry) -> Iterator[Registry]:
    """The folders in which a layer says how it is shown."""
    yield layer.folder(DISPLAY_MAPPINGS[0])
    if layer.has_folder(DISPLAY_MAPPINGS[1]):
        yield layer.folder(DISPLAY_MAPPINGS[1])


def _get_selected_prefix(mapping: Registry) -> str:
    """The folder, with a dot behind it, of what is shown of several components; none of one."""
    name = mapping.get("SelectedScalarRep")
    return f"{name}." if name in _REPRESENTATIONS else ""


def _list_point_keys(count: int) -> Iterator[str]:
    return (f"ControlPoint[{number}]" for number in range(count))
