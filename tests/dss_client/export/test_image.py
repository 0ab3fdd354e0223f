"""Tests of exported images: copies, formats, damaged files and cancellation."""

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk

from dss_client import Registry, Workspace
from dss_client.errors import ImageMissing, ImageUnreadable
from dss_client.export.image import ExportCancelled, export_image
from dss_client.images.gzip_stream import NEUTRAL_HEADER, read_header_length
from tests.dss_client.export.nifti_bytes import (
    TEXT_FIELDS,
    create_extension,
    create_header,
    create_voxels,
    gzip_bytes,
)
from tests.dss_client.export.one_image import export_one_image, read_hash_and_geometry

SHAPE = (20, 30, 10)
PLAIN = create_header(SHAPE) + create_voxels(SHAPE, 4)


def read_compressed_stream(path: Path) -> bytes:
    """Return the compressed part of a gzip file, with its checksum."""
    raw = path.read_bytes()
    return raw[read_header_length(io.BytesIO(raw)) :]


# Copies


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize(
    "fields", [{}, {"name": b"Mueller.nii", "comment": b"x", "extra": b"y" * 70, "check": True}]
)
def test_clean_file_keeps_its_compressed_bytes(
    fields: dict[str, bytes], level: int, sources: Path, target: Path
) -> None:
    source = sources / "image.nii.gz"
    source.write_bytes(gzip_bytes(PLAIN, **fields, level=level))  # type: ignore[arg-type]

    file = export_one_image(source, target)

    assert file.copied
    assert file.removed == ()
    assert file.path.read_bytes() == NEUTRAL_HEADER + read_compressed_stream(source)


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_header_with_text_is_cleaned_and_voxels_are_recompressed(
    field: str, sources: Path, target: Path
) -> None:
    source = sources / "image.nii.gz"
    source.write_bytes(
        gzip_bytes(create_header(SHAPE, texts={field: b"text"}) + create_voxels(SHAPE, 4), level=0)
    )

    file = export_one_image(source, target)

    assert not file.copied
    assert file.removed == (field,)
    clean = bytearray(PLAIN)
    clean[38] = 0
    assert gzip.decompress(file.path.read_bytes()) == bytes(clean)


def test_extensions_and_unused_numbers_are_removed(sources: Path, target: Path) -> None:
    between = create_extension(b"comment")
    start = create_header(SHAPE, start=348 + len(between))[:348]
    source = sources / "image.nii.gz"
    source.write_bytes(gzip_bytes(start + between + create_voxels(SHAPE, 4)))
    assert export_one_image(source, target).removed == ("extensions",)

    source.write_bytes(gzip_bytes(PLAIN[:140] + b"Mueller " + PLAIN[148:]))
    assert export_one_image(source, target).removed == ("unused numbers",)


@pytest.mark.parametrize(
    "raw",
    [
        gzip_bytes(PLAIN + b"x"),
        gzip_bytes(PLAIN) + b"x",
        gzip_bytes(PLAIN) + gzip_bytes(b"x"),
        gzip_bytes(PLAIN) + gzip_bytes(b"", name=b"x"),
        gzip_bytes(PLAIN[:400]) + gzip_bytes(PLAIN[400:]),
        PLAIN,
        PLAIN + b"x",
    ],
)
def test_file_with_more_than_one_clean_member_is_recompressed(
    raw: bytes, sources: Path, target: Path
) -> None:
    source = sources / "image.nii.gz"
    source.write_bytes(raw)

    file = export_one_image(source, target)

    assert not file.copied
    assert gzip.decompress(file.path.read_bytes())[352:] == PLAIN[352:]
    assert len(gzip.decompress(file.path.read_bytes())) == len(PLAIN)


@pytest.mark.parametrize("texts", [{}, {"descrip": b"text"}])
def test_equal_images_give_equal_files(
    texts: dict[str, bytes], sources: Path, tmp_path: Path
) -> None:
    for name in ("one.nii.gz", "other.nii.gz"):
        raw = gzip_bytes(
            create_header(SHAPE, texts=texts) + create_voxels(SHAPE, 4), name=name.encode()
        )
        (sources / name).write_bytes(raw)

    first = export_one_image(sources / "one.nii.gz", tmp_path / "first" / "w.itksnap")
    again = export_one_image(sources / "other.nii.gz", tmp_path / "again" / "w.itksnap")

    assert first.path.name == again.path.name
    assert first.path.read_bytes() == again.path.read_bytes()


# Formats

