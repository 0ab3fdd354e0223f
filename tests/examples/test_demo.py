import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dss_client import Workspace

ROOT = Path(__file__).parents[2]

pytest.importorskip("SimpleITK", reason="the demo needs the `images` extra")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """One run of the demo, in a copy of the examples, which takes its output."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_ticket_of_the_demo_succeeds(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stderr
    assert "Ticket 1: success" in demo.stdout


def test_demo_prints_the_ticket_log_as_a_table(demo: subprocess.CompletedProcess[str]) -> None:
    lines = demo.stdout.splitlines()

    assert any("Ticket received and queued for processing" in line for line in lines)
    assert any("Ticket claimed by provider testlab" in line for line in lines)
    assert any(re.search(r"info\s+1\s+Found a brain of 1\d\d\d ml", line) for line in lines)
    assert any(re.search(r"info\s+1\s+A picture of the result", line) for line in lines)


def test_demo_result_is_a_workspace_with_the_brain_segmentation(
    demo: subprocess.CompletedProcess[str],
) -> None:
    from examples.brain import volume_ml

    result = Workspace.open(find_path(demo, "The workspace: "))

    assert (result.main.nickname, result.main.tags) == ("Scan", ("T1-MRI",))
    (segmentation,) = result.segmentations
    assert segmentation.nickname == "Brain"
    assert [label.name for label in result.labels] == ["Brain"]
    mask = segmentation.image()
    assert mask.GetSpacing() == (2.0, 2.0, 2.0)
    assert 1700 < volume_ml(mask) < 2100


def test_demo_prints_the_layers_of_both_workspaces(demo: subprocess.CompletedProcess[str]) -> None:
    rows = [line.split() for line in demo.stdout.splitlines()]
    layers = [(row[1], row[2]) for row in rows if row and row[0].isdecimal() and len(row) > 3]

    assert layers == [("Main", "Scan"), ("Main", "Scan"), ("Segmentation", "Brain")]


def test_demo_prints_paths_of_the_saved_volume_and_picture(
    demo: subprocess.CompletedProcess[str],
) -> None:
    import SimpleITK as sitk

    assert find_path(demo, "The volume: ").read_text().startswith("brain volume: 1")
    picture = sitk.ReadImage(find_path(demo, "The picture: "))
    assert picture.GetNumberOfComponentsPerPixel() == 3


def find_path(demo: subprocess.CompletedProcess[str], label: str) -> Path:
    """Return the path after a label in the output of the demo."""
    (path,) = (
        line.removeprefix(label).strip()
        for line in demo.stdout.splitlines()
        if line.startswith(label)
    )
    return Path(path)
