"""The colours of labels, and of the sheet on which they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from dss_client.workspace.label import get_default_name
from dss_client.workspace.labels import Labels

Colour = tuple[int, int, int]
"""Red, green and blue, in [0, 255]."""

BACKGROUND: Colour = (22, 23, 26)
"""The sheet; not black, so that one sees where an image ends."""
TEXT: Colour = (228, 228, 232)
FAINT_TEXT: Colour = (150, 151, 158)
WARNING: Colour = (255, 176, 64)


@frozen
class LabelStyle:
    """How a label is drawn.

    Attributes:
        name: what it is called.
        colour: red, green and blue, in [0, 255].
        opacity: above 0, to 1.
    """

    name: str
    colour: Colour
    opacity: float = 1.0


LabelStyles = Mapping[int, LabelStyle]
"""How labels are drawn, by their numbers; those that are not in it are not drawn."""


def find_hidden_labels(labels: Labels) -> frozenset[int]:
    """Those that are not to be seen."""
    return frozenset(label.id for label in labels if not (label.visible and label.alpha))


def make_styles(ids: Iterable[int], labels: Labels) -> LabelStyles:
    """How the labels with these numbers are drawn, be they in the table or not."""
    unseen = find_hidden_labels(labels)
    return {id_: _make_style(id_, labels) for id_ in ids if id_ not in unseen}


def _make_style(id_: int, labels: Labels) -> LabelStyle:
    red, green, blue, alpha = labels.colour_of(id_)
    name = labels[id_].name if id_ in labels else ""
    return LabelStyle(name or get_default_name(id_), (red, green, blue), alpha / 255)
