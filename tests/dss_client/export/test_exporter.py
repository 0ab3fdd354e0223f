"""Tests of `Workspace.export`: the exported files, failures, and memory."""

import re
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest

from dss_client import Registry, Workspace
from dss_client.errors import FileNotWritten, ImageMissing, ImageUnreadable, NoMainImage
from dss_client.export import MeshLeftOut, MeshUnreadable, SizesDiffer
from tests.dss_client.export.meshes import VTK, VTP
from tests.dss_client.export.nifti_bytes import create_header, create_voxels, gzip_bytes

SHAPE = (6, 5, 4)
PLAIN = create_header(SHAPE) + create_voxels(SHAPE, 4)
REAL = [
    *("MRIcrop-with-mesh", "diffspace", "img4d_11f", "mesh_workspace", "tensor"),
    *("ultrasound_ws4d", "warpfield"),
]
"""Workspaces with the files of all images."""


@pytest.fixture
def workspace(sources: Path) -> Workspace:
    """Create a workspace with three images, two of them equal, and two meshes."""
    for name in ("scan.nii.gz", "other.nii.gz", "seg.nii.gz"):
        (sources / name).write_bytes(gzip_bytes(PLAIN, name=name.encode()))
    (sources / "other.nii.gz").write_bytes(gzip_bytes(PLAIN[:-1] + b"\7"))
    (sources / "mesh.vtk").write_bytes(VTK % b"title")
    (sources / "mesh.vtp").write_bytes(VTP % b"1")
    workspace = Workspace.create(sources / "scan.nii.gz", nickname="Scan", tags=["T1-MRI"])
    workspace.add_image(sources / "other.nii.gz")
    workspace.add_segmentation(sources / "seg.nii.gz")
    workspace.add_mesh(sources / "mesh.vtk", nickname="Ventricles")
    workspace.add_mesh(sources / "mesh.vtp").add_file(sources / "mesh.vtk", time_point=2)
    workspace.save(sources / "work.itksnap")
    return workspace


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Content


@pytest.mark.filterwarnings("ignore::dss_client.export.MeshLeftOut")
@pytest.mark.parametrize("name", REAL)
def test_export_of_itksnap_test_workspace_changes_only_paths_hints_and_histories(
    name: str, itksnap_data: Path, tmp_path: Path
) -> None:
    was = Workspace.open(itksnap_data / f"{name}.itksnap")
    manifest = was.export(tmp_path / "work.itksnap")
    now = dict(Registry.read(manifest.workspace).walk())

    assert now.pop("SaveLocation") == "/workspace"
    for key, value in was.registry.walk():
        if re.search(r"\.IOHints\.|\.IOHistory\.|TimePoint\[00[23]\]\.", key):
            assert key not in now
        elif key.endswith(".AbsolutePath"):
            assert re.fullmatch(r"/workspace/(layer|mesh)_\d{3}_[0-9a-f]{32}\.[a-z.]+", now[key])
            del now[key]
        elif key != "SaveLocation":
            assert now.pop(key) == value
    assert now == {}


@pytest.mark.filterwarnings("ignore::dss_client.export.MeshLeftOut")
@pytest.mark.parametrize("name", REAL)
def test_exported_workspace_finds_its_files_in_any_folder(
    name: str, itksnap_data: Path, tmp_path: Path
) -> None:
    manifest = Workspace.open(itksnap_data / f"{name}.itksnap").export(
        tmp_path / "a" / "work.itksnap"
    )

    for folder in (tmp_path / "a", tmp_path / "moved" / "there"):
        if folder != tmp_path / "a":
            folder.parent.mkdir()
            (tmp_path / "a").rename(folder)
        found = Workspace.open(folder / "work.itksnap")
        paths = [layer.existing_path() for layer in found.layers]
        paths += [path for mesh in found.meshes for row in mesh.files.values() for path in row]
        assert [path.name for path in paths] == [file.path.name for file in manifest.files]
        assert all(path.parent == folder and path.is_file() for path in paths)


