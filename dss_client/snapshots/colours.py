"""The colours of labels, and of the sheet on which they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from dss_client.workspace.label import get_default_name
from dss_client.workspace.labels import Labels

Colour = tuple[int, int, int]
"""Red, green and blue, in [0, 255]."""

GROUND: Colour = (22, 23, 26)
"""The sheet; not black, so that one sees where an image ends."""
TEXT: Colour = (228, 228, 232)
FAINT: Colour = (150, 151, 158)
WARNING: Colour = (255, 176, 64)


@frozen
class Ink:
    """How a label is drawn.

    Attributes:
        name: what it is called.
        colour: red, green and blue, in [0, 255].
        opacity: above 0, to 1.
    """

    name: str
    colour: Colour
    opacity: float = 1.0


Inks = Mapping[int, Ink]
"""How labels are drawn, by their numbers; those that are not in it are not drawn."""


def hidden(labels: Labels) -> frozenset[int]:
    """Those that are not to be seen."""
    return frozenset(label.id for label in labels if not (label.visible and label.alpha))


def inks(ids: Iterable[int], labels: Labels) -> Inks:
    """How the labels with these numbers are drawn, be they in the table or not."""
    unseen = hidden(labels)
    return {id_: _ink(id_, labels) for id_ in ids if id_ not in unseen}


def _ink(id_: int, labels: Labels) -> Ink:
    red, green, blue, alpha = labels.colour_of(id_)
    name = labels[id_].name if id_ in labels else ""
    return Ink(name or get_default_name(id_), (red, green, blue), alpha / 255)
