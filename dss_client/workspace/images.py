"""Reading images, by whatever reader their files need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from dss_client.workspace.errors import ImageMissing, ImagesNotInstalled, ImageUnreadable

if TYPE_CHECKING:
    import SimpleITK as sitk

    from dss_client.workspace.registry import Registry


def read(path: str | PathLike[str], hints: Registry | None = None) -> sitk.Image:
    """Read an image.

    Args:
        path: its file; for a DICOM series any of its files, or their folder.
        hints: what the workspace says of how to read it, in `DICOM.SeriesId`.

    Raises:
        ImageMissing: there is no such file.
        ImageUnreadable: it is no image, or has no such series.
        ImagesNotInstalled: SimpleITK is not installed.
    """
    simple_itk = reader()
    path = Path(path)
    if not path.exists():
        raise ImageMissing(f"There is no image {path}.")
    series = hints.get("DICOM.SeriesId") if hints is not None else ""
    with reading(path):
        files = _series(simple_itk, path, series) if series or path.is_dir() else str(path)
        image: sitk.Image = simple_itk.ReadImage(files)
    return image


def reader() -> ModuleType:
    """SimpleITK, which reads and writes images.

    Raises:
        ImagesNotInstalled: it is not installed.
    """
    try:
        import SimpleITK as sitk  # noqa: PLC0415
    except ImportError as cause:
        raise ImagesNotInstalled(
            "Reading and writing images needs SimpleITK, which is not installed: "
            "pip install 'itksnap-dss[images]'"
        ) from cause
    return sitk


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Within it, what the reader refuses is an error that names the file.

    Raises:
        ImageUnreadable: the reader refused.
    """
    try:
        yield
    except RuntimeError as cause:  # all that SimpleITK raises; the last line says what is wrong
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        said = lines[-1] if lines else "the reader does not say why"
        raise ImageUnreadable(f"{path} cannot be read as an image: {said}") from cause


def _series(sitk: ModuleType, path: Path, series: str) -> tuple[str, ...]:
    """The files of a DICOM series, in the order of their slices."""
    folder = path if path.is_dir() else path.parent
    there: tuple[str, ...] = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder))
    if not series and len(there) == 1:
        series = there[0]
    if series not in there:
        wanted = f"the DICOM series {series}" if series else "just one DICOM series"
        raise ImageUnreadable(f"{folder} has not {wanted}; it has {', '.join(there) or 'none'}.")
    files: tuple[str, ...] = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series)
    return files
