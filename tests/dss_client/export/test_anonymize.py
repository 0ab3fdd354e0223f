from pathlib import Path

import pytest

from dss_client import Registry
from dss_client.export.anonymize import anonymize_registry

USER_TEXTS = [
    "Layers.Layer[000].LayerMetaData.CustomNickName",
    "Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Label",
    "MeshLayers.Layer[000].NickName",
    "TimePointProperties.TimePoints.TimePoint[1].Nickname",
    "Annotations.Annotations.Element[0].Text",
]
HARMLESS_ENTRIES = {
    "Layers.Layer[000].Role": "MainRole",
    "Layers.Layer[000].Tags": "T1-MRI,Scan",
    "Layers.Layer[000].LayerMetaData.Tags": "T1-MRI",
    "Layers.Layer[000].LayerMetaData.DisplayMapping.ColorMap.Preset": "Blue to white to red",
    "Annotations.Format": "ITK-SNAP Annotation File",
    "Annotations.Annotations.Element[0].Type": "LandmarkAnnotation",
    "Annotations.Annotations.Element[0].Pos": "1 -2.5 3e-05",
    "Layers.Layer[000].ProjectMetaData.Unheard": "0.5 nan -inf 7",
}
PRIVATE_ENTRIES = {
    "Unheard": "Mueller",
    "Annotations.Of": "Mueller",
    "Annotations.Type": "Mueller",
    "Layers.Format": "Mueller",
    "Annotations.Label": "Mueller",
    "Annotations.Text": "Mueller",
    "Annotations.Tags": "Mueller",
    "Type": "Mueller",
    "Layers.Layer[000].SaveLocation": "/home/mueller",
    "Layers.Layer[000].Date": "1970-01-31",
    "Layers.Layer[000].Phone": "089-123456",
    "Layers.Layer[000].Series": "1.2.826.0.1.3680043",
    "Layers.Layer[007].Unheard": "Mueller",
    "Version": "Mueller",
}


@pytest.mark.parametrize("key", PRIVATE_ENTRIES)
def test_entry_not_known_to_be_harmless_is_removed(key: str) -> None:
    registry = Registry()
    registry[key] = PRIVATE_ENTRIES[key]

    assert anonymize_registry(registry, strict=False) == [key]
    assert list(registry.walk()) == []


@pytest.mark.parametrize("folder", ["Patient", "Layers.Layer[000].Patient"])
def test_unknown_folder_is_removed_with_its_numbers(folder: str) -> None:
    registry = Registry()
    registry[f"{folder}.Number"] = 4711
    registry[f"{folder}.Of.Birth"] = 1970

    registry[f"{folder}Number"] = 4711

    assert anonymize_registry(registry, strict=False) == [folder, f"{folder}Number"]
    assert list(registry.walk()) == []


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("key", HARMLESS_ENTRIES)
def test_harmless_entry_stays(key: str, strict: bool) -> None:
    registry = Registry()
    registry[key] = HARMLESS_ENTRIES[key]

    assert anonymize_registry(registry, strict=strict) == []
    assert registry[key] == HARMLESS_ENTRIES[key]


@pytest.mark.parametrize("key", USER_TEXTS)
def test_user_text_is_removed_only_if_strict(key: str) -> None:
    registry = Registry()
    registry[key] = "Hans Mueller"

    assert anonymize_registry(registry, strict=False) == []
    assert registry[key] == "Hans Mueller"
    assert anonymize_registry(registry, strict=True) == [key]
    assert "Mueller" not in registry.get(key)


def test_label_gets_its_number_as_name_if_strict() -> None:
    registry = Registry()
    table = registry.folder("Layers.Layer[000].ProjectMetaData.IRIS.LabelTable")
    table["Element[0].Label"], table["Element[0].Index"] = "Mueller's tumour", 17
    table.append_entry("Element[1].Label", "Mueller's")
    table.append_entry("Element[1].Index", "Mueller")

    anonymize_registry(registry, strict=True)

    assert table["Element[0].Label"] == "Label 17"
    assert "Mueller" not in table["Element[1].Label"]


def test_hints_and_histories_are_emptied_including_numbers() -> None:
    registry = Registry()
    registry["Layers.Layer[000].IOHints.DICOM.PatientID"] = 4711
    registry["Layers.Layer[009].IOHints.Raw.Size"] = "1 2 3"
    registry["Layers.Layer[000].ProjectMetaData.IOHistory.AnatomicImage.ArraySize"] = 0

    removed = anonymize_registry(registry, strict=False)

    places = ["[000].IOHints", "[000].ProjectMetaData.IOHistory", "[009].IOHints"]
    assert removed == [f"Layers.Layer{place}" for place in places]
    assert list(registry.walk()) == []
    assert registry.has_folder("Layers.Layer[000].IOHints")


def test_itksnap_test_workspaces_lose_only_hints_and_histories(itksnap_data: Path) -> None:
    for path in itksnap_data.glob("*.itksnap"):
        registry = Registry.read(path)
        was = dict(registry.walk())

        anonymize_registry(registry, strict=False)

        gone = set(was) - set(dict(registry.walk()))
        assert all(".IOHints." in key or ".IOHistory." in key for key in gone), path
        assert dict(registry.walk()).items() <= was.items()
