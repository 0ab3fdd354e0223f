import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert any(re.search(r"info\s+2\s+Found a brain of 1\d\d\d ml", line) for line in lines)


def test_the_result_and_the_picture_are_where_it_says(
    demo: subprocess.CompletedProcess[str],
) -> None:
    import SimpleITK as sitk

    from examples.brain import volume_ml

    paths = [Path(line.split()[2]) for line in demo.stdout.splitlines() if line.startswith("The ")]
    by_ending = {path.suffix: path for path in paths if path.exists()}

    mask = sitk.ReadImage(by_ending[".gz"])
    assert mask.GetSpacing() == (2.0, 2.0, 2.0)
    assert 1700 < volume_ml(mask) < 2100
    assert "brain volume: 1" in by_ending[".txt"].read_text()
    picture = sitk.ReadImage(by_ending[".png"])
    assert picture.GetNumberOfComponentsPerPixel() == 3
    assert picture.GetSize()[0] > 2 * picture.GetSize()[1]
