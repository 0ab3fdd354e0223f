"""Tests that received images are read only from their own folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dss_client import ImageUnreadable, Workspace
from dss_client.images import read
from tests.dss_client.images import nifti

sitk = pytest.importorskip("SimpleITK", reason="needs the extra `images`")

SECRET = b"S" * 48
META = (
    "ObjectType = Image\nNDims = 3\nBinaryData = True\n{}DimSize = 4 3 2\nElementType = MET_SHORT\n"
)
NRRD = "NRRD0004\ntype: short\ndimension: 3\nsizes: 4 3 2\nendian: little\nencoding: raw\n"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Create a file outside the folder of the ticket."""
    path = tmp_path / "other" / "secret.raw"
    path.parent.mkdir()
    path.write_bytes(SECRET)
    return path


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    """Create the folder of a ticket."""
    (tmp_path / "ticket").mkdir()
    return tmp_path / "ticket"


def open_received(path: Path, data: str | bytes = b"", *, series: bool = False) -> Workspace:
    """Create a workspace for an image, and open it as a received workspace."""
    if data:
        path.write_bytes(data if isinstance(data, bytes) else data.encode() + bytes(48))
    workspace = Workspace.create(path)
    if series:
        workspace.main.registry["IOHints.DICOM.SeriesId"] = "1.2.3"
    workspace.save(path.parent / "ticket.itksnap")
    return Workspace.received(path.parent)


def create_external_headers(secret: Path) -> dict[str, str]:
    """Return headers that name a voxel file outside their folder, by their file names."""
    meta, key = META.format(""), "ElementDataFile"
    commented = META.format("Comment =\nElementDataFile = LOCAL\n")
    return {
        "absolute.mhd": f"{meta}{key} = {secret}\n",
        "absolute.mha": f"{meta}{key} = {secret}\n",
        "UPPER.MHA": f"{meta}{key} = {secret}\n",
        "relative.mhd": f"{meta}{key} = ../other/secret.raw\n",
        "colon.mha": f"{meta}{key} : {secret}\n",
        "spelt.mha": f"{meta}elementdatafile = LOCAL\n{key} = {secret}\n",
        "empty.mha": f"{commented}{key} = {secret}\n",
        "list.mha": f"{meta}{key} = LIST\n{secret}\n{secret}\n",
        "list-2d.mha": f"{meta}{key} = LIST 2\n{secret}\n{secret}\n",
        "pattern.mha": f"{meta}{key} = {secret.parent}/secret%d.raw 1 2 1\n",
        "absolute.nhdr": f"{NRRD}data file: {secret}\n",
        "absolute.nrrd": f"{NRRD}datafile: {secret}\n\n",
        "upper.nrrd": f"{NRRD}DATA FILE: {secret}\n\n",
        "relative.nrrd": f"{NRRD}data file: ../other/secret.raw\n\n",
        "comment.nrrd": f"{NRRD}# nothing\rdata file: {secret}\n\n",
        "list.nrrd": f"{NRRD}data file: LIST\n{secret}\n{secret}\n",
        "pattern.nrrd": f"{NRRD}data file: {secret.parent}/secret%d.raw 1 2 1\n\n",
        "twice.nrrd": f"{NRRD}data file: a.raw\ndata file: {secret}\n\n",
    }


@pytest.mark.parametrize("name", create_external_headers(Path("/none")))
def test_header_that_names_file_outside_folder_is_refused(
    name: str, ticket: Path, secret: Path
) -> None:
    header = create_external_headers(secret)[name]

    with pytest.raises(
        ImageUnreadable, match=rf"{name} was not read: .* Ask the sender for a \.nii\.gz file"
    ):
        open_received(ticket / name, header)


@pytest.mark.parametrize(
    "name",
    [
        "absolute.mhd",
        "relative.mhd",
        "colon.mha",
        "spelt.mha",
        "absolute.nhdr",
        "absolute.nrrd",
        "upper.nrrd",
        "relative.nrrd",
        "comment.nrrd",
    ],
)
def test_unchecked_readers_follow_headers_outside_folder(
    name: str, ticket: Path, secret: Path
) -> None:
    """Show that the refused headers are dangerous. Other headers would end this process."""
    (ticket / name).write_bytes(create_external_headers(secret)[name].encode() + bytes(48))

    assert sitk.GetArrayFromImage(read.read_image(ticket / name)).tobytes() == SECRET


def test_refused_image_cannot_be_exported(ticket: Path, secret: Path) -> None:
    name, header = "a.mhd", create_external_headers(secret)["absolute.mhd"]

    with pytest.raises(ImageUnreadable, match=r"secret\.raw"):
        open_received(ticket / name, header).export(ticket.parent / "out" / "a.itksnap")

    assert not (ticket.parent / "out").exists()


@pytest.mark.parametrize(
    "name",
    [
        "a.nii",
        "a.nii.gz",
        "A.NII.GZ",
        "a.gipl",
        "a.gipl.gz",
        "a.vtk",
        "a.hdr",
        "a.img",
        "a.mha",
        "a.mhd",
        "a.nrrd",
        "a.nhdr",
        "a.png",
        "a.tif",
        "a.dcm",
    ],
)
def test_image_with_all_files_in_one_folder_is_read(name: str, ticket: Path) -> None:
    values = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)[: 1 if name.endswith("png") else 2]
    image = sitk.GetImageFromArray(values[0] if name.endswith(("png", "dcm")) else values)
    sitk.WriteImage(image, str(ticket / name.lower()))
    (ticket / name.lower()).rename(ticket / name)

    array = open_received(ticket / name).main.array().array

    assert array[:, :, 0].T.tolist() == values[0].tolist()
    path = open_received(ticket / name).export(ticket.parent / "out" / "a.itksnap").workspace
    assert np.array_equal(Workspace.received(path.parent).main.array().array, array)


