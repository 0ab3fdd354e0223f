"""Exported workspaces compared with exports of the original client."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dss_client import Registry, Workspace
from tests.dss_client.conftest import ITKSNAP_DATA

from . import real_middleware

SCRIPT = Path(__file__).with_name("original_workspaces.py")
WORKSPACES = [
    *("MRIcrop-with-mesh", "diffspace", "img4d_11f", "mesh_workspace", "tensor"),
    *("ultrasound_ws4d", "warpfield"),
]
"""Workspaces with all their images."""

pytestmark = [
    pytest.mark.skipif(
        not ITKSNAP_DATA.is_dir(), reason=f"The test data of ITK-SNAP is missing in {ITKSNAP_DATA}."
    ),
    pytest.mark.skipif(not real_middleware.is_installed(), reason=real_middleware.NOT_INSTALLED),
    pytest.mark.filterwarnings("ignore::dss_client.export.MeshLeftOut"),
]


def run_original(*arguments: str | Path) -> str:
    """Run the script with the original client and return its output."""
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [real_middleware.PYTHON, "-P", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        env=bare,
    )
    return done.stdout


@pytest.mark.parametrize("name", WORKSPACES)
def test_exported_layers_have_the_same_names_as_with_the_original_client(
    name: str, tmp_path: Path
) -> None:
    source, theirs = ITKSNAP_DATA / f"{name}.itksnap", tmp_path / "theirs" / "work.itksnap"
    theirs.parent.mkdir()
    run_original("export", source, theirs)

    manifest = Workspace.open(source).export(tmp_path / "ours" / "work.itksnap")

    ours = {path.name for path in manifest.paths if path.name.startswith("layer")}
    assert ours == {path.name for path in theirs.parent.glob("layer*")}
    expected, exported = Registry.read(theirs), Registry.read(manifest.workspace)
    for number in range(len(ours)):
        key = f"Layers.Layer[{number:03d}]"
        path = f"{key}.AbsolutePath"
        assert Path(expected[path]).name == Path(exported[path]).name
        assert list(expected.folder(f"{key}.IOHints").walk()) == []
        assert list(exported.folder(f"{key}.IOHints").walk()) == []


@pytest.mark.parametrize("name", WORKSPACES)
def test_original_client_finds_all_layers_of_an_export(name: str, tmp_path: Path) -> None:
    manifest = Workspace.open(ITKSNAP_DATA / f"{name}.itksnap").export(tmp_path / "work.itksnap")
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)

    paths = run_original("open", moved / "work.itksnap").splitlines()

    layers = [file.path.name for file in manifest.files if file.path.name.startswith("layer")]
    assert [Path(path) for path in paths] == [moved / name for name in layers]
    assert all(Path(path).is_file() for path in paths)
