"""Labels in workspaces, label files and tables."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st

from dss_client import (
    DssError,
    FileNotWritten,
    KeyMissing,
    KeyUnreadable,
    Label,
    Labels,
    LabelsMissing,
    LabelsUnreadable,
    Registry,
)
from dss_client.workspace import label_files
from tests.dss_wire.strategies import few_examples

BYTES = st.integers(0, 255)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]).filter(lambda c: c < "\ufffe"))
LABEL = st.builds(
    Label, st.integers(1, 65535), NAMES, BYTES, BYTES, BYTES, BYTES, st.booleans(), st.booleans()
)
LABELS = st.lists(LABEL, unique_by=lambda label: label.id, max_size=5).map(Labels)


def create_two_labels() -> Labels:
    return Labels([Label(2, "Right", 0, 255, 0, 128), Label(1, "Left", 255, 0, 0)])


@few_examples
@given(LABELS)
def test_labels_survive_a_label_file(labels: Labels) -> None:
    text = label_files.format_labels(labels)

    assert Labels(label_files.parse_labels(text, "x.label")) == labels
    assert Labels(label_files.parse_labels(text.replace("\n", "\r\n"), "x.label")) == labels


@few_examples
@given(LABELS)
def test_labels_survive_a_table(labels: Labels) -> None:
    assert Labels.from_frame(labels.to_frame()) == labels


@few_examples
@given(LABELS)
def test_labels_survive_a_registry_and_replace_old_ones(labels: Labels) -> None:
    table = Registry()
    table["Element[99].Old"] = "gone"

    labels.to_registry(table)

    assert Labels.from_registry(Registry.parse(table.to_bytes())) == labels
    assert not table.has_folder("Element[99]")


@pytest.mark.no_cover
def test_writing_ten_thousand_labels_to_a_registry_is_fast() -> None:
    labels = Labels(Label(id_, f"Label {id_}", 1, 2, 3) for id_ in range(1, 10_001))
    begin = time.process_time()

    labels.to_registry(table := Registry())

    assert time.process_time() - begin < 5
    assert table["Element[9999].Index"] == "10000"


@pytest.mark.parametrize("alpha", range(256))
def test_opacity_survives_a_label_file_for_rounding_and_truncating_readers(alpha: int) -> None:
    text = label_files.format_labels([Label(1, "x", 0, 0, 0, alpha)])

    opacity = text.splitlines()[-1].split()[4]
    assert len(opacity) <= 5
    assert int(float(opacity) * 255 + 1e-9) == alpha
    assert Labels(label_files.parse_labels(text, "x"))[1].alpha == alpha


def test_label_file_has_the_format_of_itk_snap(tmp_path: Path) -> None:
    path = tmp_path / "a.label"

    Labels([Label(3, 'the "big" one', 255, 8, 186, 255, visible=True, visible_3d=False)]).write(
        path
    )

    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert [line.split() for line in lines] == [
        ["0", "0", "0", "0", "0.00", "0", "0", '"Clear', 'Label"'],
        ["3", "255", "8", "186", "1.00", "1", "0", '"the', '"big"', 'one"'],
    ]
    assert Labels.read(path)[3].name == 'the "big" one'


def test_unicode_line_separators_in_a_label_name_survive_a_label_file(tmp_path: Path) -> None:
    labels = Labels([Label(1, "one\u2028two\x85three", 255, 0, 0)])

    labels.write(tmp_path / "a.label")

    assert Labels.read(tmp_path / "a.label") == labels


def test_itksnap_label_file_is_read(itksnap_data: Path, tmp_path: Path) -> None:
    labels = Labels.read(itksnap_data / "MRIcrop-seg.label")

    assert [label.id for label in labels] == list(range(1, 12))
    assert labels[5] == Label(5, "hippo-L", 145, 255, 11, 255)
    assert labels[8].name == "corpus-callosum"
    labels.write(tmp_path / "again.label")
    assert Labels.read(tmp_path / "again.label") == labels


def test_labels_are_sorted_by_number() -> None:
    labels = create_two_labels()

    assert [label.id for label in labels] == [1, 2]
    assert len(labels) == 2
    assert labels[2].name == "Right"
    assert 2 in labels
    assert 3 not in labels
    with pytest.raises(KeyError):
        labels[3]
    assert labels == Labels(reversed(list(labels)))
    assert labels != Labels()
    assert hash(labels) == hash(create_two_labels())
    assert repr(labels).startswith("Labels([Label(id=1, name='Left'")


def test_background_is_left_out_of_labels() -> None:
    labels = Labels([Label(0, "Clear", 0, 0, 0, 0), Label(1, "Left", 255, 0, 0)])

    assert 0 not in labels
    assert len(labels) == 1


def test_two_labels_with_the_same_number_raise_value_error() -> None:
    with pytest.raises(ValueError, match=r"number 1: 'Left' and 'Right'"):
        Labels([Label(1, "Left", 255, 0, 0), Label(1, "Right", 0, 255, 0)])


@pytest.mark.parametrize(
    "values",
    [
        (-1, "x", 0, 0, 0),
        (65536, "x", 0, 0, 0),
        (1, "x", 256, 0, 0),
        (1, "x", 0, -1, 0),
        (1, "x", 0, 0, 256),
        (1, "x", 0, 0, 0, 256),
        (1, "two\nlines", 0, 0, 0),
        (1, "a\ttab", 0, 0, 0),
        (1, "a\0zero", 0, 0, 0),
    ],
)
def test_label_with_a_value_out_of_range_raises_value_error(
    values: tuple[int, str, int, int, int],
) -> None:
    with pytest.raises(ValueError, match=r"must be|one line"):
        Label(*values)


def test_label_converts_numpy_values_to_python_types() -> None:
    red, green, blue = np.array([1, 2, 3])
    label = Label(np.int64(3), "x", red, green, blue, 4, np.bool_(False), 1)  # type: ignore[arg-type]  # no bool to a type checker

    assert label == Label(3, "x", 1, 2, 3, 4, visible=False, visible_3d=True)
    assert [type(value) for value in astuple(label)] == [int, str, *[int] * 4, bool, bool]
    assert type(Label(True, "x").id) is int


@pytest.mark.parametrize(
    "given",
    [{"id": "1"}, {"id": 1.0}, {"red": None}, {"name": 1}, {"visible": "0"}, {"visible_3d": 2}],
)
def test_label_with_a_value_of_wrong_type_raises_type_error(given: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Label(**{"id": 1, "name": "x", **given})  # type: ignore[arg-type]  # on purpose


def test_label_without_a_colour_gets_the_default_of_its_number() -> None:
    assert Label(2, "Right") == Label(2, "Right", 0, 255, 0, 255)
    assert Label(40, "Left").colour == Labels().colour_of(40)


GOOD = '1 255 0 0 1.00 1 1 "Left"'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 255 0 0 1.00 1 1 Left", "is not a label"),
        ("1 255 0 0 1.00 1 1", "is not a label"),
        ('1 255 0 1.00 1 1 "Left"', "is not a label"),
        ('x 255 0 0 1.00 1 1 "Left"', "is not a label"),
        ('2 255 0 0 1.00 2 1 "Left"', "is not a label"),
        ('2 256 0 0 1.00 1 1 "Left"', "must be <= 255"),
        ('2 255 0 0 1.01 1 1 "Left"', "opacity must be 0 to 1, not 1.01"),
        ('2 255 0 0 -1 1 1 "Left"', "opacity must be 0 to 1, not -1"),
        ('2 255 0 0 1.0.0 1 1 "Left"', "1.0.0"),
        ('99999 255 0 0 1 1 1 "Left"', "must be <= 65535"),
        ("\x00\x01" * 1000, "is not a label"),
    ],
)
def test_unreadable_label_line_error_names_file_and_line(
    line: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.label"
    path.write_text(f"# comment\n\n{GOOD}\n{line}\n")

    with pytest.raises(LabelsUnreadable) as caught:
        Labels.read(path)

    message = str(caught.value)
    assert message.startswith(f"{path}, line 4: ")
    assert expected in message
    assert len(message) < 700
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, DssError)


def test_invalid_label_file_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.label"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelsUnreadable, match=r"a\.label is not a label file: it is not UTF-8"):
        Labels.read(path)

    path.write_text(f"{GOOD}\n{GOOD}")
    with pytest.raises(LabelsUnreadable, match=r"a\.label: Two labels have the number 1"):
        Labels.read(path)


def test_missing_label_file_error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(LabelsMissing, match=r"label file .*none\.label does not exist") as caught:
        Labels.read(tmp_path / "none.label")
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(LabelsUnreadable, match="cannot be read: Is a directory"):
        Labels.read(tmp_path)


def test_label_file_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.label"
    path.write_text(GOOD.replace("Left", "Größe"), "utf-8-sig")

    assert Labels.read(path)[1].name == "Größe"


def test_label_file_in_a_missing_folder_raises_file_not_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotWritten):
        create_two_labels().write(tmp_path / "none" / "a.label")


def test_table_of_labels_has_one_row_per_label() -> None:
    table = create_two_labels().to_frame()

    assert list(table.columns) == [
        *("id", "name", "red", "green", "blue", "alpha", "visible", "visible_3d")
    ]
    assert table.to_numpy().tolist() == [
        [1, "Left", 255, 0, 0, 255, True, True],
        [2, "Right", 0, 255, 0, 128, True, True],
    ]
    assert Labels().to_frame().dtypes.to_list() == table.dtypes.to_list()


def test_table_with_only_an_id_column_gives_default_labels() -> None:
    labels = Labels.from_frame(pd.DataFrame({"id": [2, 40], "volume": [1.5, 2.5]}))

    assert labels[2] == Label(2, "Label 2", 0, 255, 0)
    assert labels[40].name == "Label 40"
    assert labels[40].colour == labels.colour_of(40)


def test_empty_fields_in_a_table_get_default_values() -> None:
    table = pd.DataFrame(
        {"id": [1.0, 2.0], "name": ["Left", None], "red": [None, 9], "alpha": [float("nan"), 7]}
    )

    labels = Labels.from_frame(table)

    assert labels[1] == Label(1, "Left", 255, 0, 0, 255)
    assert labels[2] == Label(2, "Label 2", 9, 255, 0, 7)


def test_table_with_numpy_values_gives_labels() -> None:
    ids = [*np.unique(np.array([0, 3, 3], np.uint8))]
    table = pd.DataFrame({"id": ids, "visible": [np.bool_(False)] * 2}, dtype="object")

    assert list(Labels.from_frame(table)) == [Label(3, "Label 3", visible=False)]


def test_table_read_from_a_csv_file_gives_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    create_two_labels().to_frame().to_csv(path, index=False)

    assert Labels.from_frame(pd.read_csv(path)) == create_two_labels()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"name": ["Left"]}, "needs a column id; this table has name"),
        ({"id": [1, None]}, "row .*is not a label"),
        ({"id": [1.5]}, "1.5 is not a whole number"),
        ({"id": ["x"]}, "row .*is not a label"),
        ({"id": [1], "red": [300]}, "must be <= 255"),
        ({"id": [1], "red": [[1]]}, "row .*is not a label"),
        ({"id": [1], "visible": [2]}, "row .*is not a label"),
        ({"id": [1, 1]}, "Two labels have the number 1"),
        ({"id": [70000]}, "must be <= 65535"),
    ],
)
def test_table_without_valid_labels_raises_labels_unreadable(
    columns: dict[str, object], expected: str
) -> None:
    with pytest.raises(LabelsUnreadable, match=expected):
        Labels.from_frame(pd.DataFrame(columns))


def test_labels_are_merged_with_an_offset_and_new_names() -> None:
    merged = create_two_labels().merged(
        Labels([Label(1, "L", 1, 1, 1), Label(2, "R", 2, 2, 2)]), 1, "The {} one"
    )

    assert [(label.id, label.name, label.red) for label in merged] == [
        (1, "Left", 255),
        (2, "The L one", 1),
        (3, "The R one", 2),
    ]
    assert create_two_labels().merged(Labels()) == create_two_labels()
    assert Labels().merged(create_two_labels()) == create_two_labels()
    with pytest.raises(ValueError, match="must be"):
        create_two_labels().merged(create_two_labels(), 65535)
    with pytest.raises(ValueError, match="must be"):
        create_two_labels().merged(create_two_labels(), -3)
    with pytest.raises(ValueError, match="the background"):
        create_two_labels().merged(create_two_labels(), -1)
    for rename in ("{name}", "{1}", "{", "{0.x}"):
        with pytest.raises(ValueError, match=re.escape(f"renamed to {rename!r}")):
            create_two_labels().merged(create_two_labels(), 5, rename)


def test_colour_of_works_for_any_number() -> None:
    labels = create_two_labels()

    assert labels.colour_of(0) == (0, 0, 0, 0)
    assert labels.colour_of(2) == (0, 255, 0, 128)
    assert [labels.colour_of(number)[:3] for number in (3, 4, 5, 6)] == [
        *((0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255))
    ]
    for number in (-5, -100, 7, 65535, 10**9):
        colour = labels.colour_of(number)
        assert colour == Labels().colour_of(number)
        assert colour[3] == 255
        assert all(0 <= part <= 255 for part in colour)


def test_default_colours_of_nearby_numbers_differ() -> None:
    colours = [Labels().colour_of(number) for number in range(1, 200)]

    for first in range(0, len(colours) - 12):
        for one, other in itertools.combinations(colours[first : first + 12], 2):
            assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 40, (
                first,
                one,
                other,
            )


def create_label_table(**changes: str | None) -> Registry:
    registry = Registry()
    registry.source = "case.itksnap"
    Labels([Label(4, "Left", 1, 2, 3)]).to_registry(registry)
    for key, value in changes.items():
        if value is None:
            del registry[f"Element[0].{key}"]
        else:
            registry[f"Element[0].{key}"] = value
    return registry


def test_first_flag_of_a_label_is_visibility_in_3d() -> None:
    label = Labels.from_registry(create_label_table(Flags="1 0"))[4]

    assert label.visible_3d is True
    assert label.visible is False


def test_missing_label_entries_in_a_registry_get_default_values() -> None:
    label = Labels.from_registry(create_label_table(Flags=None, Alpha=None, Label=None))[4]

    assert label == Label(4, "Label 4", 1, 2, 3, 255)


@pytest.mark.parametrize(
    ("changes", "error", "expected"),
    [
        ({"Index": None}, KeyMissing, r"Element\[0\]\.Index is missing in case"),
        ({"Color": "1 2"}, KeyUnreadable, r"Element\[0\]\.Color is '1 2' .*3 whole numbers"),
        ({"Color": "1 2 300"}, LabelsUnreadable, r"Element\[0\] of .*must be <= 255"),
        ({"Alpha": "300"}, LabelsUnreadable, "must be <= 255"),
        ({"Label": "two\nlines"}, LabelsUnreadable, "one line"),
    ],
)
def test_invalid_label_table_error_names_the_element(
    changes: dict[str, str | None], error: type[DssError], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        Labels.from_registry(create_label_table(**changes))


def test_label_table_with_missing_elements_raises_key_missing() -> None:
    registry = create_label_table()
    registry["NumberOfElements"] = 10**12

    with pytest.raises(KeyMissing, match=r"Element\[1\]\.Index"):
        Labels.from_registry(registry)


def test_duplicate_number_in_a_label_table_raises_labels_unreadable() -> None:
    registry = create_label_table()
    registry["NumberOfElements"] = 2
    registry.folder("Element[1]").update(registry.folder("Element[0]").copy())

    with pytest.raises(LabelsUnreadable, match="Two labels have the number 4"):
        Labels.from_registry(registry)
