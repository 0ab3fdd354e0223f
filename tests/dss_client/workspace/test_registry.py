"""Registries: entries, folders, their order, typed values and errors."""

from __future__ import annotations

import os
import re
import time
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest

from dss_client import DssError, KeyMissing, KeyUnreadable, Registry
from dss_client.workspace.registry import MAX_KEY_PARTS


def create_registry(**entries: str) -> Registry:
    registry = Registry()
    registry.source = "case.itksnap"
    for key, value in entries.items():
        registry[key] = value
    return registry


class Shape(StrEnum):
    ROUND = "Round"
    FLAT = "Flat"


def test_key_with_dots_leads_through_folders() -> None:
    tree = Registry()

    tree["Layers.Layer[000].Role"] = "MainRole"

    assert tree.folder("Layers").folder("Layer[000]")["Role"] == "MainRole"
    assert tree["Layers.Layer[000].Role"] == "MainRole"
    assert tree.folder("Layers.Layer[000]").key == "Layers.Layer[000]"
    assert tree.key == ""


def test_changing_a_folder_changes_its_tree() -> None:
    tree = Registry()
    folder = tree.folder("a.b")

    folder["c"] = "1"

    assert tree["a.b.c"] == "1"
    assert folder.root is tree
    assert tree.folder("a.b") is folder


def test_entry_and_folder_can_have_the_same_key() -> None:
    tree = Registry()
    tree["a"] = "entry"
    tree["a.b"] = "inside"

    assert tree["a"] == "entry"
    assert "a" in tree
    assert tree.has_folder("a")
    tree.remove_folder("a")
    assert tree["a"] == "entry"


def test_only_entries_are_contained_in_a_registry() -> None:
    tree = Registry()
    tree["a.b"] = ""

    assert "a.b" in tree
    assert "a" not in tree
    assert "a.b.c" not in tree
    assert not tree.has_folder("a.b")


def test_missing_key_error_names_the_full_key_and_the_file() -> None:
    tree = create_registry()
    tree.folder("Layers.Layer[000]")

    with pytest.raises(KeyMissing) as caught:
        tree.folder("Layers.Layer[000]")["Role"]

    assert str(caught.value) == "Layers.Layer[000].Role is missing in case.itksnap."
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, DssError)


def test_removing_a_missing_key_raises_except_for_remove_folder() -> None:
    tree = create_registry(a="1")

    with pytest.raises(KeyMissing, match=r"b\.c is missing"):
        del tree["b.c"]
    with pytest.raises(KeyMissing, match="The folder a is missing"):
        tree.take_folder("a")
    tree.remove_folder("a")
    del tree["a"]
    assert "a" not in tree


def test_get_of_a_missing_key_returns_the_default_and_creates_nothing() -> None:
    tree = create_registry(a="")

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
def test_values_are_stored_as_itk_snap_writes_them(value: float, text: str) -> None:
    tree = Registry()
    tree["a"] = value

    assert tree["a"] == text
    assert type(tree["a"]) is str


@pytest.mark.parametrize("value", [float("nan"), float("inf"), (1.0, float("-inf"))])
def test_infinite_or_nan_value_raises_value_error(value: float) -> None:
    tree = create_registry(a="before")

    with pytest.raises(ValueError, match=r"a cannot be .*finite"):
        tree["a"] = value
    assert tree["a"] == "before"


@pytest.mark.parametrize("value", [None, b"abc", bytearray(b"a"), ["1", "2"], [[1, 2]], 1j, {"a"}])
def test_value_of_wrong_type_raises_type_error(value: str) -> None:
    tree = create_registry(a="before")

    with pytest.raises(TypeError, match=r"b\.c cannot be .*; it must be a string, a number"):
        tree.folder("b")["c"] = value
    with pytest.raises(TypeError, match="x cannot be"):
        tree["x"] = value
    assert "x" not in tree


