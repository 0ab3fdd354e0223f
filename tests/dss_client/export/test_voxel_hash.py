import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

from dss_client.export import voxel_hash as module
from dss_client.export.voxel_hash import open_voxel_hash, swap_bytes
from dss_client.images.nifti_header import NiftiHeader
from tests.dss_client.export.nifti_bytes import VOXEL_SIZES, create_header

VECTORS = 1007
NUMBERS = {4: "i2", 16: "f4", 64: "f8", 32: "f4", 2: "u1", 128: "u1"}


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_swap_bytes_reverses_bytes_of_each_number(size: int) -> None:
    numbers = bytes(range(24))

    assert swap_bytes(numbers, size) == np.frombuffer(numbers, f"u{size}").byteswap().tobytes()


@pytest.mark.parametrize(("piece", "together"), [(1, 17), (7, 1), (64, 1 << 20), (100_000, 17)])
@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 3, 1, 3)])
@pytest.mark.parametrize("kind", [f"{order}{kind}" for order in "<>" for kind in NUMBERS])
def test_hash_does_not_depend_on_order_and_chunks_of_voxels(  # noqa: PLR0917
    kind: str,
    shape: tuple[int, ...],
    piece: int,
    together: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order, datatype, components = kind[0], int(kind[1:]), math.prod(shape) // 60
    monkeypatch.setattr(module, "_INTERLEAVE_SIZE", together)
    found = NiftiHeader.parse(create_header(shape, datatype, order=order, intent=VECTORS))
    assert found is not None
    count = 60 * components * VOXEL_SIZES[datatype] // int(NUMBERS[datatype][1])
    numbers = np.arange(count, dtype=f"{order}{NUMBERS[datatype]}")

    with open_voxel_hash(found, tmp_path) as digest:
        raw = numbers.tobytes()
        for start in range(0, len(raw), piece):
            digest.update(raw[start : start + piece])
        hashed = digest.hexdigest()

    little = numbers.astype(f"<{NUMBERS[datatype]}")
    side_by_side = little.reshape(components, 60, -1).swapaxes(0, 1).tobytes()
    assert hashed == hashlib.md5(side_by_side).hexdigest()
    assert list(tmp_path.iterdir()) == []
