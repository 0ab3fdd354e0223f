"""What is said under a picture."""

from __future__ import annotations

import pytest

from dss_client.snapshots.colours import LabelStyle
from dss_client.snapshots.labels import LabelSurvey
from dss_client.snapshots.notes import Note, describe_labels

DRAWN = {1: LabelStyle("liver", (200, 100, 0))}
RESAMPLED = Note("labels resampled to the image's grid (nearest neighbour)")


def found(inside: int, outside: int = 0) -> LabelSurvey:
    return LabelSurvey({1: inside + outside}, (0, 0, 0), inside, outside)


def test_is_nothing_if_all_is_shown_as_it_is() -> None:
    assert describe_labels(found(9), DRAWN, same_grid=True) == []


def test_is_that_there_are_no_labels() -> None:
    assert describe_labels(LabelSurvey({}, None, 0, 0), {}, same_grid=False) == [
        Note("the segmentation has no labels")
    ]
    assert describe_labels(LabelSurvey({1: 9}, None, 0, 0), {}, same_grid=False) == [
        Note("the segmentation has no visible labels")
    ]


def test_is_that_the_labels_are_on_another_grid() -> None:
    assert describe_labels(found(9), DRAWN, same_grid=False) == [RESAMPLED]


def test_warns_of_labels_outside_of_the_image() -> None:
    (note,) = describe_labels(LabelSurvey({1: 9}, None, 0, 9), DRAWN, same_grid=False)

    assert note.warning
    assert note.text == "the labels lie outside of the image: nothing of these volumes is shown"


@pytest.mark.parametrize(
    ("outside", "said"), [(1, "less than 1%"), (9, "less than 1%"), (10, "1%"), (996, "99%")]
)
def test_warns_of_how_much_lies_outside_of_the_image(outside: int, said: str) -> None:
    note, other = describe_labels(found(1000 - outside, outside), DRAWN, same_grid=False)

    assert note == Note(f"{said} of these volumes lies outside of the image", warning=True)
    assert other == RESAMPLED
