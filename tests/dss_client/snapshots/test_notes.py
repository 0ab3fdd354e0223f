"""Notes under a picture."""

from __future__ import annotations

import pytest

from dss_client.snapshots.colours import LabelStyle
from dss_client.snapshots.labels import LabelSurvey
from dss_client.snapshots.notes import Note, describe_labels

DRAWN = {1: LabelStyle("liver", (200, 100, 0))}
RESAMPLED = Note("labels resampled to the image's grid (nearest neighbour)")


def make_survey(inside: int, outside: int = 0) -> LabelSurvey:
    return LabelSurvey({1: inside + outside}, (0, 0, 0), inside, outside)


def test_complete_picture_needs_no_note() -> None:
    assert describe_labels(make_survey(9), DRAWN, same_grid=True) == []


def test_note_says_that_a_segmentation_is_empty_or_invisible() -> None:
    assert describe_labels(LabelSurvey({}, None, 0, 0), {}, same_grid=False) == [
        Note("the segmentation has no labels")
    ]
    assert describe_labels(LabelSurvey({1: 9}, None, 0, 0), {}, same_grid=False) == [
        Note("the segmentation has no visible labels")
    ]


def test_note_says_that_labels_are_not_on_the_grid_of_the_image() -> None:
    assert describe_labels(make_survey(9), DRAWN, same_grid=False) == [RESAMPLED]


def test_labels_outside_the_image_give_a_warning() -> None:
    (note,) = describe_labels(LabelSurvey({1: 9}, None, 0, 9), DRAWN, same_grid=False)

    assert note.warning
    assert note.text == "the labels are outside the image: nothing of these volumes is shown"


@pytest.mark.parametrize(
    ("outside", "said"), [(1, "less than 1%"), (9, "less than 1%"), (10, "1%"), (996, "99%")]
)
def test_warning_says_which_share_is_outside_the_image(outside: int, said: str) -> None:
    note, other = describe_labels(make_survey(1000 - outside, outside), DRAWN, same_grid=False)

    assert note == Note(f"{said} of these volumes is outside the image", warning=True)
    assert other == RESAMPLED
