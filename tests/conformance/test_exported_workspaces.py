"""Exported workspaces beside those of the original client."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dss_client import Registry, Workspace
from tests.dss_client.conftest import REAL

from . import real

SCRIPT = Path(__file__).with_name("original_workspaces.py")
WHOLE = [
    *("MRIcrop-with-mesh", "diffspace", "img4d_11f", "mesh_workspace", "tensor"),
    *("ultrasound_ws4d", "warpfield"),
]
"""Workspaces whose images are all there."""

pytestmark = [
    pytest.mark.skipif(not REAL.is_dir(), reason=f"needs the test data of ITK-SNAP in {REAL}"),
    pytest.mark.skipif(not real.is_installed(), reason="needs the original client"),
    pytest.mark.filterwarnings("ignore::dss_client.export.MeshLeftOut"),
]


def original(*arguments: str | Path) -> str:
    """What the original client says."""
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [real.PYTHON, "-P", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        env=bare,
    )
    return done.stdout


@pytest.mark.parametrize("name", WHOLE)
def test_layers_have_the_names_that_the_original_client_gives_them(
    name: str, tmp_path: Path
) -> None:
    source, theirs = REAL / f"{name}.itksnap", tmp_path / "theirs" / "work.itksnap"
    theirs.parent.mkdir()
    original("export", source, theirs)

    manifest = Workspace.open(source).export(tmp_path / "ours" / "work.itksnap")

    ours = {path.name for path in manifest.paths if path.name.startswith("layer")}
    assert ours == {path.name for path in theirs.parent.glob("layer*")}
    there, here = Registry.read(theirs), Registry.read(manifest.workspace)
    for number in range(len(ours)):
        key = f"Layers.Layer[{number:03d}]"
        assert Path(there[f"{key}.AbsolutePath"]).name == Path(here[f"{key}.AbsolutePath"]).name
        assert list(there.folder(f"{key}.IOHints").walk()) == []
        assert list(here.folder(f"{key}.IOHints").walk()) == []


@pytest.mark.parametrize("name", WHOLE)
def test_the_original_client_finds_all_layers_of_an_export(name: str, tmp_path: Path) -> None:
    manifest = Workspace.open(REAL / f"{name}.itksnap").export(tmp_path / "work.itksnap")
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)

    found = original("open", moved / "work.itksnap").splitlines()

    layers = [file.path.name for file in manifest.files if file.path.name.startswith("layer")]
    assert [Path(path) for path in found] == [moved / name for name in layers]
    assert all(Path(path).is_file() for path in found)
