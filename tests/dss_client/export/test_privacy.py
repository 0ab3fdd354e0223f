"""Tests that a marker in any private place is missing in the exported files.

Each test first finds the marker in what it planted, with the same search: it could fail.
"""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import SimpleITK as sitk

from dss_client import Workspace
from dss_client.export import Anonymize, Manifest, MeshUnreadable
from tests.dss_client.export.meshes import VTK, VTP
from tests.dss_client.export.nifti_bytes import (
    TEXT_FIELDS,
    create_extension,
    create_header,
    create_voxels,
    gzip_bytes,
)

MARKER_TEXT = "QzMarker"
MARKER = MARKER_TEXT.encode()
SHAPE = (6, 5, 4)
HEADER, VOXELS = create_header(SHAPE), create_voxels(SHAPE, 4)
PLAIN = HEADER + VOXELS


def find_marker(folder: Path) -> list[str]:
    """List the places of the marker in a folder: names, files and decompressed content."""
    found = list[str]()
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if MARKER_TEXT in name:
            found.append(name)
        if path.is_file() and any(MARKER in raw for raw in iterate_contents(path.read_bytes())):
            found.append(f"in {name}")
    return found


def iterate_contents(raw: bytes) -> Iterator[bytes]:
    """Yield a file, and the content of each of its gzip members."""
    yield raw
    while raw.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(31)
        yield member.decompress(raw)
        raw = member.unused_data


def export_without_marker(
    workspace: Workspace, sources: Path, target: Path, anonymize: Anonymize = "names"
) -> Manifest:
    """Export a workspace, and check that the marker is in its sources only."""
    workspace.save(sources / "work.itksnap")
    assert find_marker(sources), "the marker was not planted"
    manifest = workspace.export(target, anonymize=anonymize)
    assert find_marker(target.parent) == []
    assert len(list(target.parent.iterdir())) == len(manifest.paths)
    return manifest


# In images


def _mark_field(name: str) -> bytes:
    return create_header(SHAPE, texts={name: MARKER}) + VOXELS


def _insert_before_voxels(rest: bytes) -> bytes:
    return create_header(SHAPE, start=348 + len(rest))[:348] + rest + VOXELS


def _overwrite_header(at: int) -> bytes:
    return HEADER[:at] + MARKER[:8] + HEADER[at + 8 :] + VOXELS


IN_NIFTI: dict[str, bytes] = {
    **{name: _mark_field(name) for name in TEXT_FIELDS},
    "extension": _insert_before_voxels(create_extension(MARKER)),
    "a gap before the voxels": _insert_before_voxels(bytes(20) + MARKER),
    "behind the voxels": PLAIN + MARKER,
    "glmax and glmin": _overwrite_header(140),
}
IN_GZIP: dict[str, bytes] = {
    **{name: gzip_bytes(PLAIN, **{name: MARKER}) for name in ("name", "comment", "extra")},  # type: ignore[arg-type]
    "all fields": gzip_bytes(PLAIN, name=MARKER, comment=MARKER, extra=MARKER, check=True),
    "a second member": gzip_bytes(PLAIN) + gzip_bytes(MARKER),
    "the name of an empty second member": gzip_bytes(PLAIN) + gzip_bytes(b"", name=MARKER),
    "the name of the member with the voxels": gzip_bytes(HEADER) + gzip_bytes(VOXELS, name=MARKER),
    "behind the file": gzip_bytes(PLAIN) + MARKER,
    "far behind the file": gzip_bytes(PLAIN) + bytes(70_000) + MARKER,
}
FILES: dict[str, tuple[str, bytes]] = {
    **{f"{name}, compressed": (".nii.gz", gzip_bytes(raw)) for name, raw in IN_NIFTI.items()},
    **{f"{name}, stored": (".nii.gz", gzip_bytes(raw, level=0)) for name, raw in IN_NIFTI.items()},
    **{f"{name}, plain": (".nii", raw) for name, raw in IN_NIFTI.items()},
    **{f"gzip: {name}": (".nii.gz", raw) for name, raw in IN_GZIP.items()},
    "a scaled image": (
        ".nii.gz",
        gzip_bytes(
            create_header(SHAPE, slope=2, texts=dict.fromkeys(TEXT_FIELDS, MARKER)) + VOXELS
        ),
    ),
    "a big-endian image": (
        ".nii.gz",
        gzip_bytes(
            create_header(SHAPE, order=">", texts=dict.fromkeys(TEXT_FIELDS, MARKER)) + VOXELS
        ),
    ),
}


