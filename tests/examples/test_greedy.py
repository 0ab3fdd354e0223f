from pathlib import Path

import pytest

from examples import greedy
from examples.greedy import GreedyFailed, run_greedy

pytest.importorskip("picsl_greedy")

MISSING_IMAGES = "-d 3 -a -i 'no image.nii' 'no image.nii' -o affine.mat"


def test_greedy_output_is_saved_to_a_file(tmp_path: Path) -> None:
    output = run_greedy("-version", tmp_path, "asking")

    assert output == tmp_path / "asking.txt"
    assert "greedy" in output.read_text().lower()


def test_failed_greedy_command_raises_the_message_of_greedy(tmp_path: Path) -> None:
    reason = r"^Greedy \(affine\) failed: File 'no image.nii' does not exist$"
    with pytest.raises(GreedyFailed, match=reason):
        run_greedy(MISSING_IMAGES, tmp_path, "affine")


def test_greedy_is_stopped_after_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greedy, "DEADLINE", 0.001)

    with pytest.raises(GreedyFailed, match=r"^Greedy \(affine\) took more than 0.001 s"):
        run_greedy(MISSING_IMAGES, tmp_path, "affine")