def test_dicom_file_without_extension_is_read(ticket: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((4, 5), np.uint16)), str(ticket / "a.dcm"))
    (ticket / "a.dcm").rename(ticket / "IM0001")

    assert open_received(ticket / "IM0001").main.array().array.shape == (5, 4, 1)


@pytest.mark.parametrize("name", ["a.h5", "a.hdf5", "a.nii.gz", "a.nii", "a.dcm", "a.vtk", "a.png"])
@pytest.mark.parametrize("before", [0, 512, 2048])
def test_hdf5_file_is_refused_with_any_name_and_start(name: str, before: int, ticket: Path) -> None:
    path = ticket / "written.h5"
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((2, 3, 4), np.int16)), str(path))
    (ticket / name).write_bytes(bytes(before) + path.read_bytes())
    assert sitk.ImageFileReader.GetImageIOFromFileName(str(ticket / name)) == "HDF5ImageIO"

    with pytest.raises(ImageUnreadable, match="HDF5"):
        open_received(ticket / name)


@pytest.mark.parametrize("name", ["a.mnc", "a.spr", "2dseq", "a.pic", "a.gz", "a"])
def test_unknown_format_is_refused(name: str, ticket: Path) -> None:
    with pytest.raises(ImageUnreadable, match="not known to keep an image in one file"):
        open_received(ticket / name, bytes(600))


@pytest.mark.parametrize(
    "name, header",
    [
        ("a.mha", "no header at all\n"),
        ("a.mha", META.format("")),
        ("a.mha", META.format("Comment = " + 70_000 * "x" + "\n") + "ElementDataFile = LOCAL\n"),
        ("a.nrrd", "no header at all\n\n"),
        ("a.nrrd", NRRD + "# " + 70_000 * "x"),
    ],
)
def test_invalid_header_is_refused(name: str, header: str, ticket: Path) -> None:
    with pytest.raises(ImageUnreadable, match="header is not valid"):
        open_received(ticket / name, header)


def create_link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


def create_mhd_with_link(folder: Path, secret: Path) -> Path:
    (folder / "a.mhd").write_text(META.format("") + "ElementDataFile = a.raw\n")
    create_link(folder / "a.raw", secret)
    return folder / "a.mhd"


def create_nhdr_with_link(folder: Path, secret: Path) -> Path:
    (folder / "a.nhdr").write_text(NRRD + "data file: ./a.raw\n")
    create_link(folder / "a.raw", secret)
    return folder / "a.nhdr"


def create_analyze_with_link(folder: Path, secret: Path) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((2, 3, 4), np.int16)), str(folder / "a.hdr"))
    (folder / "a.img").unlink()
    create_link(folder / "a.img", secret)
    return folder / "a.hdr"


def create_folder_with_link(folder: Path, secret: Path) -> Path:
    (folder / "dicom").mkdir()
    create_link(folder / "dicom" / "1.dcm", secret)
    return folder / "dicom"


@pytest.mark.parametrize(
    "create_image",
    [
        create_mhd_with_link,
        create_nhdr_with_link,
        create_analyze_with_link,
        create_folder_with_link,
    ],
)
def test_link_of_second_file_out_of_folder_is_refused(
    create_image: Callable[[Path, Path], Path], ticket: Path, secret: Path
) -> None:
    with pytest.raises(ImageUnreadable, match="is a link out of the folder"):
        open_received(create_image(ticket, secret))

    shutil.copytree(ticket, ticket.parent / "copy")  # follows links
    assert Workspace.received(ticket.parent / "copy").main.existing_path()


def test_link_of_series_file_out_of_folder_is_refused(ticket: Path, secret: Path) -> None:
    image = sitk.GetImageFromArray(np.ones((4, 5), np.uint16))
    sitk.WriteImage(image, str(ticket / "1.dcm"))
    create_link(ticket / "2.dcm", secret)

    assert open_received(ticket / "1.dcm").main.array().array.shape == (5, 4, 1)
    with pytest.raises(ImageUnreadable, match=r"2\.dcm, which is read with it, is a link"):
        open_received(ticket / "1.dcm", series=True)


def test_received_workspace_opens_with_missing_and_unnamed_images(ticket: Path) -> None:
    path = nifti.write_nifti(ticket / "a.nii", np.zeros((2, 2, 2), np.uint8))
    workspace = Workspace.create(path)
    workspace.add_image(ticket / "none.mhd")
    workspace.add_image("").registry["AbsolutePath"] = ""
    workspace.save(ticket / "ticket.itksnap")

    assert Workspace.received(ticket).main.existing_path() == path


def test_own_workspace_can_name_any_file(ticket: Path, secret: Path) -> None:
    (ticket / "a.mhd").write_text(create_external_headers(secret)["absolute.mhd"])
    Workspace.create(ticket / "a.mhd").save(ticket / "own.itksnap")

    assert Workspace.open(ticket / "own.itksnap").main.array().array.tobytes() == SECRET
