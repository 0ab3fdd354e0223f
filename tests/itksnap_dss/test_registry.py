"""`Registry` and `RegistryValue`, as existing scripts use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import DssError
from itksnap_dss import Registry
from itksnap_dss.registry import RegistryValue


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry["Version"].set(20250815)
    registry["Layers.Layer[000].Role"].set("MainRole")
    registry["Layers.Layer[001].Role"].set("OverlayRole")
    return registry


def test_an_entry_is_read_and_set_in_its_place(registry: Registry) -> None:
    entry = registry["Layers.Layer[000].Role"]

    entry.set("SegmentationRole")

    assert registry.folder("Layers.Layer[000]").entry("Role").get_string() == "SegmentationRole"


def test_looking_for_an_entry_does_not_make_it(registry: Registry) -> None:
    entry = registry["Layers.Layer[002].Role"]

    assert entry.is_null()
    assert entry.get_string() == ""
    assert not registry.has_entry("Layers.Layer[002].Role")
    assert not registry.has_folder("Layers.Layer[002]")


def test_a_folder_is_made_when_it_is_asked_for(registry: Registry) -> None:
    made = Registry()
    made.folder("Annotations")
    assert not made.is_empty()

    registry.folder("Annotations.Annotations")

    assert registry.has_folder("Annotations.Annotations")
    assert registry.get_folder_keys() == ["Annotations", "Layers"]


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("12", 0, 12),
        (" 7 ", 0, 7),
        ("12", 0.0, 12.0),
        ("1.5", 0, 0),
        ("abc", 5, 5),
        ("1", False, True),
        ("True", False, True),
        ("0", True, False),
        ("anything", True, False),
        ("abc", "", "abc"),
        ("abc", None, "abc"),
        ("1 2 3", [0], [1, 2, 3]),
        ("1 2.5", (0.0,), (1.0, 2.5)),
        ("1 0", [True], [True, False]),
        ("a b", ["x"], ["a", "b"]),
        ("1 b", [0, 0], [0, 0]),
        ("1 2", [], []),
    ],
)
def test_a_text_is_read_as_its_default_is(text: str, default: object, value: object) -> None:
    found = RegistryValue(text).get(default)

    assert found == value
    assert type(found) is type(value)
    assert RegistryValue(text)[default] == value


@pytest.mark.parametrize("default", ["x", 5, 1.5, True, [0], None])
def test_what_is_not_there_is_its_default(default: object) -> None:
    assert RegistryValue().get(default) == default


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (5, "5"),
        (0.1, "0.1"),
        (True, "1"),
        ([1, 2.5], "1 2.5"),
        ((True, False), "1 0"),
        (["a", 1], "a 1"),
        ([], ""),
        (Path("/a/b"), "/a/b"),
    ],
)
def test_a_value_is_written_as_itksnap_reads_it(value: object, text: str) -> None:
    entry = RegistryValue("before")

    entry.set(value)  # type: ignore[arg-type]  # the cases are of every type that there is

    assert entry.get_string() == text


def test_setting_nothing_removes_an_entry(registry: Registry) -> None:
    registry["Version"].set(None)

    assert registry["Version"].is_null()
    assert not registry.has_entry("Version")
    registry["Version"].set(None)


def test_values_are_equal_when_their_texts_are() -> None:
    assert RegistryValue("a") == RegistryValue("a")
    assert RegistryValue("a") != RegistryValue("b")
    assert RegistryValue() == RegistryValue()
    assert RegistryValue() != RegistryValue("")
    assert RegistryValue("a") != "a"


def test_keys_of_all_entries(registry: Registry) -> None:
    assert registry.collect_keys("Work.") == [
        "Work.Layers.Layer[000].Role",
        "Work.Layers.Layer[001].Role",
        "Work.Version",
    ]
    assert registry.get_entry_keys() == ["Version"]
    assert registry.get_folder_keys() == ["Layers"]


def test_folders_are_found_by_a_pattern(registry: Registry) -> None:
    layers = registry.folder("Layers")

    assert layers.find_folders_from_pattern(r"Layer\[\d+\]") == ["Layer[000]", "Layer[001]"]
    assert layers.find_folders_from_pattern("1") == ["Layer[001]"]
    assert registry.find_folders_from_pattern(r"Layer\[") == []


def test_one_registry_takes_over_the_entries_of_another(registry: Registry) -> None:
    other = Registry()
    other["Version"].set(1)
    other["Layers.Layer[000].Tags"].set("T1-MRI")

    registry.update(other)
    other["Version"].set(2)

    assert registry["Version"].get(0) == 1
    assert registry["Layers.Layer[000].Tags"].get_string() == "T1-MRI"
    assert registry["Layers.Layer[000].Role"].get_string() == "MainRole"


def test_a_registry_that_is_cleared_is_empty(registry: Registry) -> None:
    assert not registry.is_empty()
    assert registry != Registry()

    registry.clear()

    assert registry.is_empty()
    assert registry == Registry()
    assert registry != "a text"


def test_an_array_is_put_and_got_again(registry: Registry) -> None:
    folder = registry.folder("History")

    folder.put_array(["a", "b"])

    assert folder["ArraySize"].get_string() == "2"
    assert folder.get_array("") == ["a", "b"]


def test_an_array_without_elements() -> None:
    registry = Registry()
    assert registry.get_array(0) == []

    registry.put_array([])

    assert registry["ArraySize"].get_string() == "0"
    assert registry.get_array(0) == []


def test_an_array_has_the_default_for_what_is_missing_or_malformed() -> None:
    registry = Registry()
    registry["ArraySize"].set(3)
    registry["Element[0]"].set("1")
    registry["Element[2]"].set("x")

    assert registry.get_array(7) == [1, 7, 7]


def test_an_array_that_claims_to_be_enormous_is_no_larger_than_its_folder() -> None:
    registry = Registry()
    registry["ArraySize"].set(10**12)
    registry["Element[0]"].set("1")

    assert registry.get_array(7) == [1, 7]


@pytest.mark.parametrize("name", ["work.itksnap", "work.xml", "work.txt", "work"])
def test_a_file_is_read_as_it_was_written(registry: Registry, tmp_path: Path, name: str) -> None:
    registry["Name"].set("é & < > ' \" \n\t中")
    registry.write_to_file(str(tmp_path / name))

    read = Registry(str(tmp_path / name))

    assert read == registry
    assert read["Name"].get_string() == "é & < > ' \" \n\t中"


def test_a_file_is_read_over_what_is_there(registry: Registry, tmp_path: Path) -> None:
    registry.write_to_xml_file(tmp_path / "work.xml")
    other = Registry()
    other["Version"].set(1)
    other["Own"].set("x")

    other.read_from_xml_file(tmp_path / "work.xml")

    assert other["Version"].get(0) == 20250815
    assert other["Own"].get_string() == "x"


@pytest.mark.parametrize("header", ["Made by hand", "a --> b", "--", "a ---- b-"])
def test_a_header_is_a_comment_whatever_it_says(
    registry: Registry, tmp_path: Path, header: str
) -> None:
    path = tmp_path / "work.xml"

    registry.write_to_xml_file(path, header)

    assert Registry(path) == registry
    declaration, comment = path.read_text(encoding="utf-8").splitlines()[:2]
    assert declaration.startswith("<?xml")
    assert comment == f"<!-- {header.replace('-' * 4, '- - - -').replace('--', '- -')} -->"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.xml") as caught:
        Registry(tmp_path / "none.xml")

    assert isinstance(caught.value, DssError)


def test_a_file_that_is_no_registry_leaves_what_is_there(
    registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "broken.xml"
    path.write_text('<registry><entry key="Version" value="1" /><entry', encoding="utf-8")

    with pytest.raises(ValueError, match=r"broken\.xml"):
        registry.read_from_file(path)

    assert registry["Version"].get(0) == 20250815


def test_a_tree_is_printed(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    registry.print("  ", "> ")

    assert capsys.readouterr().out == (
        "> Layers:\n"
        ">   Layer[000]:\n"
        ">     Role = MainRole\n"
        ">   Layer[001]:\n"
        ">     Role = OverlayRole\n"
        "> Version = 20250815\n"
    )


def test_keys_are_made_of_numbers() -> None:
    assert Registry.key("Layers.Layer[%03d].%s", 7, "Role") == "Layers.Layer[007].Role"
