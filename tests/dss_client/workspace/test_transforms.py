"""Affine transforms between the main image and a layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dss_client import KeyMissing, KeyUnreadable, Layer, Workspace

RAS = np.array([[0.9, 0.1, 0.2, 10], [-0.1, 1.1, 0.3, 20], [0.4, -0.5, 1.2, 30], [0, 0, 0, 1]])


@pytest.fixture
def overlay() -> Layer:
    return Workspace.create("/scan.nii").add_image("/overlay.nii")


def test_transform_is_the_identity_if_none_is_stored(overlay: Layer, itksnap_data: Path) -> None:
    assert np.array_equal(overlay.transform, np.eye(4))
    moving = Workspace.open(itksnap_data / "warpfield.itksnap").layers[1]
    assert np.array_equal(moving.transform, np.eye(4))


def test_transform_is_read_back_exactly(overlay: Layer) -> None:
    overlay.transform = RAS

    assert np.array_equal(overlay.transform, RAS)
    assert overlay.transform.dtype == np.float64


def test_transform_is_stored_in_lps_axes(overlay: Layer) -> None:
    """LPS differs from RAS in the signs of x and y."""
    overlay.transform = RAS

    folder = overlay.registry.folder("ImageTransform")
    lps = np.array(
        [[folder.get_float(f"Matrix.Element[{i}][{j}]") for j in range(3)] for i in range(3)]
    )
    offset = np.array([folder.get_float(f"Offset.Element[{i}]") for i in range(3)])
    assert folder["IsIdentity"] == "0"
    point = np.array([1.0, 2.0, 3.0])
    flip = np.array([-1.0, -1.0, 1.0])
    assert np.allclose(flip * (lps @ (flip * point) + offset), RAS[:3, :3] @ point + RAS[:3, 3])
    assert folder["Matrix.Element[0][1]"] == "0.1"
    assert folder["Matrix.Element[0][2]"] == "-0.2"
    assert folder["Offset.Element[0]"] == "-10"
    assert folder["Offset.Element[2]"] == "30"


def test_stored_transform_has_no_negative_zeros(overlay: Layer) -> None:
    overlay.transform = np.diag([2.0, 2.0, 2.0, 1.0])

    assert {value for _, value in overlay.registry.folder("ImageTransform").walk()} == {"0", "2"}


def test_identity_transform_stores_only_its_flag(overlay: Layer) -> None:
    overlay.transform = RAS
    overlay.transform = np.eye(4)

    assert dict(overlay.registry.folder("ImageTransform").walk()) == {"IsIdentity": "1"}


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.eye(3), "4 by 4"),
        ([[1, 2], [3, 4]], "4 by 4"),
        (np.full((4, 4), np.nan), "finite"),
        (np.diag([1, 1, 1, 2]), "last row"),
        (np.diag([1, 1, 0, 1]), "inverted"),
    ],
)
def test_invalid_transform_raises_value_error_and_changes_nothing(
    matrix: np.ndarray, expected: str, overlay: Layer
) -> None:
    overlay.transform = RAS

    with pytest.raises(ValueError, match=expected):
        overlay.transform = matrix
    assert np.array_equal(overlay.transform, RAS)


def test_unreadable_transform_error_names_its_key(overlay: Layer) -> None:
    overlay.transform = RAS
    overlay.registry["ImageTransform.Matrix.Element[1][2]"] = "x"
    with pytest.raises(KeyUnreadable, match=r"Layer\[001\]\.ImageTransform\.Matrix.*\[1\]\[2\]"):
        _ = overlay.transform

    del overlay.registry["ImageTransform.Offset.Element[0]"]
    with pytest.raises(KeyMissing, match=r"ImageTransform\.Offset\.Element\[0\] is missing"):
        _ = overlay.transform