@pytest.mark.parametrize("place", FILES)
def test_marker_in_nifti_file_is_not_exported(place: str, sources: Path, target: Path) -> None:
    suffix, raw = FILES[place]
    source = sources / f"scan{suffix}"
    source.write_bytes(raw)

    manifest = export_without_marker(Workspace.create(source), sources, target)

    removed = manifest.files[0].removed
    if "gzip" not in place and "behind" not in place:
        assert removed, "the manifest does not say what was removed"


def _write_nrrd(path: Path) -> None:
    image = sitk.Image(5, 4, sitk.sitkInt16)
    image.SetMetaData("PatientName", MARKER_TEXT)
    image.SetMetaData(f"{MARKER_TEXT}_key", "x")
    sitk.WriteImage(image, path)


def _write_metaimage(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkInt16), path)
    raw = path.read_bytes()
    lines = f"Comment = {MARKER_TEXT}\nPatientName = {MARKER_TEXT}\nElementSpacing".encode()
    path.write_bytes(raw.replace(b"ElementSpacing", lines, 1))


def _write_dicom(path: Path) -> None:
    image = sitk.Image(5, 4, sitk.sitkInt16)
    for tag in ("0010|0010", "0010|0020", "0008|0080", "0008|103e", "0020|4000"):
        image.SetMetaData(tag, MARKER_TEXT)
    sitk.WriteImage(image, path)


def _write_tiff(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkUInt8), path)
    path.write_bytes(path.read_bytes() + MARKER)


def _write_analyze(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkInt16), path)
    raw = bytearray(path.read_bytes())
    raw[148 : 148 + len(MARKER)] = raw[228 : 228 + len(MARKER)] = MARKER
    path.write_bytes(raw)


