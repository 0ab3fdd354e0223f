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
    """One run of the demo, in a copy that its output does not mix with."""
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


def test_the_ticket_succeeds(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stderr
    assert "Ticket 1: success" in demo.stdout


def test_the_log_is_a_table_of_what_happened(demo: subprocess.CompletedProcess[str]) -> None:
    lines = demo.stdout.splitlines()

    assert any("Ticket received and queued for processing" in line for line in lines)
    assert any("Ticket claimed by provider testlab" in line for line in lines)
    assert any(re.search(r"info\s+1\s+Found a brain of 1\d\d\d ml", line) for line in lines)
    assert any(re.search(r"info\s+1\s+A picture of the result", line) for line in lines)


def test_the_result_is_a_workspace_that_shows_the_brain(
    demo: subprocess.CompletedProcess[str],
) -> None:
    from examples.brain import volume_ml

    result = Workspace.open(told(demo, "The workspace: "))

    assert (result.main.nickname, result.main.tags) == ("Scan", ("T1-MRI",))
    (segmentation,) = result.segmentations
    assert segmentation.nickname == "Brain"
    assert [label.name for label in result.labels] == ["Brain"]
    mask = segmentation.image()
    assert mask.GetSpacing() == (2.0, 2.0, 2.0)
    assert 1700 < volume_ml(mask) < 2100


def test_the_layers_of_both_workspaces_are_shown(demo: subprocess.CompletedProcess[str]) -> None:
    rows = [line.split() for line in demo.stdout.splitlines()]
    layers = [(row[1], row[2]) for row in rows if row and row[0].isdecimal() and len(row) > 3]

    assert layers == [("Main", "Scan"), ("Main", "Scan"), ("Segmentation", "Brain")]


def test_the_volume_and_the_picture_are_where_it_says(
    demo: subprocess.CompletedProcess[str],
) -> None:
    import SimpleITK as sitk

    assert told(demo, "The volume: ").read_text().startswith("brain volume: 1")
    picture = sitk.ReadImage(told(demo, "The picture: "))
    assert picture.GetNumberOfComponentsPerPixel() == 3


def told(demo: subprocess.CompletedProcess[str], what: str) -> Path:
    """The path that the demo gives for something."""
    (path,) = (
        line.removeprefix(what).strip()
        for line in demo.stdout.splitlines()
        if line.startswith(what)
    )
    return Path(path)