@pytest.mark.parametrize("text", ["\0", "a\x1bb", "\ud800", "\ufffe", "\x0b"])
def test_character_that_xml_cannot_hold_raises_value_error(text: str) -> None:
    tree = Registry()

    with pytest.raises(ValueError, match=r"a\.b cannot be .*XML"):
        tree.folder("a")["b"] = text
    with pytest.raises(ValueError, match="XML"):
        tree["a" + text] = ""
    assert list(tree.walk()) == []


@pytest.mark.parametrize("key", ["", ".", "a.", ".a", "a..b"])
def test_invalid_key_raises_value_error(key: str) -> None:
    tree = Registry()

    with pytest.raises(ValueError, match="not a key"):
        tree[key] = ""
    with pytest.raises(ValueError, match="not a key"):
        tree.folder(key)


def test_too_deep_or_too_long_key_raises_value_error() -> None:
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


def test_typed_getters_parse_entries() -> None:
    tree = create_registry(
        whole=" -42 ", number="1.5e-3", yes="1", no="0", row="1 2.5  3", ints="255 0 7"
    )

    assert tree.get_int("whole") == -42
    assert tree.get_float("number") == 0.0015
    assert tree.get_float("whole") == -42
    assert tree.get_bool("yes") is True
    assert tree.get_bool("no") is False
    assert tree.get_vector("row", 3) == (1, 2.5, 3)
    assert tree.get_vector("row") == (1, 2.5, 3)
    assert tree.get_ints("ints", 3) == (255, 0, 7)
    assert tree.get_enum("shape", Shape, Shape.FLAT) is Shape.FLAT


def test_default_is_used_for_missing_but_not_for_unreadable_entries() -> None:
    tree = create_registry(wrong="x")

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
    ("text", "read", "expected"),
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
def test_unreadable_entry_error_names_key_text_and_expected_type(
    text: str, read: object, expected: str
) -> None:
    tree = Registry()
    tree.source = "case.itksnap"
    tree.folder("Layers")["a"] = text
    assert callable(read)

    with pytest.raises(KeyUnreadable) as caught:
        read(tree.folder("Layers"))

    message = str(caught.value)
    assert message.startswith("Layers.a is ")
    assert text[:60] in message
    assert message.endswith(f"in case.itksnap; it should be {expected}.")
    assert len(message) < 300
    assert isinstance(caught.value, ValueError)


def test_new_key_is_inserted_where_itk_snap_sorts_it() -> None:
    tree = Registry.parse(
        b'<registry><entry key="b" value=""/><entry key="d" value=""/></registry>'
    )

    for key in ("c", "a", "e", "D"):
        tree[key] = ""

    assert tree.entry_keys() == ["D", "a", "b", "c", "d", "e"]


def test_order_of_existing_folders_is_preserved() -> None:
    tree = Registry.parse(
        b'<registry><folder key="z"/><folder key="a"/><folder key="m"/></registry>'
    )

    tree.folder("z")
    tree.folder("b")

    tree.folder("n")

    assert tree.folder_keys() == ["b", "z", "a", "m", "n"]


def test_changing_an_entry_keeps_its_position() -> None:
    tree = create_registry(a="1", b="2")
    tree["a"] = "3"

    assert list(tree.walk()) == [("a", "3"), ("b", "2")]


def test_walk_yields_keys_relative_to_the_folder() -> None:
    tree = Registry()
    tree["b.c"] = "1"
    tree["b.a.x"] = "2"
    tree["z"] = "3"

    assert list(tree.walk()) == [("z", "3"), ("b.c", "1"), ("b.a.x", "2")]
    folder = tree.folder("b")
    assert [(key, folder[key]) for key, _ in folder.walk()] == [("c", "1"), ("a.x", "2")]


def test_copy_of_a_registry_is_independent() -> None:
    tree = create_registry()
    tree["a.b"] = "1"
    copied = tree.copy()

    copied["a.b"] = "2"
    copied.folder("a").folder("new")

    assert tree["a.b"] == "1"
    assert not tree.has_folder("a.new")
    assert copied.folder("a").root is copied
    assert copied.source == "case.itksnap"


def test_registries_with_equal_content_are_equal_in_any_order() -> None:
    one = create_registry(a="1", b="2")
    other = Registry.parse(
        b'<registry><entry key="b" value="2"/><entry key="a" value="1"/></registry>'
    )

    assert one == other
    other.folder("c")
    assert one != other
    assert one != {"a": "1", "b": "2"}


