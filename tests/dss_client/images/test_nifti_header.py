import math
import struct

import pytest

from dss_client.images.nifti_header import NiftiHeader
from tests.dss_client.export.nifti_bytes import TEXT_FIELDS, create_header


@pytest.mark.parametrize(
    "change",
    [
        (344, b"ni1\0"),
        (344, b"n+2\0"),
        (40, struct.pack("<h", 0)),
        (40, struct.pack("<h", -3)),
        (40, struct.pack("<h", 7)),
        (42, struct.pack("<h", 0)),
        (44, struct.pack("<h", -1)),
        (70, struct.pack("<h", 1536)),
        (108, struct.pack("<f", 0)),
        (108, struct.pack("<f", 360.5)),
        (108, struct.pack("<f", math.nan)),
        (108, struct.pack("<f", math.inf)),
        (0, struct.pack("<i", 540)),
    ],
)
def test_parse_returns_none_for_other_headers(change: tuple[int, bytes]) -> None:
    good = create_header((3, 4, 2))
    assert NiftiHeader.parse(good) is not None
    at, changed = change

    assert NiftiHeader.parse(good[:at] + changed + good[at + len(changed) :]) is None
    assert NiftiHeader.parse(good[:347]) is None


@pytest.mark.parametrize(
    "scaled", [{"slope": 3}, {"slope": math.nan}, {"intercept": 3}, {"slope": 1, "intercept": 3}]
)
def test_scaled_voxels_are_not_plain(scaled: dict[str, float]) -> None:
    found = NiftiHeader.parse(create_header((3, 4, 2), **scaled))  # type: ignore[arg-type]

    assert found is not None
    assert not found.is_plain


@pytest.mark.parametrize("order", "<>")
def test_clean_header_keeps_position_and_drops_texts(order: str) -> None:
    texts = dict.fromkeys(TEXT_FIELDS, b"x" * 80)
    raw = create_header((3, 4, 2), order=order, start=400, texts=texts)
    found = NiftiHeader.parse(raw)
    assert found is not None

    assert set(found.removable_parts) == {*TEXT_FIELDS, "extensions"}
    clean = found.get_clean_bytes()
    assert b"x" not in clean
    assert NiftiHeader.parse(clean) is not None
    plain = bytearray(create_header((3, 4, 2), order=order))
    plain[38:39] = b"\0"
    assert clean == bytes(plain)


@pytest.mark.parametrize(
    ("at", "usual"), [(32, b"\0\x40\0\0\0\0r"), (32, bytes(7)), (32, b"\0\0\x40\0\0\0r")]
)
def test_values_of_analyze_in_unused_fields_are_not_removable(at: int, usual: bytes) -> None:
    raw = create_header((3, 4, 2))
    found = NiftiHeader.parse(raw[:at] + usual + raw[at + 7 :])
    assert found is not None

    assert found.removable_parts == ()
