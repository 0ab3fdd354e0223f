"""The name and the colour of one number in a segmentation."""

from __future__ import annotations

import colorsys
import operator
import re
from typing import TYPE_CHECKING

from attrs import Factory, field, frozen
from attrs.validators import ge, instance_of, le

if TYPE_CHECKING:
    from attrs import Attribute

MAX_ID = 65535
"""The largest label number that ITK-SNAP accepts."""

_FIRST_COLOURS = (
    *((255, 0, 0), (0, 255, 0), (0, 0, 255)),
    *((255, 255, 0), (0, 255, 255), (255, 0, 255)),
)
"""The colours of ITK-SNAP's first six labels."""


def _check_name(_: Label, attribute: Attribute[str], name: str) -> None:
    if re.search("[\x00-\x1f\x7f]", name):
        raise ValueError(f"The {attribute.name} of a label must be one line of text, not {name!r}.")


def _convert_flag(value: bool | int) -> bool:
    """Return a `bool` for a Python or numpy truth value, or for 0 or 1."""
    if value not in (False, True):
        raise TypeError(f"The visibility of a label must be True or False, not {value!r}.")
    return bool(value)


def _create_colour_field(index: int) -> int:
    """Create the field of red, green or blue. The default depends on the label's number."""
    return field(
        default=Factory(lambda label: get_default_colour(label.id)[index], takes_self=True),
        converter=operator.index,
        validator=_BYTE_RANGE,
    )


_BYTE_RANGE = [ge(0), le(255)]


@frozen
class Label:
    """The meaning of a number in a segmentation.

    Attributes:
        id: the number, 1 to 65535. 0 is the background.
        name: one line of text.
        red, green, blue: the colour, each 0 to 255. The default depends on the number.
        alpha: the opacity, 0 to 255.
        visible: whether ITK-SNAP shows the label in slices.
        visible_3d: whether ITK-SNAP shows the label in 3D.

    Raises:
        ValueError: a number is out of range, or the name has more than one line.
        TypeError: a value does not have the right type.
    """

    id: int = field(converter=operator.index, validator=[ge(0), le(MAX_ID)])
    name: str = field(validator=[instance_of(str), _check_name])
    red: int = _create_colour_field(0)
    green: int = _create_colour_field(1)
    blue: int = _create_colour_field(2)
    alpha: int = field(default=255, converter=operator.index, validator=_BYTE_RANGE)
    visible: bool = field(default=True, converter=_convert_flag)
    visible_3d: bool = field(default=True, converter=_convert_flag)

    @property
    def colour(self) -> tuple[int, int, int, int]:
        """Red, green, blue and opacity, each 0 to 255."""
        return self.red, self.green, self.blue, self.alpha


def get_default_name(id_: int) -> str:
    """Return the name that ITK-SNAP gives to a label without one."""
    return f"Label {id_}"


def get_default_colour(id_: int) -> tuple[int, int, int]:
    """Return a colour for a label number.

    The first six are ITK-SNAP's. Each later one differs clearly from the ones just before it.
    """
    if 1 <= id_ <= len(_FIRST_COLOURS):
        return _FIRST_COLOURS[id_ - 1]
    hue = id_ * 0.618034 % 1  # multiples of the golden ratio spread evenly over the circle
    red, green, blue = colorsys.hsv_to_rgb(hue, (0.9, 0.6)[id_ % 2], (1.0, 0.8, 0.65)[id_ % 3])
    return round(red * 255), round(green * 255), round(blue * 255)