KINDS = {
    "2-D": sitk.Image(6, 5, sitk.sitkUInt8),
    "3-D": sitk.GaussianSource(sitk.sitkInt16, [6, 5, 4]),
    "4-D": sitk.Image([4, 3, 2, 5], sitk.sitkFloat32),
    "vector": sitk.Compose(*[sitk.GaussianSource(sitk.sitkFloat64, [6, 5, 4])] * 3),
    "colour": sitk.Compose(*[sitk.Image(6, 5, sitk.sitkUInt8)] * 3),
    "complex": sitk.RealAndImaginaryToComplex(*[sitk.GaussianSource(sitk.sitkFloat32, [6, 5])] * 2),
    "64 bits": sitk.Image([3, 3, 3], sitk.sitkInt64),
    "vector of 4-D": sitk.Image([4, 3, 2, 5], sitk.sitkVectorInt16, 2),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".nii", ".nii.gz", ".hdr"])
def test_image_stays_equal_for_all_types_and_formats(
    kind: str, suffix: str, sources: Path, target: Path
) -> None:
    image = sitk.Image(KINDS[kind])
    image.SetSpacing([1.5, 0.5, 2, 3][: image.GetDimension()])
    image.SetOrigin([7.0, -8, 9, 0][: image.GetDimension()])
    source = sources / f"image{suffix}"
    try:
        sitk.WriteImage(image, source)
    except RuntimeError:
        pytest.skip(f"{suffix} cannot hold {kind}")
    was, file = read_hash_and_geometry(source), export_one_image(source, target)

    now = read_hash_and_geometry(file.path)
    assert file.md5 == now[0] == was[0]
    assert now[1][:3] == was[1][:3]
    for found, wanted in zip(now[1][3:], was[1][3:], strict=True):
        assert found == pytest.approx(wanted, abs=1e-5)
    assert not list(file.path.parent.glob(".*"))


@pytest.mark.parametrize("suffix", [".gipl", ".png", ".tif", ".mhd", ".nhdr", ".vtk", ".dcm"])
def test_other_formats_are_converted_to_nifti(suffix: str, sources: Path, target: Path) -> None:
    size = [6, 5] if suffix in {".png", ".tif"} else [6, 5, 4]
    source = sources / f"image{suffix}"
    sitk.WriteImage(sitk.GaussianSource(sitk.sitkUInt8, size), source)

    assert export_one_image(source, target).md5 == read_hash_and_geometry(source)[0]


@pytest.mark.parametrize("named", ["a slice", "the folder"])
def test_dicom_series_becomes_one_image(named: str, sources: Path, target: Path) -> None:
    uids = ["1.2.826.0.1.3680043.2.1125.1", "1.2.826.0.1.3680043.2.1125.2"]
    for number in range(6):
        one = sitk.Image(5, 4, sitk.sitkInt16) + number
        one.SetMetaData("0020|000e", uids[number >= 4])
        one.SetMetaData("0020|0032", f"0\\0\\{number}")
        one.SetMetaData("0020|0013", str(number))
        one.SetMetaData("0010|0010", "Mueller^Hans")
        writer = sitk.ImageFileWriter()
        writer.KeepOriginalImageUIDOn()
        writer.SetFileName(sources / f"{number}.dcm")
        writer.Execute(one)
    workspace = Workspace.create(sources / "0.dcm" if named == "a slice" else sources)
    workspace.main.registry["IOHints.DICOM.SeriesId"] = uids[0]

    (file,) = workspace.export(target).files

    assert sitk.ReadImage(file.path).GetSize() == (5, 4, 4)


# Damage


def expect_refusal(source: Path, target: Path) -> str:
    """Check that the export of an image fails and leaves no files. Return the error message."""
    with pytest.raises(ImageUnreadable) as caught:
        export_one_image(source, target)
    assert list(target.parent.iterdir()) == []
    assert str(source) in str(caught.value)
    assert "layer 000" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 9, 10, 15, 100, 150, -9, -4, -1])
def test_truncated_file_is_refused(size: int, sources: Path, target: Path) -> None:
    source = sources / "image.nii.gz"
    raw = gzip_bytes(PLAIN)
    source.write_bytes(raw[:size])

    expect_refusal(source, target)


@pytest.mark.parametrize("size", [0, 100, 351, 352, 353, len(PLAIN) - 1])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("options", [{}, {"texts": {"descrip": b"x"}}, {"slope": 2}])
def test_file_shorter_than_its_header_states_is_refused(
    options: dict[str, Any], size: int, suffix: str, sources: Path, target: Path
) -> None:
    source = sources / f"image{suffix}"
    data = (create_header(SHAPE, **options) + PLAIN[352:])[:size]
    source.write_bytes(gzip_bytes(data) if suffix == ".nii.gz" else data)

    expect_refusal(source, target)


@pytest.mark.parametrize("at", [-1, -6, 20, 120])
def test_file_with_changed_byte_is_refused(at: int, sources: Path, target: Path) -> None:
    source = sources / "image.nii.gz"
    raw = bytearray(gzip_bytes(PLAIN))
    raw[at] ^= 0x40
    source.write_bytes(raw)

    expect_refusal(source, target)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x1f\x8bno image either", bytes(1000)])