FORMATS: dict[str, Callable[[Path], None]] = {
    ".nrrd": _write_nrrd,
    ".nhdr": _write_nrrd,
    ".mha": _write_metaimage,
    ".mhd": _write_metaimage,
    ".dcm": _write_dicom,
    ".tif": _write_tiff,
    ".hdr": _write_analyze,
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_marker_in_header_of_other_format_is_not_exported(
    suffix: str, sources: Path, target: Path
) -> None:
    source = sources / f"scan{suffix}"
    FORMATS[suffix](source)

    manifest = export_without_marker(Workspace.create(source), sources, target)

    if suffix in {".nrrd", ".mha", ".dcm", ".hdr"}:
        assert manifest.files[0].removed


# In names


def test_marker_in_file_and_folder_names_is_not_exported(sources: Path, target: Path) -> None:
    folder = sources / MARKER_TEXT / f"{MARKER_TEXT} Hans"
    folder.mkdir(parents=True)
    for name in (f"{MARKER_TEXT}.nii.gz", f"{MARKER_TEXT}-2.nii"):
        (folder / name).write_bytes(gzip_bytes(PLAIN, name=MARKER))
    (folder / f"{MARKER_TEXT}.vtk").write_bytes(VTK % b"mesh")
    (folder / f"{MARKER_TEXT}.vtp").write_bytes(VTP % b"1")
    workspace = Workspace.create(folder / f"{MARKER_TEXT}.nii.gz")
    workspace.add_image(folder / f"{MARKER_TEXT}-2.nii")
    workspace.add_mesh(folder / f"{MARKER_TEXT}.vtk").add_file(
        folder / f"{MARKER_TEXT}.vtp", time_point=2
    )

    manifest = export_without_marker(workspace, folder, target)

    assert len(manifest.files) == 4
    assert all(MARKER_TEXT in str(file.source) for file in manifest.files)


# In the workspace

KEYS = (
    "Unheard",
    "Unheard.Folder.Key",
    "Unheard.SaveLocation",
    "Unheard.AbsolutePath",
    "Unheard.Type",
    "AbsolutePath",
    "PatientName",
    "Version",
    "Layers.AbsolutePath",
    "Layers.Layer[000].Unheard",
    "Layers.Layer[000].SaveLocation",
    "Layers.Layer[000].LayerMetaData.AbsolutePath",
    "Layers.Layer[000].LayerMetaData.Unheard",
    "Layers.Layer[000].IOHints.Format",
    "Layers.Layer[000].IOHints.DICOM.PatientName",
    "Layers.Layer[000].ProjectMetaData.IOHistory.AnatomicImage.Element[0]",
    "Layers.Layer[000].ProjectMetaData.IOHistory.LabelDescriptions.Element[0]",
    "Layers.Layer[000].ProjectMetaData.Files.Grey.Path",
    "Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Color",
    "Layers.Layer[007].AbsolutePath",
    "Layers.Layer[007].IOHints.Format",
    "MeshLayers.AbsolutePath",
    "MeshLayers.Layer[009].MeshTimePoints.TimePoint[001].PolyData[000].AbsolutePath",
    "Annotations.Path",
    "TimePointProperties.Note",
)


@pytest.mark.parametrize("value", [f"/home/{MARKER_TEXT}/x.nii.gz", MARKER_TEXT])
@pytest.mark.parametrize("key", KEYS)
def test_marker_in_workspace_entry_is_not_exported(
    key: str, value: str, sources: Path, target: Path
) -> None:
    (sources / "scan.nii.gz").write_bytes(gzip_bytes(PLAIN))
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.save(sources / "work.itksnap")
    workspace.registry[key] = value
    workspace.registry.write(sources / "work.itksnap")
    assert find_marker(sources)

    manifest = Workspace.open(sources / "work.itksnap").export(target)

    assert find_marker(target.parent) == []
    assert any(key.startswith(removed) for removed in manifest.removed)


def test_marker_in_comment_of_workspace_file_is_not_exported(sources: Path, target: Path) -> None:
    (sources / "scan.nii.gz").write_bytes(gzip_bytes(PLAIN))
    Workspace.create(sources / "scan.nii.gz").save(path := sources / "work.itksnap")
    path.write_text(path.read_text("utf-8") + f"<!-- {MARKER_TEXT} -->", "utf-8")
    assert find_marker(sources)

    Workspace.open(path).export(target)

    assert find_marker(target.parent) == []


USER_TEXTS = {
    "Layers.Layer[000].LayerMetaData.CustomNickName": MARKER_TEXT,
    "Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Label": MARKER_TEXT,
    "MeshLayers.Layer[000].NickName": MARKER_TEXT,
    "Annotations.Annotations.Element[0].Text": MARKER_TEXT,
    "TimePointProperties.TimePoints.TimePoint[1].Nickname": MARKER_TEXT,
}


@pytest.mark.parametrize("key", USER_TEXTS)
def test_marker_in_user_text_is_exported_unless_strict(
    key: str, sources: Path, target: Path
) -> None:
    (sources / "scan.nii.gz").write_bytes(gzip_bytes(PLAIN))
    (sources / "mesh.vtk").write_bytes(VTK % b"mesh")
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.add_mesh(sources / "mesh.vtk")
    workspace.registry["Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Index"] = 3
    workspace.registry[key] = USER_TEXTS[key]

    kept = workspace.export(target.parent.with_name("names") / "work.itksnap")

    assert find_marker(kept.workspace.parent) == ["in work.itksnap"]
    assert Workspace.open(kept.workspace).registry[key] == MARKER_TEXT
    assert key not in kept.removed
    assert key in export_without_marker(workspace, sources, target, "strict").removed


# In meshes

MESHES = {
    "the title of a legacy file": (".vtk", VTK % MARKER),
    "a comment": (".vtp", (VTP % b"1").replace(b"<PolyData>", b"<PolyData><!-- QzMarker -->")),
    "field data": (".vtp", VTP % MARKER),
    "the end": (".vtp", VTP % b"1" + b"<!-- QzMarker -->"),
    "an attribute": (".vtp", (VTP % b"1").replace(b"<Points>", b"<Points author='QzMarker'>")),
    "a text": (".vtp", (VTP % b"1").replace(b"<Points>", b"<!-- x -->QzMarker: Hans<Points>")),
    "an array of texts": (
        ".vtk",
        (VTK % b"m").replace(b"SCALARS", b"FIELD f 1\nname 1 1 string\nQzMarker\nSCALARS"),
    ),
}


@pytest.mark.parametrize("place", MESHES)
def test_marker_in_mesh_is_not_exported(place: str, sources: Path, target: Path) -> None:
    suffix, raw = MESHES[place]
    (sources / "scan.nii.gz").write_bytes(gzip_bytes(PLAIN))
    (sources / f"mesh{suffix}").write_bytes(raw)
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.add_mesh(sources / f"mesh{suffix}")
    try:
        export_without_marker(workspace, sources, target)
    except MeshUnreadable:
        assert find_marker(target.parent) == []
        assert place in {"a text", "an array of texts"}
