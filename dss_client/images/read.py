"""Reading of image files with SimpleITK."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from dss_client.errors import ImageMissing, ImagesNotInstalled, ImageUnreadable

if TYPE_CHECKING:
    import SimpleITK as sitk


class Hints(Protocol):
    """Instructions for reading an image, as a workspace stores them."""

    def get(self, key: str, default: str = "", /) -> str:
        """Return the value of a key, or the default."""
        ...


@frozen
class Grid:
    """The position of the voxels of an image in ITK's LPS coordinates.

    Lengths are in mm. A fourth axis is time, in s.
    """

    size: tuple[int, ...]
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    direction: tuple[float, ...]


def read_image(path: str | PathLike[str], hints: Hints | None = None) -> sitk.Image:
    """Read an image.

    The file is read twice, first to check that it is complete.

    Args:
        path: the image file, or the folder of a DICOM series. If `hints` name a series, any file of
            the series. A DICOM file without hints is a single slice.
        hints: the workspace's instructions for reading the image. `DICOM.SeriesId` names the
            series.

    Raises:
        ImageMissing: the file does not exist.
        ImageUnreadable: the file is not an image, is not complete, or its folder does not contain
            the series.
        ImagesNotInstalled: SimpleITK is not installed.
    """
    from dss_client.images.integrity import check_integrity  # noqa: PLC0415

    simple_itk = import_simpleitk()
    with _translate_errors(path := Path(path)):
        files = _list_files(simple_itk, path, hints)
        if isinstance(files, str):
            check_integrity(path)
        image: sitk.Image = simple_itk.ReadImage(files)
    return image


def read_grid(path: str | PathLike[str], hints: Hints | None = None) -> Grid:
    """Read the position of the voxels of an image.

    The voxels themselves are only read for a DICOM series.

    Raises:
        ImageMissing, ImageUnreadable, ImagesNotInstalled: see `read_image`.
    """
    simple_itk = import_simpleitk()
    with _translate_errors(path := Path(path)):
        files = _list_files(simple_itk, path, hints)
        if not isinstance(files, str):
            return get_grid(simple_itk.ReadImage(files))
        header = _read_header(simple_itk, files)
        return Grid(
            header.GetSize(), header.GetSpacing(), header.GetOrigin(), header.GetDirection()
        )


def read_size(path: str | PathLike[str]) -> tuple[int, ...]:
    """Read the number of voxels along each axis from the header, without the voxels.

    Raises:
        ImageMissing, ImageUnreadable, ImagesNotInstalled: see `read_image`.
    """
    simple_itk = import_simpleitk()
    with _translate_errors(path := Path(path)):
        files = _list_files(simple_itk, path, None)
        if isinstance(files, str):
            return tuple(_read_header(simple_itk, files).GetSize())
        slice_size: tuple[int, ...] = tuple(_read_header(simple_itk, files[0]).GetSize())
        return (*(slice_size[:2] if slice_size[2:] == (1,) else slice_size), len(files))


def _read_header(simple_itk: ModuleType, file: str) -> sitk.ImageFileReader:
    """Read the header of an image file."""
    header: sitk.ImageFileReader = simple_itk.ImageFileReader()
    header.SetFileName(file)
    header.ReadImageInformation()
    return header


def get_grid(image: sitk.Image) -> Grid:
    """Return the position of the voxels of an image in memory."""
    return Grid(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())


def is_file_or_folder(path: Path) -> bool:
    """Check whether a path is a file or a folder. Reject pipes; they could block."""
    return os.path.isfile(path) or os.path.isdir(path)  # noqa: PTH112, PTH113  # never raise


def is_utf_8(path: str | PathLike[str]) -> bool:
    """Check whether SimpleITK accepts a path. For other paths, SimpleITK ends this process."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def import_simpleitk() -> ModuleType:
    """Import SimpleITK.

    Raises:
        ImagesNotInstalled: SimpleITK is not installed.
    """
    try:
        import SimpleITK as sitk  # noqa: PLC0415
    except ImportError as cause:
        raise ImagesNotInstalled(
            "Reading and writing images needs SimpleITK, which is not installed. Run: "
            "pip install 'itksnap-dss-kit[images]'"
        ) from cause
    return sitk


def _check_paths_are_utf_8(*paths: str | PathLike[str]) -> None:
    """Check that SimpleITK accepts paths.

    Raises:
        ImageUnreadable: a path is not UTF-8.
    """
    for path in paths:
        if not is_utf_8(path):
            raise ImageUnreadable(
                f"{str(path)!r} cannot be read as an image: its path is not UTF-8. Rename the "
                "file or its folder."
            )


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Check a path, and translate errors of the reader into errors that name the file.

    Raises:
        ImageMissing: the file does not exist.
        ImageUnreadable: SimpleITK cannot read the file, or does not accept its path.
    """
    if not is_file_or_folder(path):
        raise ImageMissing(f"The image {path} does not exist.")
    _check_paths_are_utf_8(path)
    try:
        yield
    except ImageUnreadable:
        raise
    except OSError as cause:
        raise ImageUnreadable(f"{path} cannot be read: {cause.strerror or cause}.") from cause
    except RuntimeError as cause:  # the only error that SimpleITK raises
        raise ImageUnreadable(
            f"{path} cannot be read as an image: {_explain_failure(path, extract_message(cause))}"
        ) from cause


def _explain_failure(path: Path, message: str) -> str:
    """Return the reason of a failed read, and what to do."""
    if path.is_file() and not path.stat().st_size:
        return "it is empty. Get a new copy of the file."
    if "orthonormal" in message:
        return (
            "its axes are not at right angles. Resample it onto a grid with axes at right angles."
        )
    return (
        f"{message.rstrip('.')}. If the file is complete, convert it to .nii.gz, for example with "
        "ITK-SNAP."
    )


def extract_message(error: RuntimeError) -> str:
    """Return the message of a SimpleITK error, without the source file and line of the error."""
    return (
        " ".join(str(error).rpartition("ERROR:")[2].split())
        or "SimpleITK does not state the reason"
    )


def _list_files(simple_itk: ModuleType, path: Path, hints: Hints | None) -> str | tuple[str, ...]:
    """Return the file of an image, or the files of a DICOM series in the order of their slices."""
    series = hints.get("DICOM.SeriesId") if hints is not None else ""
    if not series and not path.is_dir():
        return str(path)
    folder = str(path if path.is_dir() else path.parent)
    reader: type[sitk.ImageSeriesReader] = simple_itk.ImageSeriesReader
    all_series = reader.GetGDCMSeriesIDs(folder)
    if not series and len(all_series) == 1:
        series = all_series[0]
    # The name of a series is its UID, or its UID and further fields that its slices share.
    for is_detailed in (False, True):
        if series in reader.GetGDCMSeriesIDs(folder, is_detailed):
            files: tuple[str, ...] = reader.GetGDCMSeriesFileNames(folder, series, is_detailed)
            _check_paths_are_utf_8(*files)
            return files
    expected = f"the DICOM series {series}" if series else "exactly one DICOM series"
    raise ImageUnreadable(
        f"{folder} does not contain {expected}. It contains {', '.join(all_series) or 'no series'}."
    )