@pytest.mark.parametrize("name", ["image.nii.gz", "image.nii", "image.mha", "image"])
def test_invalid_image_is_refused(content: bytes, name: str, sources: Path, target: Path) -> None:
    source = sources / name
    source.write_bytes(content)

    expect_refusal(source, target)


def test_folder_without_images_is_refused(sources: Path, target: Path) -> None:
    expect_refusal(sources, target)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_file_without_read_permission_is_refused(sources: Path, target: Path) -> None:
    source = sources / "image.nii.gz"
    source.write_bytes(gzip_bytes(PLAIN))
    source.chmod(0)

    assert "Permission denied" in expect_refusal(source, target)


def test_pipe_is_missing_without_waiting(sources: Path, target: Path) -> None:
    source = sources / "image.nii.gz"
    os.mkfifo(source)
    with pytest.raises(ImageMissing, match="layer 000"):
        Workspace.create(source).export(target)

    assert not target.parent.exists()


def test_layer_without_path_is_missing(sources: Path, target: Path) -> None:
    workspace = Workspace.create(sources / "image.nii.gz")
    workspace.main.registry["AbsolutePath"] = ""
    with pytest.raises(ImageMissing):
        workspace.export(target)


EXPORT_WITHOUT_EXTRAS = """
import sys
import threading
sys.modules["SimpleITK"] = sys.modules["isal"] = None
from dss_client import Workspace
from dss_client.errors import ImagesNotInstalled
try:
    print(Workspace.create(sys.argv[1]).export(sys.argv[2]).files[0].path.name)
except ImagesNotInstalled as error:
    print("refused:", error)
"""


def export_without_extras(source: Path, target: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", EXPORT_WITHOUT_EXTRAS, source, target],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_nifti_gets_same_name_without_images_extra(sources: Path, tmp_path: Path) -> None:
    shape = (6, 5, 4, 1, 3)
    source = sources / "image.nii.gz"
    source.write_bytes(
        gzip_bytes(
            create_header(shape, 4, order=">", intent=1007, texts={"descrip": b"x"})
            + create_voxels(shape, 4)
        )
    )

    bare = export_without_extras(source, tmp_path / "bare" / "work.itksnap")

    assert bare == export_one_image(source, tmp_path / "extra" / "work.itksnap").path.name
    assert read_hash_and_geometry(tmp_path / "bare" / bare) == read_hash_and_geometry(source)


def test_other_formats_are_refused_without_images_extra(sources: Path, target: Path) -> None:
    source = sources / "image.mha"
    sitk.WriteImage(sitk.Image(3, 3, sitk.sitkUInt8), source)

    message = export_without_extras(source, target)

    assert message.startswith("refused: The file of layer 000 (image)")
    assert "pip install 'itksnap-dss-kit[images]'" in message
    assert list(target.parent.iterdir()) == []


def test_hints_are_emptied(sources: Path, target: Path) -> None:
    source = sources / "image.nii.gz"
    source.write_bytes(gzip_bytes(PLAIN))
    workspace = Workspace.create(source)
    workspace.main.registry["IOHints.Format"] = "NiFTI"

    workspace.export(target)

    layer = Registry.read(target).folder("Layers.Layer[000]")
    assert layer.has_folder("IOHints")
    assert list(layer.folder("IOHints").walk()) == []


# Cancellation


@pytest.mark.parametrize("name", ["image.nii", "image.nii.gz"])
def test_cancelled_export_leaves_no_file(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    source.write_bytes(gzip_bytes(PLAIN) if name.endswith(".gz") else PLAIN)
    folder = tmp_path / "out"
    folder.mkdir()
    stop = threading.Event()
    export_image(source, None, folder, stop, position=0)
    before = list(folder.iterdir())

    stop.set()
    with pytest.raises(ExportCancelled):
        export_image(source, None, folder, stop, position=1)
    assert list(folder.iterdir()) == before


INTERRUPTED_EXPORT = """
import os, signal, sys, threading, time
from dss_client import Workspace
source, target = sys.argv[1:]
folder = os.path.dirname(target)
def interrupt():
    while not any(files for _, _, files in os.walk(folder)):
        time.sleep(0.001)
    print(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
os.mkdir(folder)
threading.Thread(target=interrupt, daemon=True).start()
try:
    Workspace.create(source).export(target)
except KeyboardInterrupt:
    print(time.monotonic(), os.listdir(folder))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_interrupt_does_not_wait_for_current_image(sources: Path, target: Path) -> None:
    source = sources / "large.nii"
    shape = (1000, 1000, 8000)  # compressing it would take a minute
    with source.open("wb") as file:
        file.write(create_header(shape))
        file.truncate(352 + 16_000_000_000)

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_EXPORT, source, target],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    began, ended, left = done.stdout.split(maxsplit=2)
    assert float(ended) - float(began) < 10
    assert left.strip() == "[]"
