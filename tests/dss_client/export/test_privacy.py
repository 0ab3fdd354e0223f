"""A marker in every place where something private may stand, and none in what is exported.

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
from tests.dss_client.export.nifti_bytes import TEXTS, extension, gzipped, header, voxels

MARKER = "QzMarker"
PLANTED = MARKER.encode()
SHAPE = (6, 5, 4)
HEADER, VOXELS = header(SHAPE), voxels(SHAPE, 4)
PLAIN = HEADER + VOXELS


def traces(folder: Path) -> list[str]:
    """Where in a folder the marker is: in a name, in a file, or in what it is inflated to."""
    found = list[str]()
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if MARKER in name:
            found.append(name)
        if path.is_file() and any(PLANTED in raw for raw in contents(path.read_bytes())):
            found.append(f"in {name}")
    return found


def contents(raw: bytes) -> Iterator[bytes]:
    """A file, and what is in each member of a gzip file."""
    yield raw
    while raw.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(31)
        yield member.decompress(raw)
        raw = member.unused_data


def exported(
    workspace: Workspace, sources: Path, target: Path, anonymize: Anonymize = "names"
) -> Manifest:
    """Export what was planted, and find nothing of it."""
    workspace.save(sources / "work.itksnap")
    assert traces(sources), "the marker was not planted"
    manifest = workspace.export(target, anonymize=anonymize)
    assert traces(target.parent) == []
    assert len(list(target.parent.iterdir())) == len(manifest.paths)
    return manifest


# In images


def _field(name: str) -> bytes:
    return header(SHAPE, texts={name: PLANTED}) + VOXELS


def _between(rest: bytes) -> bytes:
    return header(SHAPE, start=348 + len(rest))[:348] + rest + VOXELS


def _put(at: int) -> bytes:
    return HEADER[:at] + PLANTED[:8] + HEADER[at + 8 :] + VOXELS


IN_NIFTI: dict[str, bytes] = {
    **{name: _field(name) for name in TEXTS},
    "extension": _between(extension(PLANTED)),
    "a gap before the voxels": _between(bytes(20) + PLANTED),
    "behind the voxels": PLAIN + PLANTED,
    "glmax and glmin": _put(140),
}
IN_GZIP: dict[str, bytes] = {
    **{name: gzipped(PLAIN, **{name: PLANTED}) for name in ("name", "comment", "extra")},  # type: ignore[arg-type]
    "all fields": gzipped(PLAIN, name=PLANTED, comment=PLANTED, extra=PLANTED, check=True),
    "a second member": gzipped(PLAIN) + gzipped(PLANTED),
    "the name of an empty second member": gzipped(PLAIN) + gzipped(b"", name=PLANTED),
    "the name of the member with the voxels": gzipped(HEADER) + gzipped(VOXELS, name=PLANTED),
    "behind the file": gzipped(PLAIN) + PLANTED,
    "far behind the file": gzipped(PLAIN) + bytes(70_000) + PLANTED,
}
FILES: dict[str, tuple[str, bytes]] = {
    **{f"{name}, compressed": (".nii.gz", gzipped(raw)) for name, raw in IN_NIFTI.items()},
    **{f"{name}, stored": (".nii.gz", gzipped(raw, level=0)) for name, raw in IN_NIFTI.items()},
    **{f"{name}, plain": (".nii", raw) for name, raw in IN_NIFTI.items()},
    **{f"gzip: {name}": (".nii.gz", raw) for name, raw in IN_GZIP.items()},
    "a scaled image": (
        ".nii.gz",
        gzipped(header(SHAPE, slope=2, texts=dict.fromkeys(TEXTS, PLANTED)) + VOXELS),
    ),
    "a big-endian image": (
        ".nii.gz",
        gzipped(header(SHAPE, order=">", texts=dict.fromkeys(TEXTS, PLANTED)) + VOXELS),
    ),
}


@pytest.mark.parametrize("place", FILES)
def test_nothing_in_a_nifti_file_leaves(place: str, sources: Path, target: Path) -> None:
    suffix, raw = FILES[place]
    source = sources / f"scan{suffix}"
    source.write_bytes(raw)

    manifest = exported(Workspace.create(source), sources, target)

    told = manifest.files[0].removed
    if "gzip" not in place and "behind" not in place:
        assert told, "the manifest does not say what was removed"


def _nrrd(path: Path) -> None:
    image = sitk.Image(5, 4, sitk.sitkInt16)
    image.SetMetaData("PatientName", MARKER)
    image.SetMetaData(f"{MARKER}_key", "x")
    sitk.WriteImage(image, path)


def _metaimage(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkInt16), path)
    raw = path.read_bytes()
    said = f"Comment = {MARKER}\nPatientName = {MARKER}\nElementSpacing".encode()
    path.write_bytes(raw.replace(b"ElementSpacing", said, 1))


def _dicom(path: Path) -> None:
    image = sitk.Image(5, 4, sitk.sitkInt16)
    for tag in ("0010|0010", "0010|0020", "0008|0080", "0008|103e", "0020|4000"):
        image.SetMetaData(tag, MARKER)
    sitk.WriteImage(image, path)


def _tiff(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkUInt8), path)
    path.write_bytes(path.read_bytes() + PLANTED)


def _analyze(path: Path) -> None:
    sitk.WriteImage(sitk.Image(5, 4, sitk.sitkInt16), path)
    raw = bytearray(path.read_bytes())
    raw[148 : 148 + len(PLANTED)] = raw[228 : 228 + len(PLANTED)] = PLANTED
    path.write_bytes(raw)


FORMATS: dict[str, Callable[[Path], None]] = {
    ".nrrd": _nrrd,
    ".nhdr": _nrrd,
    ".mha": _metaimage,
    ".mhd": _metaimage,
    ".dcm": _dicom,
    ".tif": _tiff,
    ".hdr": _analyze,
}


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_in_the_header_of_another_format_leaves(
    suffix: str, sources: Path, target: Path
) -> None:
    source = sources / f"scan{suffix}"
    FORMATS[suffix](source)

    manifest = exported(Workspace.create(source), sources, target)

    if suffix in {".nrrd", ".mha", ".dcm", ".hdr"}:
        assert manifest.files[0].removed


# In names


def test_names_of_files_and_folders_stay_here(sources: Path, target: Path) -> None:
    folder = sources / MARKER / f"{MARKER} Hans"
    folder.mkdir(parents=True)
    for name in (f"{MARKER}.nii.gz", f"{MARKER}-2.nii"):
        (folder / name).write_bytes(gzipped(PLAIN, name=PLANTED))
    (folder / f"{MARKER}.vtk").write_bytes(VTK % b"mesh")
    (folder / f"{MARKER}.vtp").write_bytes(VTP % b"1")
    workspace = Workspace.create(folder / f"{MARKER}.nii.gz")
    workspace.add_image(folder / f"{MARKER}-2.nii")
    workspace.add_mesh(folder / f"{MARKER}.vtk").add_file(folder / f"{MARKER}.vtp", time_point=2)

    manifest = exported(workspace, folder, target)

    assert len(manifest.files) == 4
    assert all(MARKER in str(file.source) for file in manifest.files)


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


@pytest.mark.parametrize("value", [f"/home/{MARKER}/x.nii.gz", MARKER])
@pytest.mark.parametrize("key", KEYS)
def test_no_text_in_the_workspace_leaves(key: str, value: str, sources: Path, target: Path) -> None:
    (sources / "scan.nii.gz").write_bytes(gzipped(PLAIN))
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.save(sources / "work.itksnap")
    workspace.registry[key] = value
    workspace.registry.write(sources / "work.itksnap")
    assert traces(sources)

    manifest = Workspace.open(sources / "work.itksnap").export(target)

    assert traces(target.parent) == []
    assert any(key.startswith(removed) for removed in manifest.removed)


def test_no_comment_in_the_file_of_the_workspace_leaves(sources: Path, target: Path) -> None:
    (sources / "scan.nii.gz").write_bytes(gzipped(PLAIN))
    Workspace.create(sources / "scan.nii.gz").save(path := sources / "work.itksnap")
    path.write_text(path.read_text("utf-8") + f"<!-- {MARKER} -->", "utf-8")
    assert traces(sources)

    Workspace.open(path).export(target)

    assert traces(target.parent) == []


CONTENT = {
    "Layers.Layer[000].LayerMetaData.CustomNickName": MARKER,
    "Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Label": MARKER,
    "MeshLayers.Layer[000].NickName": MARKER,
    "Annotations.Annotations.Element[0].Text": MARKER,
    "TimePointProperties.TimePoints.TimePoint[1].Nickname": MARKER,
}


@pytest.mark.parametrize("key", CONTENT)
def test_what_people_wrote_leaves_unless_strict(key: str, sources: Path, target: Path) -> None:
    (sources / "scan.nii.gz").write_bytes(gzipped(PLAIN))
    (sources / "mesh.vtk").write_bytes(VTK % b"mesh")
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.add_mesh(sources / "mesh.vtk")
    workspace.registry["Layers.Layer[000].ProjectMetaData.IRIS.LabelTable.Element[0].Index"] = 3
    workspace.registry[key] = CONTENT[key]

    kept = workspace.export(target.parent.with_name("names") / "work.itksnap")

    assert traces(kept.workspace.parent) == ["in work.itksnap"]
    assert Workspace.open(kept.workspace).registry[key] == MARKER
    assert key not in kept.removed
    assert key in exported(workspace, sources, target, "strict").removed


# In meshes

MESHES = {
    "the title of a legacy file": (".vtk", VTK % PLANTED),
    "a comment": (".vtp", (VTP % b"1").replace(b"<PolyData>", b"<PolyData><!-- QzMarker -->")),
    "field data": (".vtp", VTP % PLANTED),
    "the end": (".vtp", VTP % b"1" + b"<!-- QzMarker -->"),
    "an attribute": (".vtp", (VTP % b"1").replace(b"<Points>", b"<Points author='QzMarker'>")),
    "a text": (".vtp", (VTP % b"1").replace(b"<Points>", b"<!-- x -->QzMarker: Hans<Points>")),
    "an array of texts": (
        ".vtk",
        (VTK % b"m").replace(b"SCALARS", b"FIELD f 1\nname 1 1 string\nQzMarker\nSCALARS"),
    ),
}


@pytest.mark.parametrize("place", MESHES)
def test_no_text_in_a_mesh_leaves(place: str, sources: Path, target: Path) -> None:
    suffix, raw = MESHES[place]
    (sources / "scan.nii.gz").write_bytes(gzipped(PLAIN))
    (sources / f"mesh{suffix}").write_bytes(raw)
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.add_mesh(sources / f"mesh{suffix}")
    try:
        exported(workspace, sources, target)
    except MeshUnreadable:
        assert traces(target.parent) == []
        assert place in {"a text", "an array of texts"}
