"""Affine transforms between images: LPS (ITK) in the file, RAS (NIfTI) in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_client.workspace.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_AXES = range(3)


def read_transform(folder: Registry) -> npt.NDArray[np.float64]:
    """Return the transform in the registry folder `ImageTransform` of a layer.

    The 4 x 4 matrix maps points of the main image to points of the layer, in mm, RAS.

    Raises:
        KeyMissing: an element is missing.
        KeyUnreadable: an element is not a number.
    """
    import numpy as np  # noqa: PLC0415

    matrix = np.eye(4)
    if folder.get_bool("IsIdentity", True):
        return matrix
    for i in _AXES:
        matrix[i, 3] = folder.get_float(f"Offset.Element[{i}]")
        for j in _AXES:
            matrix[i, j] = folder.get_float(f"Matrix.Element[{i}][{j}]")
    return _swap_ras_lps(matrix)


def write_transform(folder: Registry, matrix: npt.ArrayLike) -> None:
    """Write a transform into the registry folder `ImageTransform` of a layer.

    Args:
        folder: the registry folder `ImageTransform` of a layer.
        matrix: the 4 x 4 matrix that maps points of the main image to points of the layer, in mm,
            RAS.

    Raises:
        ValueError: the matrix is not 4 x 4, not finite, not affine, or not invertible.
    """
    import numpy as np  # noqa: PLC0415

    ras = np.asarray(matrix, dtype=np.float64)
    if ras.shape != (4, 4) or not np.isfinite(ras).all():
        raise ValueError(f"A transform must be 4 by 4 finite numbers, not {ras}.")
    if not np.array_equal(ras[3], (0, 0, 0, 1)):
        raise ValueError(f"The last row of an affine transform must be 0 0 0 1, not {ras[3]}.")
    if np.linalg.det(ras) == 0:
        raise ValueError("The transform cannot be inverted: its determinant is 0.")
    folder.clear()
    folder["IsIdentity"] = identity = np.array_equal(ras, np.eye(4))
    if identity:
        return
    lps = _swap_ras_lps(ras)
    for i in _AXES:
        folder[f"Offset.Element[{i}]"] = lps[i, 3]
        for j in _AXES:
            folder[f"Matrix.Element[{i}][{j}]"] = lps[i, j]


def _swap_ras_lps(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Convert a transform from RAS to LPS or back. They differ in the signs of x and y."""
    import numpy as np  # noqa: PLC0415

    signs = np.array([-1.0, -1.0, 1.0, 1.0])
    swapped: npt.NDArray[np.float64] = signs[:, None] * matrix * signs + 0.0  # no negative zeros
    return swapped
