"""Legend of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from dss_client.snapshots import legend
from dss_client.snapshots.colours import BACKGROUND, make_styles
from dss_client.snapshots.layout import choose_bar_length
from dss_client.snapshots.legend import Entry, fit_entries, format_amount, make_entries
from dss_client.workspace import Label, Labels

TABLE = Labels(
    [
        Label(id=1, name="liver", red=200, green=100, blue=0),
        Label(id=2, name="spleen", red=0, green=100, blue=200, alpha=100),
        Label(id=3, name="body", red=1, green=2, blue=3, visible=False),
        Label(id=4, name="air", red=1, green=2, blue=3, alpha=0),
        Label(id=5, name="absent", red=1, green=2, blue=3),
    ]
)


def test_legend_lists_visible_labels_with_their_volumes() -> None:
    voxels = {1: 1000, 2: 250_000, 3: 9_000_000, 4: 5, 77: 1}

    assert make_entries(voxels, make_styles(voxels, TABLE), (1.0, 2.0, 0.5)) == [
        Entry("spleen", (0, 100, 200), "250 ml"),
        Entry("liver", (200, 100, 0), "1.00 ml"),
        Entry("Label 77", TABLE.colour_of(77)[:3], "0.00100 ml"),
    ]


@pytest.mark.parametrize(
    ("voxels", "voxel_mm", "said"),
    [
        (1, (1.0, 1.0, 1.0), "0.00100 ml"),
        (123, (1.0, 1.0, 1.0), "0.123 ml"),
        (99_940, (1.0, 1.0, 1.0), "99.9 ml"),
        (99_960, (1.0, 1.0, 1.0), "100 ml"),
        (12_345_678, (1.0, 1.0, 1.0), "12346 ml"),
        (1, (1e-3, 1e-3, 1e-3), "1e-12 ml"),
        (250, (2.0, 1.0), "5.00 sq. cm"),
    ],
)
def test_amounts_are_formatted_with_three_digits(
    voxels: int, voxel_mm: tuple[float, ...], said: str
) -> None:
    assert format_amount(voxels, voxel_mm) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Großhirn, gauche né", "Grosshirn, gauche ne"),
        (" two\u00a0  words ", "two words"),
        ("海马体 left", "7: ??? left"),
        ("\U0001f9e0", "7: ?"),
        ("what?", "what?"),
        ("  ", "Label 7"),
    ],
)
def test_names_use_only_characters_of_the_font(name: str, said: str) -> None:
    table = Labels([Label(id=7, name=name, red=1, green=2, blue=3)])

    (entry,) = make_entries({7: 1}, make_styles([7], table), (1.0, 1.0, 1.0))

    assert entry.name == said


def test_entries_without_room_are_counted() -> None:
    listed = [Entry(f"Label {n}", (n, n, n), "1 ml") for n in range(40)]

    assert fit_entries(listed[:24], 4) == (listed[:24], 0)
    assert fit_entries(listed, 4) == (listed[:23], 17)


def test_long_names_are_shortened() -> None:
    long = Entry("a very long name " * 20, (255, 0, 0), "12.3 ml")

    picture = legend.draw_legend([long, long], 560)

    drawn = (np.asarray(picture) != BACKGROUND).any(axis=(0, 2))
    gaps = np.diff(np.flatnonzero(drawn))
    assert gaps.max() == pytest.approx(legend.COLUMN_GAP, abs=3)  # between the columns
    amounts = [gap for gap in gaps.tolist() if gap > 9]
    assert len(amounts) == 3  # and between each name and its amount


@pytest.mark.parametrize(("width", "length"), [(100, 20), (99, 10), (24, 2), (0.3, 0.05)])
def test_scale_bar_has_a_round_length(width: float, length: float) -> None:
    assert choose_bar_length(width) == pytest.approx(length)
