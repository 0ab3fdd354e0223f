"""The tree of keys: what is put in, what comes out, in which order, and what is wrong."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest

from dss_client import DssError, KeyMissing, KeyUnreadable, Registry
from dss_client.workspace.registry import MAX_KEY_PARTS


def registry(**entries: str) -> Registry:
    made = Registry()
    made.source = "case.itksnap"
    for key, value in entries.items():
        made[key] = value
    return made


class Shape(StrEnum):
    ROUND = "Round"
    FLAT = "Flat"


def test_keys_name_the_folders_on_the_way() -> None:
    tree = Registry()

    tree["Layers.Layer[000].Role"] = "MainRole"

    assert tree.folder("Layers").folder("Layer[000]")["Role"] == "MainRole"
    assert tree["Layers.Layer[000].Role"] == "MainRole"
    assert tree.folder("Layers.Layer[000]").key == "Layers.Layer[000]"
    assert tree.key == ""


def test_a_folder_is_part_of_its_tree() -> None:
    tree = Registry()
    folder = tree.folder("a.b")

    folder["c"] = "1"

    assert tree["a.b.c"] == "1"
    assert folder.root is tree
    assert tree.folder("a.b") is folder


def test_an_entry_and_a_folder_can_have_the_same_key() -> None:
    tree = Registry()
    tree["a"] = "entry"
    tree["a.b"] = "inside"

    assert tree["a"] == "entry"
    assert "a" in tree
    assert tree.has_folder("a")
    tree.remove_folder("a")
    assert tree["a"] == "entry"


def test_only_entries_are_in_it() -> None:
    tree = Registry()
    tree["a.b"] = ""

    assert "a.b" in tree
    assert "a" not in tree
    assert "a.b.c" not in tree
    assert not tree.has_folder("a.b")


def test_a_missing_key_is_named_with_its_place_and_its_file() -> None:
    tree = registry()
    tree.folder("Layers.Layer[000]")

    with pytest.raises(KeyMissing) as caught:
        tree.folder("Layers.Layer[000]")["Role"]

    assert str(caught.value) == "Layers.Layer[000].Role is missing in case.itksnap."
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, DssError)


def test_removing_what_is_not_there() -> None:
    tree = registry(a="1")

    with pytest.raises(KeyMissing, match=r"b\.c is missing"):
        del tree["b.c"]
    with pytest.raises(KeyMissing, match="The folder a is missing"):
        tree.take_folder("a")
    tree.remove_folder("a")
    del tree["a"]
    assert "a" not in tree


def test_get_gives_the_default_and_makes_nothing() -> None:
    tree = registry(a="")

    assert tree.get("a", "other") == ""
    assert tree.get("b.c", "other") == "other"
    assert tree.get("b.c") == ""
    assert tree.folder_keys() == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "1"),
        (False, "0"),
        (7, "7"),
        (0.5, "0.5"),
        (255.0, "255"),
        (1e-07, "1e-07"),
        (10**30, "1" + "0" * 30),
        ((1, 0.25, -3.0), "1 0.25 -3"),
        (np.bool_(True), "1"),
        ((n for n in (1, 2)), "1 2"),
        (np.array([1.5, 2.0]), "1.5 2"),
        (np.int64(3), "3"),
        (np.float64(0.1), "0.1"),
        (Shape.ROUND, "Round"),
        ("as it is", "as it is"),
    ],
)
def test_values_are_written_as_itk_snap_does(value: float, text: str) -> None:
    tree = Registry()
    tree["a"] = value

    assert tree["a"] == text
    assert type(tree["a"]) is str


@pytest.mark.parametrize("value", [float("nan"), float("inf"), (1.0, float("-inf"))])
def test_numbers_have_to_be_finite(value: float) -> None:
    tree = registry(a="before")

    with pytest.raises(ValueError, match=r"a cannot be .*finite"):
        tree["a"] = value
    assert tree["a"] == "before"


@pytest.mark.parametrize("value", [None, b"abc", bytearray(b"a"), ["1", "2"], [[1, 2]], 1j, {"a"}])
def test_what_is_neither_text_nor_number_is_refused(value: str) -> None:
    tree = registry(a="before")

    with pytest.raises(TypeError, match=r"b\.c cannot be .*; it must be a text, a number"):
        tree.folder("b")["c"] = value
    with pytest.raises(TypeError, match="x cannot be"):
        tree["x"] = value
    assert "x" not in tree


@pytest.mark.parametrize("text", ["\0", "a\x1bb", "\ud800", "\ufffe", "\x0b"])
def test_what_xml_cannot_hold_is_refused_when_it_is_set(text: str) -> None:
    tree = Registry()

    with pytest.raises(ValueError, match=r"a\.b cannot be .*XML"):
        tree.folder("a")["b"] = text
    with pytest.raises(ValueError, match="XML"):
        tree["a" + text] = ""
    assert list(tree.walk()) == []


@pytest.mark.parametrize("key", ["", ".", "a.", ".a", "a..b"])
def test_what_is_no_key_is_refused(key: str) -> None:
    tree = Registry()

    with pytest.raises(ValueError, match="not a key"):
        tree[key] = ""
    with pytest.raises(ValueError, match="not a key"):
        tree.folder(key)


def test_there_is_an_end_to_folders_in_folders() -> None:
    tree = Registry()
    tree[".".join("a" * MAX_KEY_PARTS)] = "deep"
    other = Registry()
    other["a.b"] = "x"

    with pytest.raises(ValueError, match="more than 20 parts"):
        tree[".".join("a" * (MAX_KEY_PARTS + 1))] = "too deep"
    with pytest.raises(ValueError, match="more than 20 parts"):
        tree.folder("a.a")[".".join("a" * (MAX_KEY_PARTS - 1))] = "too deep"
    with pytest.raises(ValueError, match="more than 500 characters"):
        tree.folder("b" * 250)["b" * 250] = "too long"
    with pytest.raises(ValueError, match="more than 20 parts"):
        tree.put_folder(".".join("b" * (MAX_KEY_PARTS - 1)), other)
    assert tree.to_bytes()


def test_numbers_are_read() -> None:
    tree = registry(whole=" -42 ", number="1.5e-3", yes="1", no="0", row="1 2.5  3", ints="255 0 7")

    assert tree.get_int("whole") == -42
    assert tree.get_float("number") == 0.0015
    assert tree.get_float("whole") == -42
    assert tree.get_bool("yes") is True
    assert tree.get_bool("no") is False
    assert tree.get_vector("row", 3) == (1, 2.5, 3)
    assert tree.get_vector("row") == (1, 2.5, 3)
    assert tree.get_ints("ints", 3) == (255, 0, 7)
    assert tree.get_enum("shape", Shape, Shape.FLAT) is Shape.FLAT


def test_defaults_are_for_what_is_missing_and_not_for_what_is_wrong() -> None:
    tree = registry(wrong="x")

    assert tree.get_int("a", 0) == 0
    assert tree.get_float("a", 0.0) == 0.0
    assert tree.get_bool("a", False) is False
    assert tree.get_vector("a", 3, (1, 2, 3)) == (1, 2, 3)
    assert tree.get_ints("a", None, ()) == ()
    with pytest.raises(KeyMissing):
        tree.get_int("a")
    with pytest.raises(KeyUnreadable):
        tree.get_int("wrong", 0)


@pytest.mark.parametrize(
    ("text", "read", "should"),
    [
        ("1.5", lambda tree: tree.get_int("a"), "a whole number"),
        ("1_0", lambda tree: tree.get_int("a"), "a whole number"),
        ("", lambda tree: tree.get_int("a"), "a whole number"),
        ("9" * 5000, lambda tree: tree.get_int("a"), "a whole number"),
        ("\u0663", lambda tree: tree.get_int("a"), "a whole number"),
        ("\u0663", lambda tree: tree.get_float("a"), "a number"),
        ("nan", lambda tree: tree.get_float("a"), "a number"),
        ("1e999", lambda tree: tree.get_float("a"), "a number"),
        ("1_0.5", lambda tree: tree.get_float("a"), "a number"),
        ("2", lambda tree: tree.get_bool("a"), "0 or 1"),
        ("1 2", lambda tree: tree.get_vector("a", 3), "3 numbers"),
        ("1 x 3", lambda tree: tree.get_vector("a", 3), "3 numbers"),
        ("x", lambda tree: tree.get_vector("a"), "numbers"),
        ("1 2 3.5", lambda tree: tree.get_ints("a", 3), "3 whole numbers"),
        ("Square", lambda tree: tree.get_enum("a", Shape), "one of Round, Flat"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, read: object, should: str) -> None:
    tree = Registry()
    tree.source = "case.itksnap"
    tree.folder("Layers")["a"] = text
    assert callable(read)

    with pytest.raises(KeyUnreadable) as caught:
        read(tree.folder("Layers"))

    message = str(caught.value)
    assert message.startswith("Layers.a is ")
    assert text[:60] in message
    assert message.endswith(f"in case.itksnap; it should be {should}.")
    assert len(message) < 300
    assert isinstance(caught.value, ValueError)


def test_a_new_key_goes_to_where_itk_snap_would_sort_it() -> None:
    tree = Registry.parse(
        b'<registry><entry key="b" value=""/><entry key="d" value=""/></registry>'
    )

    for key in ("c", "a", "e", "D"):
        tree[key] = ""

    assert tree.entry_keys() == ["D", "a", "b", "c", "d", "e"]


def test_the_order_stays_as_it_was_read() -> None:
    tree = Registry.parse(
        b'<registry><folder key="z"/><folder key="a"/><folder key="m"/></registry>'
    )

    tree.folder("z")
    tree.folder("b")

    tree.folder("n")

    assert tree.folder_keys() == ["b", "z", "a", "m", "n"]


def test_giving_an_entry_another_value_leaves_it_where_it_is() -> None:
    tree = registry(a="1", b="2")
    tree["a"] = "3"

    assert list(tree.walk()) == [("a", "3"), ("b", "2")]


def test_walking_gives_keys_that_the_folder_takes() -> None:
    tree = Registry()
    tree["b.c"] = "1"
    tree["b.a.x"] = "2"
    tree["z"] = "3"

    assert list(tree.walk()) == [("z", "3"), ("b.c", "1"), ("b.a.x", "2")]
    folder = tree.folder("b")
    assert [(key, folder[key]) for key, _ in folder.walk()] == [("c", "1"), ("a.x", "2")]


def test_a_copy_does_not_change_with_its_original() -> None:
    tree = registry()
    tree["a.b"] = "1"
    copied = tree.copy()

    copied["a.b"] = "2"
    copied.folder("a").folder("new")

    assert tree["a.b"] == "1"
    assert not tree.has_folder("a.new")
    assert copied.folder("a").root is copied
    assert copied.source == "case.itksnap"


def test_the_same_content_is_equal_in_whatever_order() -> None:
    one = registry(a="1", b="2")
    other = Registry.parse(
        b'<registry><entry key="b" value="2"/><entry key="a" value="1"/></registry>'
    )

    assert one == other
    other.folder("c")
    assert one != other
    assert one != {"a": "1", "b": "2"}


def test_updating_takes_over_what_the_other_has() -> None:
    tree = registry(a="1", b="2")
    other = registry(b="3")
    other["c.d"] = "4"

    tree.update(other)

    assert list(tree.walk()) == [("a", "1"), ("b", "3"), ("c.d", "4")]


def test_what_is_new_is_sorted_in_and_what_was_there_stays_in_its_order() -> None:
    tree = Registry.parse(
        b'<registry><entry key="d" value="1"/><entry key="b" value="1"/></registry>'
    )
    other = registry(e="2", c="2", b="2", a="2")
    other.folder("empty.folder")

    tree.update(other)

    assert list(tree.walk()) == [("a", "2"), ("c", "2"), ("d", "1"), ("b", "2"), ("e", "2")]
    assert tree.has_folder("empty.folder")
    other["new.key"] = "later"
    assert not tree.has_folder("new")


def test_updating_takes_a_tree_that_is_part_of_this_one_or_its_whole() -> None:
    tree = registry()
    tree["a.a.b"] = "1"

    tree.update(tree.folder("a"))
    tree.folder("a").update(tree)

    assert dict(tree.walk()) == {
        **dict.fromkeys(("a.b", "a.a.b", "a.a.a.b"), "1"),
    }
    assert tree.folder("a.a.a").key == "a.a.a"


def test_updating_does_not_make_folders_in_folders_without_end() -> None:
    tree = Registry()
    tree[".".join("a" * MAX_KEY_PARTS)] = "deep"

    with pytest.raises(ValueError, match="more than 20 parts"):
        tree.folder("b").update(tree)
    assert list(tree.folder("b").walk()) == []


@pytest.mark.no_cover
def test_updating_goes_through_what_is_there_once() -> None:
    tree, other = registry(z="last"), Registry()
    for number in range(50_000, 0, -1):
        other.append_entry(f"{number:06d}", "")
    begin = time.process_time()

    tree.update(other)

    assert time.process_time() - begin < 3
    assert tree.entry_keys() == [*sorted(other.entry_keys()), "z"]


def test_clearing_lets_go_of_what_was_in_it() -> None:
    tree = registry(a="1")
    folder = tree.folder("b")

    tree.clear()

    assert list(tree.walk()) == []
    assert tree.folder_keys() == []
    assert folder.root is folder


def test_a_folder_can_be_taken_out_and_put_in_elsewhere() -> None:
    tree = registry()
    tree["a.b.c"] = "1"
    folder = tree.folder("a.b")

    taken = tree.take_folder("a.b")

    assert taken is folder
    assert folder.key == ""
    tree.put_folder("x.y", taken)
    assert folder.key == "x.y"
    assert tree["x.y.c"] == "1"


def test_a_folder_stands_in_one_place() -> None:
    tree = registry()
    tree["a.b"] = "1"

    for folder in (tree.folder("a"), tree):
        with pytest.raises(ValueError, match="already belongs to a tree"):
            tree.put_folder("c", folder)


def test_writing_replaces_the_file_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.itksnap"
    path.write_text("before")

    registry(a="1").write(path)

    assert Registry.read(path)["a"] == "1"
    assert list(tmp_path.iterdir()) == [path]


def test_a_registry_says_where_it_is_from() -> None:
    tree = registry()

    assert repr(tree.folder("Layers")) == "<Registry Layers of case.itksnap>"
    assert repr(Registry()) == "<Registry (whole) of the registry>"
    with pytest.raises(TypeError, match="unhashable"):
        hash(tree)
