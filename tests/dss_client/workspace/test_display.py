"""Display settings of layers: opacity, stickiness, colour map and contrast."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_client import Contrast, KeyMissing, KeyUnreadable, Layer, Workspace

MAPPING = "LayerMetaData.DisplayMapping"


@pytest.fixture
def overlay() -> Layer:
    return Workspace.create("/scan.nii").add_image("/overlay.nii")


def test_unset_display_settings_have_the_defaults_of_itk_snap() -> None:
    workspace = Workspace.create("/scan.nii")
    overlay, seg = workspace.add_image("/overlay.nii"), workspace.add_segmentation("/seg.nii")

    assert [layer.alpha for layer in (workspace.main, overlay)] == [1, 0.5]
    assert [layer.sticky for layer in (workspace.main, overlay, seg)] == [False, False, True]
    assert overlay.colour_map == "Grayscale"
    assert overlay.contrast == Contrast.linear(0, 1)


def test_display_settings_are_stored_under_the_keys_of_itk_snap(overlay: Layer) -> None:
    overlay.alpha, overlay.sticky, overlay.colour_map = 0.25, True, "Jet"
    overlay.contrast = Contrast.linear(0.1, 0.5)

    assert (overlay.alpha, overlay.sticky, overlay.colour_map) == (0.25, True, "Jet")
    assert overlay.contrast == Contrast.linear(0.1, 0.5)
    assert overlay.registry["LayerMetaData.Alpha"] == "0.25"
    assert overlay.registry["LayerMetaData.Sticky"] == "1"
    assert overlay.registry[f"{MAPPING}.ColorMap.Preset"] == "Jet"
    assert overlay.registry[f"{MAPPING}.Curve.NumberOfControlPoints"] == "3"
    assert overlay.registry[f"{MAPPING}.Curve.ControlPoint[1].tValue"] == "0.3"
    assert overlay.registry[f"{MAPPING}.Curve.ControlPoint[1].xValue"] == "0.5"


def test_opacity_of_main_image_is_stored_as_0_to_255() -> None:
    main = Workspace.create("/scan.nii").main

    main.alpha = 0.2
    assert main.registry["LayerMetaData.Alpha"] == "51"
    assert main.alpha == 0.2
    main.registry["LayerMetaData.Alpha"] = "255"
    assert main.alpha == 1
    main.registry["LayerMetaData.Alpha"] = "1"
    assert main.alpha == 1 / 255


@pytest.mark.parametrize(("stored", "alpha"), [("255", 1), ("1e9", 1), ("-3", 0), ("1", 1)])
def test_stored_opacity_out_of_range_is_clipped(stored: str, alpha: float, overlay: Layer) -> None:
    overlay.registry["LayerMetaData.Alpha"] = stored

    assert overlay.alpha == alpha


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_setting_opacity_out_of_range_raises_value_error(alpha: float, overlay: Layer) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        overlay.alpha = alpha


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0, 0)],
        [(0, 0), (0, 1)],
        [(1, 0), (0, 1)],
        [(0, 0.5), (1, 0.2)],
        [(0, 0), (1, 1.5)],
        [(0, -0.5), (1, 1)],
        [(0, 0), (float("inf"), 1)],
        [(float("nan"), 0), (1, 1)],
    ],
)
def test_contrast_with_invalid_points_raises_value_error(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="A contrast is two or more rising points"):
        Contrast(points)


def test_linear_contrast_has_three_points_from_low_to_high() -> None:
    contrast = Contrast.linear(-0.5, 0.5)

    assert contrast.points == ((-0.5, 0), (0, 0.5), (0.5, 1))
    assert (contrast.low, contrast.high) == (-0.5, 0.5)
    with pytest.raises(ValueError, match="rising"):
        Contrast.linear(1, 0)


def test_shorter_contrast_curve_replaces_all_points_of_the_old_one(overlay: Layer) -> None:
    overlay.contrast = Contrast([(0, 0), (0.2, 0.1), (0.5, 0.6), (1, 1)])
    overlay.contrast = Contrast([(0, 0), (1, 1)])

    curve = overlay.registry.folder(f"{MAPPING}.Curve")
    assert curve.folder_keys() == ["ControlPoint[0]", "ControlPoint[1]"]
    assert overlay.contrast.points == ((0, 0), (1, 1))


def test_unreadable_contrast_curve_error_names_its_key(overlay: Layer) -> None:
    overlay.contrast = Contrast.linear()
    curve = overlay.registry.folder(f"{MAPPING}.Curve")

    curve["ControlPoint[1].tValue"] = "2"
    with pytest.raises(KeyUnreadable, match=r"Layers\.Layer\[001\]\.LayerMetaData.*Curve"):
        _ = overlay.contrast
    curve["ControlPoint[1].tValue"] = "half"
    with pytest.raises(KeyUnreadable, match=r"Layer\[001\].*ControlPoint\[1\]\.tValue is 'half'"):
        _ = overlay.contrast
    curve["NumberOfControlPoints"] = 10**12
    curve["ControlPoint[1].tValue"] = "0.5"
    with pytest.raises(KeyMissing, match=r"ControlPoint\[3\]\.tValue"):
        _ = overlay.contrast


def test_contrast_of_several_components_applies_to_the_selected_view(itksnap_data: Path) -> None:
    layer = Workspace.open(itksnap_data / "tensor.itksnap").named("Principal Direction")
    assert layer.contrast.points == ((0, 0), (0.349999, 0.5), (0.7, 1))
    assert layer.colour_map == "Jet"

    layer.contrast, layer.colour_map = Contrast.linear(0, 0.5), "Hot"

    mapping = layer.registry.folder(MAPPING)
    assert mapping["Component.Curve.ControlPoint[2].tValue"] == "0.5"
    assert mapping["Magnitude.Curve.ControlPoint[2].tValue"] == "1"
    assert {mapping[f"{name}.ColorMap.Preset"] for name in mapping.folder_keys()} == {"Hot"}
    assert layer.contrast == Contrast.linear(0, 0.5)
    assert layer.colour_map == "Hot"


def test_contrast_of_main_image_is_written_to_both_display_mappings(itksnap_data: Path) -> None:
    main = Workspace.open(itksnap_data / "tensor.itksnap").main
    assert main.contrast == Contrast.linear(0, 0.55)

    main.contrast, main.colour_map = Contrast.linear(0, 0.25), "Copper"

    for key in (MAPPING, "ProjectMetaData.IRIS.DisplayMapping"):
        assert main.registry[f"{key}.Curve.ControlPoint[2].tValue"] == "0.25"
        assert main.registry[f"{key}.ColorMap.Preset"] == "Copper"


def test_display_settings_of_itksnap_test_layers_are_read(itksnap_data: Path) -> None:
    layers = Workspace.open(itksnap_data / "tensor.itksnap").layers

    assert [layer.alpha for layer in layers] == [1, 1, 0.53, 0.5]
    assert [layer.sticky for layer in layers] == [False] * 4
    assert [layer.colour_map for layer in layers] == ["Grayscale", "Jet", "Jet", "Hot"]
    assert Workspace.open(itksnap_data / "ultrasound_ws4d.itksnap").segmentations[0].sticky is True
