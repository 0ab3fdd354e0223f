"""Reading images, by whatever reader their files need."""

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
    """Texts by key that say how to read an image, as a workspace has them."""

    def get(self, key: str, default: str = "", /) -> str:
        """Return the text of a key, or the default."""
        ...


@frozen
class Grid:
    """Where the voxels of an image are, in ITK's terms: LPS, in mm; a fourth axis is time, in s."""

    size: tuple[int, ...]
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    direction: tuple[float, ...]


def read_image(path: str | PathLike[str], hints: Hints | None = None) -> sitk.Image:
    """Read an image, whose file is read twice: once to see whether it is whole.

    Args:
        path: its file; for a DICOM series their folder, or any of its files if `hints` name it (a
            file alone is a slice).
        hints: what the workspace says of how to read it, in `DICOM.SeriesId`.

    Raises:
        ImageMissing: there is no such file.
        ImageUnreadable: it is no image, is not whole, or has no such series.
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
    """Where the voxels of an image are, without reading them; those of a series are read.

    Raises:
        ImageMissing, ImageUnreadable, ImagesNotInstalled: as `read` does.
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
    """How many voxels an image has along each axis, without reading them, or all of a series.

    Raises:
        ImageMissing, ImageUnreadable, ImagesNotInstalled: as `read` does.
    """
    simple_itk = import_simpleitk()
    with _translate_errors(path := Path(path)):
        files = _list_files(simple_itk, path, None)
        if isinstance(files, str):
            return tuple(_read_header(simple_itk, files).GetSize())
        one: tuple[int, ...] = tuple(_read_header(simple_itk, files[0]).GetSize())
        return (*(one[:2] if one[2:] == (1,) else one), len(files))


def _read_header(simple_itk: ModuleType, file: str) -> sitk.ImageFileReader:
    """What the header of a file says."""
    header: sitk.ImageFileReader = simple_itk.ImageFileReader()
    header.SetFileName(file)
    header.ReadImageInformation()
    return header


def get_grid(image: sitk.Image) -> Grid:
    """Where the voxels of an image are that was read."""
    return Grid(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())


def is_file_or_folder(path: Path) -> bool:
    """Whether there is a file, or a folder of DICOM files; a pipe is none, it could block."""
    return os.path.isfile(path) or os.path.isdir(path)  # noqa: PTH112, PTH113  # never raise


def is_utf_8(path: str | PathLike[str]) -> bool:
    """Whether a path is one that SimpleITK takes; given another it ends this process."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def import_simpleitk() -> ModuleType:
    """SimpleITK, which reads and writes images.

    Raises:
        ImagesNotInstalled: it is not installed.
    """
    try:
        import SimpleITK as sitk  # noqa: PLC0415
    except ImportError as cause:
        raise ImagesNotInstalled(
            "Reading and writing images needs SimpleITK, which is not installed: "
            "pip install 'itksnap-dss-kit[images]'"
        ) from cause
    return sitk


def _check_paths_are_utf_8(*paths: str | PathLike[str]) -> None:
    """Refuse paths that SimpleITK does not take.

    Raises:
        ImageUnreadable: one of them is such a path.
    """
    for path in paths:
        if not is_utf_8(path):
            raise ImageUnreadable(
                f"{str(path)!r} cannot be read as an image: its path is not UTF-8. Rename it, or "
                "its folder."
            )


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Within it, what the reader refuses is an error that names the file.

    Raises:
        ImageMissing: there is no such file.
        ImageUnreadable: the reader refused, or would not survive the name.
    """
    if not is_file_or_folder(path):
        raise ImageMissing(f"There is no image {path}.")
    _check_paths_are_utf_8(path)
    try:
        yield
    except ImageUnreadable:
        raise
    except OSError as cause:
        raise ImageUnreadable(f"{path} cannot be read: {cause.strerror or cause}.") from cause
    except RuntimeError as cause:  # all that SimpleITK raises
        raise ImageUnreadable(
            f"{path} cannot be read as an image: {_explain_failure(path, extract_message(cause))}"
        ) from cause


def _explain_failure(path: Path, message: str) -> str:
    """Why the reader refused a file, and what to do."""
    if path.is_file() and not path.stat().st_size:
        return "it is empty. Get it anew."
    if "orthonormal" in message:
        return "its axes are not at right angles. Resample it onto a grid whose axes are."
    return (
        f"{message.rstrip('.')}. If it is whole, convert it to .nii.gz, with ITK-SNAP for instance."
    )


def extract_message(error: RuntimeError) -> str:
    """What SimpleITK says that is wrong, without where in its code."""
    return " ".join(str(error).rpartition("ERROR:")[2].split()) or "SimpleITK does not say why"


def _list_files(simple_itk: ModuleType, path: Path, hints: Hints | None) -> str | tuple[str, ...]:
    """The file of an image, or those of a DICOM series in the order of their slices."""
    series = hints.get("DICOM.SeriesId") if hints is not None else ""
    if not series and not path.is_dir():
        return str(path)
    folder = str(path if path.is_dir() else path.parent)
    find: type[sitk.ImageSeriesReader] = simple_itk.ImageSeriesReader
    there = find.GetGDCMSeriesIDs(folder)
    if not series and len(there) == 1:
        series = there[0]
    # A series is named by its UID, to which may be added in what else its slices agree.
    for detailed in (False, True):
        if series in find.GetGDCMSeriesIDs(folder, detailed):
            files: tuple[str, ...] = find.GetGDCMSeriesFileNames(folder, series, detailed)
            _check_paths_are_utf_8(*files)
            return files
    wanted = f"the DICOM series {series}" if series else "just one DICOM series"
    raise ImageUnreadable(f"{folder} has not {wanted}; it has {', '.join(there) or 'none'}.")