def test_export_does_not_change_workspace_and_its_files(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    registry, files = workspace.registry.copy(), read_files(sources)

    workspace.export(target, anonymize="strict", meshes=False)

    assert workspace.registry == registry
    assert workspace.path == sources / "work.itksnap"
    assert read_files(sources) == files


def test_manifest_lists_files_with_sources(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    manifest = workspace.export(target)

    assert manifest.workspace == target
    assert [file.source.name for file in manifest.files] == [
        *("scan.nii.gz", "other.nii.gz", "seg.nii.gz", "mesh.vtk", "mesh.vtp", "mesh.vtk")
    ]
    assert [file.key for file in manifest.files[2:5]] == [
        "Layers.Layer[002]",
        "MeshLayers.Layer[000].MeshTimePoints.TimePoint[001].PolyData[000]",
        "MeshLayers.Layer[001].MeshTimePoints.TimePoint[001].PolyData[000]",
    ]
    assert [file.copied for file in manifest.files] == [True] * 3 + [False] * 3
    registry = Registry.read(target)
    for file in manifest.files:
        assert registry[f"{file.key}.AbsolutePath"] == f"/workspace/{file.path.name}"
    assert {path.name for path in manifest.paths} == set(read_files(target.parent))
    assert manifest.paths[-1] == target
    table = manifest.to_frame()
    assert list(table["source"]) == [str(file.source) for file in manifest.files]
    assert list(table["removed"])[3:5] == ["title", "field data, information"]


def test_image_in_two_layers_gets_two_names_with_one_hash(sources: Path, target: Path) -> None:
    (sources / "scan.nii.gz").write_bytes(gzip_bytes(PLAIN))
    workspace = Workspace.create(sources / "scan.nii.gz")
    workspace.add_image(sources / "scan.nii.gz")

    one, two = workspace.export(target).files

    assert one.md5 == two.md5
    assert [one.path.name[:9], two.path.name[:9]] == ["layer_000", "layer_001"]
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.parametrize("parallel", [1, 2, 7, None])
def test_result_does_not_depend_on_parallel(
    parallel: int | None, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.export(tmp_path / "one" / "w.itksnap", parallel=1)
    workspace.export(tmp_path / "many" / "w.itksnap", parallel=parallel)

    assert read_files(tmp_path / "one") == read_files(tmp_path / "many")


# Target folder


def test_repeated_export_gives_same_files_and_keeps_others(
    workspace: Workspace, target: Path
) -> None:
    target.parent.mkdir()
    (target.parent / "mine.txt").write_text("mine")
    workspace.export(target)
    first = read_files(target.parent)

    workspace.export(target)

    assert read_files(target.parent) == first
    assert first["mine.txt"] == b"mine"


def test_workspace_is_exported_into_folder_of_its_sources(
    workspace: Workspace, sources: Path
) -> None:
    before = read_files(sources)

    manifest = workspace.export(sources / "out.itksnap")

    after = read_files(sources)
    assert before.items() <= after.items()
    assert set(after) - set(before) == {path.name for path in manifest.paths}


def test_exported_workspace_can_be_exported_beside_itself(
    workspace: Workspace, target: Path
) -> None:
    workspace.export(target)
    before = read_files(target.parent)

    again = Workspace.open(target).export(target.with_name("again.itksnap"))

    after = read_files(target.parent)
    assert after.pop("again.itksnap") == after["work.itksnap"]
    assert after == before
    assert all(file.removed == () for file in again.files)


def test_export_to_workspace_itself_is_refused(
    workspace: Workspace, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_files(sources)
    monkeypatch.chdir(sources)
    for target in (sources / "work.itksnap", "work.itksnap", f"../{sources.name}/work.itksnap"):
        with pytest.raises(ValueError, match="the workspace itself"):
            workspace.export(target)

    assert read_files(sources) == before


# Meshes


def test_meshes_false_leaves_out_all_meshes(workspace: Workspace, target: Path) -> None:
    manifest = workspace.export(target, meshes=False)

    assert Workspace.open(target).meshes == []
    assert len(manifest.files) == 3
    assert not list(target.parent.glob("mesh*"))
    assert any(key.startswith("MeshLayers.Layer[001]") for key in manifest.removed)


def test_missing_meshes_are_left_out_with_warning(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    (sources / "mesh.vtk").unlink()

    with pytest.warns(MeshLeftOut, match=r"mesh\.vtk") as warned:
        manifest = workspace.export(target)

    assert len(warned) == 2
    assert all(warning.filename == __file__ for warning in warned), "points to where it was called"
    (mesh,) = Workspace.open(target).meshes
    assert list(mesh.files) == [1]
    assert [file.source.name for file in manifest.files[3:]] == ["mesh.vtp"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        workspace.export(target, meshes=False)


def test_invalid_mesh_fails_export(workspace: Workspace, sources: Path, target: Path) -> None:
    (sources / "mesh.vtp").write_bytes(b"no mesh")
    with pytest.raises(MeshUnreadable, match="mesh 001"):
        workspace.export(target)

    assert list(target.parent.iterdir()) == []


def test_paths_in_unused_places_are_removed(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    for key in ("MeshLayers.Layer[000].AbsolutePath", "Layers.Layer[000].X.AbsolutePath"):
        workspace.registry[key] = str(sources / "mesh.vtk")

    manifest = workspace.export(target)

    keys = [key for key, _ in Registry.read(target).walk() if "AbsolutePath" in key]
    assert sorted(keys) == sorted(f"{file.key}.AbsolutePath" for file in manifest.files)


# Failures


@pytest.mark.parametrize("parallel", [1, 3])
def test_failure_names_layer_and_keeps_existing_files(
    parallel: int, workspace: Workspace, sources: Path, target: Path
) -> None:
    workspace.export(target)
    before = read_files(target.parent)
    raw = (sources / "seg.nii.gz").read_bytes()
    (sources / "seg.nii.gz").write_bytes(raw[:-1])
    with pytest.raises(ImageUnreadable, match=r"layer 002 \(seg\).*seg\.nii\.gz"):
        workspace.export(target, parallel=parallel)

    assert read_files(target.parent) == before


def test_segmentation_with_a_size_unlike_the_main_image_is_refused(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    turned = SHAPE[::-1]
    (sources / "turned.nii").write_bytes(create_header(turned) + create_voxels(turned, 4))
    workspace.add_image(sources / "turned.nii")  # overlays can have another size
    workspace.export(target)
    before = read_files(target.parent)
    workspace.add_segmentation(sources / "turned.nii", nickname="Turned")

    with pytest.raises(SizesDiffer, match=r"6 x 5 x 4 voxels.*004 \(Turned\) has 4 x 5 x 6"):
        workspace.export(target)
    assert read_files(target.parent) == before


def test_missing_images_are_all_named_before_export(
    workspace: Workspace, sources: Path, target: Path
) -> None:
    (sources / "scan.nii.gz").unlink()
    (sources / "seg.nii.gz").unlink()
    with pytest.raises(
        ImageMissing, match=r"scan\.nii\.gz of layer 000.*seg\.nii\.gz of layer 002"
    ):
        workspace.export(target)

    assert not target.parent.exists()


def test_workspace_without_main_image_is_refused(target: Path) -> None:
    with pytest.raises(NoMainImage):
        Workspace().export(target)


def test_folder_with_name_of_workspace_undoes_export(workspace: Workspace, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "mine.txt").write_text("mine")
    with pytest.raises(FileNotWritten, match=r"work\.itksnap"):
        workspace.export(target)

    assert [path.name for path in target.parent.iterdir()] == ["work.itksnap"]
    assert (target / "mine.txt").read_text() == "mine"


def test_folder_with_name_of_image_undoes_export(workspace: Workspace, target: Path) -> None:
    last = workspace.export(target).files[2].path
    last.unlink()
    last.mkdir()
    target.write_bytes(b"former")
    others = {path.name for path in target.parent.iterdir()}
    (target.parent / next(name for name in others if name[:9] == "layer_000")).write_bytes(b"older")
    with pytest.raises(FileNotWritten):
        workspace.export(target)

    assert {path.name for path in target.parent.iterdir()} == others
    assert target.read_bytes() == b"former"
    assert b"older" in [path.read_bytes() for path in target.parent.glob("layer_000*")]


def test_file_in_place_of_folder_is_reported(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FileNotWritten, match="cannot be exported"):
        workspace.export(tmp_path / "out" / "work.itksnap")

    assert (tmp_path / "out").read_text() == "mine"


FULL = """
import resource, signal, sys
from dss_client import Workspace
from dss_client.errors import FileNotWritten
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
workspace = Workspace.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    workspace.export(sys.argv[2])
except FileNotWritten as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files is limited with POSIX")
@pytest.mark.parametrize("kind", ["copied", "compressed", "interleaved"])
def test_full_disk_is_reported_and_leaves_no_files(kind: str, sources: Path, target: Path) -> None:
    shape = (20, 20, 20, 1, 3)
    options: dict[str, Any] = {"intent": 1007} if kind == "interleaved" else {}
    options |= {"texts": {"descrip": b"x"}} if kind == "compressed" else {}
    noise = bytes((number * number) % 251 ^ number >> 7 & 255 for number in range(48_000))
    level = 9 if kind == "interleaved" else 0
    (sources / "scan.nii.gz").write_bytes(
        gzip_bytes(create_header(shape, **options) + noise, level=level)
    )
    Workspace.create(sources / "scan.nii.gz").save(sources / "work.itksnap")

    done = subprocess.run(
        [sys.executable, "-c", FULL, sources / "work.itksnap", target],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert "Free space" in done.stdout, done.stdout
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    "wrong", [{"anonymize": "no"}, {"anonymize": None}, {"parallel": 0}, {"parallel": -1}]
)
def test_invalid_arguments_are_refused(
    wrong: dict[str, Any], workspace: Workspace, target: Path
) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        workspace.export(target, **wrong)

    assert not target.parent.exists()


# Memory

SIZE = 400 << 20
ALLOWED = 64 << 20
GROWTH = r"""
import re, sys
from pathlib import Path
from dss_client import Workspace

def peak():
    # ru_maxrss would include the memory of the parent process.
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) << 10

small, large, folder = sys.argv[1:]
Workspace.create(small).export(folder + "/small/w.itksnap", parallel=2)  # imports all modules
workspace = Workspace()
for number in range(2):
    workspace.registry[f"Layers.Layer[{number:03d}].AbsolutePath"] = large
    workspace.registry[f"Layers.Layer[{number:03d}].Role"] = ["MainRole", "OverlayRole"][number]
before = peak()
manifest = workspace.export(folder + "/large/w.itksnap", parallel=2)
print(peak() - before, manifest.files[0].copied)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="the peak of memory is read from /proc"
)
@pytest.mark.parametrize("kind", ["copied", "compressed"])
def test_memory_does_not_grow_with_size_of_image(kind: str, sources: Path, tmp_path: Path) -> None:
    side = 640
    shape = (side, side, SIZE // 2 // side // side)
    texts = {"descrip": b"text"} if kind == "compressed" else {}
    deflater = zlib.compressobj(1, wbits=31)
    with (sources / "large.nii.gz").open("wb") as file:
        file.write(deflater.compress(create_header(shape, texts=texts)))
        rest = shape[0] * shape[1] * shape[2] * 2
        block = bytes(1 << 20)
        while rest:
            file.write(deflater.compress(block[:rest]))
            rest -= min(rest, len(block))
        file.write(deflater.flush())
    (sources / "small.nii.gz").write_bytes(gzip_bytes(PLAIN))

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            GROWTH,
            sources / "small.nii.gz",
            sources / "large.nii.gz",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    growth, copied = done.stdout.split()
    assert copied == str(kind == "copied")
    assert int(growth) < ALLOWED, f"{int(growth) >> 20} MB"
