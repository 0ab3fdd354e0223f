"""Outcomes of the same script with the original workspaces and with these."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import real_middleware

SCRIPT = Path(__file__).with_name("workspace_script.py")
DATA = real_middleware.ROOT.parent / "shared" / "data" / "itksnap"
DEADLINE = 60.0
"""Seconds to wait for the script."""

Outcomes = dict[str, dict[str, Any]]

DIFFERENCES = {
    # Reading
    r"spec (main|anat:0)": "itksnap-wt knows these names",
    r"missing layer": "a lookup does not add an empty layer to the workspace",
    r"missing entry after lookup|after update: A\.B|registry read back": (
        "a lookup does not create an entry"
    ),
    r"entries|folders|keys|pattern [z\\].*": "new keys have the order of ITK-SNAP",
    r"array with a size of a million": "a file of a few bytes does not use all memory",
    # Changing
    r"path through a link": "a folder can be a link, so the name before .. is kept",
    r"stored tags": "ITK-SNAP writes no space after the comma",
    r"stored role of main image": "AnatomicalRole selects layers, but layers do not store it",
    r"main image added after overlay": "the main image is always the first layer",
    r"unknown role": "ITK-SNAP does not know layers with other roles",
    r"labels after clear": "the labels are removed; the original keeps them",
    r"set to (True|False)": "ITK-SNAP reads 1 and 0",
    r"set to None": "the entry is removed; the original stores the word None",
    r"entry of previous workspace": "reading a workspace removes all earlier entries",
    # Saving
    r"saved: Version": "the format that is written",
    r"saved: Layers\.Layer\[000\]\.LayerMetaData\.Tags": "ITK-SNAP stores its own tags there",
    r"saved: MeshLayers\..*\.Format": "ITK-SNAP writes the format of each mesh",
    r"saved: MeshLayers\..*\.AbsolutePath": "a moved workspace also finds its meshes",
    r"path after save [23]|saved: Layers\.Layer\[00[23]\]\.AbsolutePath": (
        "a missing image is looked for at its place relative to the workspace"
    ),
    # Errors
    r"missing file of main image": "an image file can be missing, as for overlays",
    r"folder as workspace|broken workspace|save into missing folder": "the error names the file",
    r"registry file with another ending": "files are read with every ending",
    r"header with end of comment": "the file can be read again",
}
"""The intended differences from the original: patterns of step names with the reason."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcomes, Outcomes]:
    """Run the script with the original and with this package."""
    if not real_middleware.is_installed():
        pytest.skip(real_middleware.NOT_INSTALLED)
    if not DATA.is_dir():
        pytest.skip(f"The real workspaces are missing in {DATA}.")
    pytest.importorskip("SimpleITK")
    folders = [tmp_path_factory.mktemp(name) for name in ("original", "ours")]
    original = run_script([str(real_middleware.PYTHON), "-P", str(SCRIPT)], folders[0], {})
    path = os.pathsep.join(
        str(real_middleware.ROOT / part) for part in ("", "generated", "mock_server")
    )
    ours = run_script([sys.executable, "-P", str(SCRIPT)], folders[1], {"PYTHONPATH": path})
    return original, ours


def run_script(command: list[str], folder: Path, variables: dict[str, str]) -> Outcomes:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [*command, str(DATA), str(folder)],
        env={**environment, **variables, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=DEADLINE,
    )
    outcomes: Outcomes = json.loads(done.stdout)
    return outcomes


def find_differences(outcomes: tuple[Outcomes, Outcomes]) -> dict[str, tuple[Any, Any]]:
    """Return the steps with different outcomes: the original's outcome, and ours."""
    original, ours = outcomes
    assert original.keys() == ours.keys()
    return {
        f"{workspace}: {step}": (expected, actual)
        for workspace in original
        for step in {**original[workspace], **ours[workspace]}
        # A missing entry is equal to an empty one.
        if not is_equivalent(
            expected := original[workspace].get(step, ""), actual := ours[workspace].get(step, "")
        )
    }


def matches_step(pattern: str, step: str) -> bool:
    return re.fullmatch(pattern, step.partition(": ")[2]) is not None


def is_equivalent(expected: Any, actual: Any) -> bool:
    """Return whether the results are equal, or our error is also of the original's class."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected["raises"][0] in actual["raises"]
    return bool(expected == actual)


def test_workspaces_differ_from_the_original_only_in_documented_steps(
    outcomes: tuple[Outcomes, Outcomes],
) -> None:
    unexpected = {
        step: values
        for step, values in find_differences(outcomes).items()
        if not any(matches_step(pattern, step) for pattern in DIFFERENCES)
    }

    assert unexpected == {}


@pytest.mark.parametrize(
    "pattern", DIFFERENCES, ids=[pattern.replace("\\", "") for pattern in DIFFERENCES]
)
def test_documented_difference_still_exists(
    outcomes: tuple[Outcomes, Outcomes], pattern: str
) -> None:
    assert any(matches_step(pattern, step) for step in find_differences(outcomes))


def test_all_real_workspaces_are_compared(outcomes: tuple[Outcomes, Outcomes]) -> None:
    assert {path.name for path in DATA.glob("*.itksnap")} <= outcomes[0].keys()