def test_update_adds_and_replaces_entries() -> None:
    tree = create_registry(a="1", b="2")
    other = create_registry(b="3")
    other["c.d"] = "4"

    tree.update(other)

    assert list(tree.walk()) == [("a", "1"), ("b", "3"), ("c.d", "4")]


def test_update_inserts_new_keys_and_preserves_the_old_order() -> None:
    tree = Registry.parse(
        b'<registry><entry key="d" value="1"/><entry key="b" value="1"/></registry>'
    )
    other = create_registry(e="2", c="2", b="2", a="2")
    other.folder("empty.folder")

    tree.update(other)

    assert list(tree.walk()) == [("a", "2"), ("c", "2"), ("d", "1"), ("b", "2"), ("e", "2")]
    assert tree.has_folder("empty.folder")
    other["new.key"] = "later"
    assert not tree.has_folder("new")


def test_update_accepts_a_part_or_the_whole_of_the_same_tree() -> None:
    tree = create_registry()
    tree["a.a.b"] = "1"

    tree.update(tree.folder("a"))
    tree.folder("a").update(tree)

    assert dict(tree.walk()) == {
        **dict.fromkeys(("a.b", "a.a.b", "a.a.a.b"), "1"),
    }
    assert tree.folder("a.a.a").key == "a.a.a"


def test_update_with_too_deep_result_raises_value_error() -> None:
    tree = Registry()
    tree[".".join("a" * MAX_KEY_PARTS)] = "deep"

    with pytest.raises(ValueError, match="more than 20 parts"):
        tree.folder("b").update(tree)
    assert list(tree.folder("b").walk()) == []


@pytest.mark.no_cover
def test_update_with_many_keys_is_fast() -> None:
    tree, other = create_registry(z="last"), Registry()
    for number in range(50_000, 0, -1):
        other.append_entry(f"{number:06d}", "")
    begin = time.process_time()

    tree.update(other)

    assert time.process_time() - begin < 3
    assert tree.entry_keys() == [*sorted(other.entry_keys()), "z"]


def test_clear_separates_folders_from_the_tree() -> None:
    tree = create_registry(a="1")
    folder = tree.folder("b")

    tree.clear()

    assert list(tree.walk()) == []
    assert tree.folder_keys() == []
    assert folder.root is folder


def test_taken_folder_can_be_put_elsewhere() -> None:
    tree = create_registry()
    tree["a.b.c"] = "1"
    folder = tree.folder("a.b")

    taken = tree.take_folder("a.b")

    assert taken is folder
    assert folder.key == ""
    tree.put_folder("x.y", taken)
    assert folder.key == "x.y"
    assert tree["x.y.c"] == "1"


def test_putting_a_folder_that_belongs_to_a_tree_raises_value_error() -> None:
    tree = create_registry()
    tree["a.b"] = "1"

    for folder in (tree.folder("a"), tree):
        with pytest.raises(ValueError, match="already belongs to a tree"):
            tree.put_folder("c", folder)


def test_writing_replaces_the_file_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "a.itksnap"
    path.write_text("before")

    create_registry(a="1").write(path)

    assert Registry.read(path)["a"] == "1"
    assert list(tmp_path.iterdir()) == [path]


def test_repr_of_a_registry_names_its_source() -> None:
    tree = create_registry()

    assert repr(tree.folder("Layers")) == "<Registry Layers of case.itksnap>"
    assert repr(Registry()) == "<Registry (whole) of the registry>"
    with pytest.raises(TypeError, match="unhashable"):
        hash(tree)


def test_registry_read_from_a_directory_entry_names_the_path(tmp_path: Path) -> None:
    path = tmp_path / "case.itksnap"
    create_registry(a="1").write(path)

    with os.scandir(tmp_path) as entries:
        tree = Registry.read(next(entries))

    assert tree.source == str(path)
    with pytest.raises(KeyMissing, match=re.escape(f"b is missing in {path}.")):
        tree["b"]
