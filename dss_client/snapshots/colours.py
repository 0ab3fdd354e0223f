"""Colours of the labels and of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from dss_client.workspace.label import get_default_name
from dss_client.workspace.labels import Labels

Colour = tuple[int, int, int]
"""Red, green and blue, in [0, 255]."""

BACKGROUND: Colour = (22, 23, 26)
"""The background of the sheet. It is not black, so that the edges of an image are visible."""
TEXT: Colour = (228, 228, 232)
FAINT_TEXT: Colour = (150, 151, 158)
WARNING: Colour = (255, 176, 64)


@frozen
class LabelStyle:
    """The style of a label.

    Attributes:
        name: the name in the legend.
        colour: red, green and blue, in [0, 255].
        opacity: in (0, 1].
    """

    name: str
    colour: Colour
    opacity: float = 1.0


LabelStyles = Mapping[int, LabelStyle]
"""The styles of labels, by label number. A label without a style is not drawn."""


def find_hidden_labels(labels: Labels) -> frozenset[int]:
    """Return the numbers of the labels that are invisible or fully transparent."""
    return frozenset(label.id for label in labels if not (label.visible and label.alpha))


def make_styles(ids: Iterable[int], labels: Labels) -> LabelStyles:
    """Make the styles of the visible labels among these numbers."""
    hidden = find_hidden_labels(labels)
    return {id_: _make_style(id_, labels) for id_ in ids if id_ not in hidden}


def _make_style(id_: int, labels: Labels) -> LabelStyle:
    red, green, blue, alpha = labels.colour_of(id_)
    name = labels[id_].name if id_ in labels else ""
    return LabelStyle(name or get_default_name(id_), (red, green, blue), alpha / 255)
