"""The original's workspaces beside ours: the same script on both, and where they differ, why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import real

SCRIPT = Path(__file__).with_name("workspace_script.py")
DATA = real.ROOT.parent / "shared" / "data" / "itksnap"
DEADLINE = 60.0
"""Seconds that the script may take."""

Told = dict[str, dict[str, Any]]

DIFFERENCES = {
    # Asked
    r"spec (main|anat:0)": "these are names that itksnap-wt knows",
    r"layer that is not there": "asking does not add an empty layer to the workspace",
    r"seen|updated: A\.B|read again": "looking for an entry does not make it",
    r"entries|folders|keys|pattern [z\\].*": "new keys stand where ITK-SNAP would write them",
    r"array that claims a million": "a file of a few bytes does not take all memory",
    # Changed
    r"over a link": "a folder may be a link, so that the one before .. is not left out",
    r"tags as written": "ITK-SNAP writes no blank behind the comma",
    r"its role": "AnatomicalRole is a question, and no role that a layer has",
    r"main after overlay": "nothing stands before the main image",
    r"no such role": "ITK-SNAP does not know a layer of an unheard-of role",
    r"labels when cleared": "the labels are gone; there they stay",
    r"set to (True|False)": "ITK-SNAP reads 1 and 0",
    r"set to None": "it is nothing, not the word",
    r"left of the one before": "a workspace that is read has nothing of the one before it",
    # Saved
    r"saved: Version": "the format that is written",
    r"saved: Layers\.Layer\[000\]\.LayerMetaData\.Tags": "where ITK-SNAP keeps tags of its own",
    r"saved: MeshLayers\..*\.Format": "ITK-SNAP writes the format of each mesh",
    r"saved: MeshLayers\..*\.AbsolutePath": "meshes too are found again in a moved workspace",
    r"path when saved [23]|saved: Layers\.Layer\[00[23]\]\.AbsolutePath": (
        "an image that is missing is looked for where it lay as seen from the workspace"
    ),
    # Refused
    r"missing main": "an image need not be there yet, as overlays need not for either",
    r"folder as workspace|broken workspace|save into no folder": "an error that names the file",
    r"any name": "the name of a file does not decide whether it can be read",
    r"header that ends the comment": "the file can be read again",
}
"""Steps in which ours differs on purpose, as patterns of their names, with the reason."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Told]:
    """What the original tells, and what ours does."""
    if not real.is_installed():
        pytest.skip(f"the original is not installed at {real.PYTHON}; make conformance does")
    if not DATA.is_dir():
        pytest.skip(f"there are no real workspaces at {DATA}")
    pytest.importorskip("SimpleITK")
    folders = [tmp_path_factory.mktemp(name) for name in ("original", "ours")]
    original = run([str(real.PYTHON), "-P", str(SCRIPT)], folders[0], {})
    path = os.pathsep.join(str(real.ROOT / part) for part in ("", "generated", "mock_server"))
    ours = run([sys.executable, "-P", str(SCRIPT)], folders[1], {"PYTHONPATH": path})
    return original, ours


def run(command: list[str], folder: Path, more: dict[str, str]) -> Told:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [*command, str(DATA), str(folder)],
        env={**environment, **more, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=DEADLINE,
    )
    found: Told = json.loads(done.stdout)
    return found


def differing(told: tuple[Told, Told]) -> dict[str, tuple[Any, Any]]:
    """The steps whose outcomes differ: the original's, and ours."""
    original, ours = told
    assert original.keys() == ours.keys()
    return {
        f"{workspace}: {step}": (there, here)
        for workspace in original
        for step in {**original[workspace], **ours[workspace]}
        # An entry that is not there reads as an empty one.
        if not alike(
            there := original[workspace].get(step, ""), here := ours[workspace].get(step, "")
        )
    }


def named(pattern: str, step: str) -> bool:
    return re.fullmatch(pattern, step.partition(": ")[2]) is not None


def alike(there: Any, here: Any) -> bool:
    """Whether ours gives the same, or raises what who catches the original's error catches too."""
    if isinstance(there, dict) and isinstance(here, dict):
        return there["raises"][0] in here["raises"]
    return bool(there == here)


def test_ours_differs_from_the_original_only_on_purpose(told: tuple[Told, Told]) -> None:
    unexpected = {
        step: outcomes
        for step, outcomes in differing(told).items()
        if not any(named(pattern, step) for pattern in DIFFERENCES)
    }

    assert unexpected == {}


@pytest.mark.parametrize("pattern", DIFFERENCES)
def test_every_difference_is_still_there(told: tuple[Told, Told], pattern: str) -> None:
    assert any(named(pattern, step) for step in differing(told))


def test_all_real_workspaces_are_looked_at(told: tuple[Told, Told]) -> None:
    assert {path.name for path in DATA.glob("*.itksnap")} <= told[0].keys()
