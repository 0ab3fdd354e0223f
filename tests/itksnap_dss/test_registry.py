"""`Registry` and `RegistryValue` with the methods of existing scripts."""

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


def test_entry_changes_the_registry_when_it_is_set(registry: Registry) -> None:
    entry = registry["Layers.Layer[000].Role"]

    entry.set("SegmentationRole")

    assert registry.folder("Layers.Layer[000]").entry("Role").get_string() == "SegmentationRole"


def test_lookup_of_a_missing_entry_does_not_create_it(registry: Registry) -> None:
    entry = registry["Layers.Layer[002].Role"]

    assert entry.is_null()
    assert entry.get_string() == ""
    assert not registry.has_entry("Layers.Layer[002].Role")
    assert not registry.has_folder("Layers.Layer[002]")


def test_lookup_of_a_missing_folder_creates_it(registry: Registry) -> None:
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
def test_value_is_converted_to_the_type_of_its_default(
    text: str, default: object, value: object
) -> None:
    result = RegistryValue(text).get(default)

    assert result == value
    assert type(result) is type(value)
    assert RegistryValue(text)[default] == value


@pytest.mark.parametrize("default", ["x", 5, 1.5, True, [0], None])
def test_missing_value_is_the_default(default: object) -> None:
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
def test_value_is_stored_in_the_form_of_itksnap(value: object, text: str) -> None:
    entry = RegistryValue("before")

    entry.set(value)  # type: ignore[arg-type]  # all accepted types

    assert entry.get_string() == text


def test_none_removes_an_entry(registry: Registry) -> None:
    registry["Version"].set(None)

    assert registry["Version"].is_null()
    assert not registry.has_entry("Version")
    registry["Version"].set(None)


def test_values_with_equal_texts_are_equal() -> None:
    assert RegistryValue("a") == RegistryValue("a")
    assert RegistryValue("a") != RegistryValue("b")
    assert RegistryValue() == RegistryValue()
    assert RegistryValue() != RegistryValue("")
    assert RegistryValue("a") != "a"


def test_collect_keys_returns_nested_keys_with_the_prefix(registry: Registry) -> None:
    assert registry.collect_keys("Work.") == [
        "Work.Layers.Layer[000].Role",
        "Work.Layers.Layer[001].Role",
        "Work.Version",
    ]
    assert registry.get_entry_keys() == ["Version"]
    assert registry.get_folder_keys() == ["Layers"]


def test_pattern_finds_folders_directly_in_the_registry(registry: Registry) -> None:
    layers = registry.folder("Layers")

    assert layers.find_folders_from_pattern(r"Layer\[\d+\]") == ["Layer[000]", "Layer[001]"]
    assert layers.find_folders_from_pattern("1") == ["Layer[001]"]
    assert registry.find_folders_from_pattern(r"Layer\[") == []


def test_update_copies_the_entries_of_another_registry(registry: Registry) -> None:
    other = Registry()
    other["Version"].set(1)
    other["Layers.Layer[000].Tags"].set("T1-MRI")

    registry.update(other)
    other["Version"].set(2)

    assert registry["Version"].get(0) == 1
    assert registry["Layers.Layer[000].Tags"].get_string() == "T1-MRI"
    assert registry["Layers.Layer[000].Role"].get_string() == "MainRole"


def test_cleared_registry_is_empty(registry: Registry) -> None:
    assert not registry.is_empty()
    assert registry != Registry()

    registry.clear()

    assert registry.is_empty()
    assert registry == Registry()
    assert registry != "a text"


def test_stored_array_is_read_back(registry: Registry) -> None:
    folder = registry.folder("History")

    folder.put_array(["a", "b"])

    assert folder["ArraySize"].get_string() == "2"
    assert folder.get_array("") == ["a", "b"]


def test_empty_array_is_read_back_empty() -> None:
    registry = Registry()
    assert registry.get_array(0) == []

    registry.put_array([])

    assert registry["ArraySize"].get_string() == "0"
    assert registry.get_array(0) == []


def test_missing_or_malformed_array_elements_are_the_default() -> None:
    registry = Registry()
    registry["ArraySize"].set(3)
    registry["Element[0]"].set("1")
    registry["Element[2]"].set("x")

    assert registry.get_array(7) == [1, 7, 7]


def test_array_with_huge_size_is_cut_to_the_entries_of_its_folder() -> None:
    registry = Registry()
    registry["ArraySize"].set(10**12)
    registry["Element[0]"].set("1")

    assert registry.get_array(7) == [1, 7]


@pytest.mark.parametrize("name", ["work.itksnap", "work.xml", "work.txt", "work"])
def test_written_file_is_read_back_unchanged(registry: Registry, tmp_path: Path, name: str) -> None:
    registry["Name"].set("é & < > ' \" \n\t中")
    registry.write_to_file(str(tmp_path / name))

    read = Registry(str(tmp_path / name))

    assert read == registry
    assert read["Name"].get_string() == "é & < > ' \" \n\t中"


def test_read_from_file_keeps_other_entries(registry: Registry, tmp_path: Path) -> None:
    registry.write_to_xml_file(tmp_path / "work.xml")
    other = Registry()
    other["Version"].set(1)
    other["Own"].set("x")

    other.read_from_xml_file(tmp_path / "work.xml")

    assert other["Version"].get(0) == 20250815
    assert other["Own"].get_string() == "x"


@pytest.mark.parametrize("header", ["Made by hand", "a --> b", "--", "a ---- b-"])
def test_header_with_hyphens_is_a_valid_comment(
    registry: Registry, tmp_path: Path, header: str
) -> None:
    path = tmp_path / "work.xml"

    registry.write_to_xml_file(path, header)

    assert Registry(path) == registry
    declaration, comment = path.read_text(encoding="utf-8").splitlines()[:2]
    assert declaration.startswith("<?xml")
    assert comment == f"<!-- {header.replace('-' * 4, '- - - -').replace('--', '- -')} -->"


def test_missing_registry_file_raises_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.xml") as caught:
        Registry(tmp_path / "none.xml")

    assert isinstance(caught.value, DssError)


def test_malformed_file_leaves_the_registry_unchanged(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    path.write_text('<registry><entry key="Version" value="1" /><entry', encoding="utf-8")

    with pytest.raises(ValueError, match=r"broken\.xml"):
        registry.read_from_file(path)

    assert registry["Version"].get(0) == 20250815


def test_print_indents_folders_and_prefixes_lines(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.print("  ", "> ")

    assert capsys.readouterr().out == (
        "> Layers:\n"
        ">   Layer[000]:\n"
        ">     Role = MainRole\n"
        ">   Layer[001]:\n"
        ">     Role = OverlayRole\n"
        "> Version = 20250815\n"
    )


def test_key_fills_in_numbers_and_names() -> None:
    assert Registry.key("Layers.Layer[%03d].%s", 7, "Role") == "Layers.Layer[007].Role"
