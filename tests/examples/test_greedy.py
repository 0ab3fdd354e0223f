from pathlib import Path

import pytest

from examples import greedy as processes
from examples.greedy import GreedyFailed, greedy

pytest.importorskip("picsl_greedy")

NOTHING_THERE = "-d 3 -a -i 'no image.nii' 'no image.nii' -o affine.mat"


def test_what_it_prints_is_kept(tmp_path: Path) -> None:
    printed = greedy("-version", tmp_path, "asking")

    assert printed == tmp_path / "asking.txt"
    assert "greedy" in printed.read_text().lower()


def test_what_it_says_when_it_gives_up_is_the_reason(tmp_path: Path) -> None:
    reason = r"^Greedy \(affine\) failed: File 'no image.nii' does not exist$"
    with pytest.raises(GreedyFailed, match=reason):
        greedy(NOTHING_THERE, tmp_path, "affine")


def test_it_is_stopped_when_its_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "DEADLINE", 0.001)

    with pytest.raises(GreedyFailed, match=r"^Greedy \(affine\) took more than 0.001 s"):
        greedy(NOTHING_THERE, tmp_path, "affine")
