"""The section on the client, made of measurements that are invented."""

from pathlib import Path

import pytest

from benchmarks.client.contestants import Contestant
from benchmarks.client.measure import (
    CLAIM,
    DOWN,
    EXPORT,
    IMPORT,
    LOG,
    PROGRESS,
    SERVICES,
    SMALL,
    TABLE,
    UP,
    Contest,
    Scale,
    at,
    growth,
)
from benchmarks.client.report import write_report
from benchmarks.contenders import Mock, Real
from benchmarks.measure import Results

PYTHON = Path("python")
THIS, PUBLIC, FLOOR = (Contestant(name, PYTHON, ()) for name in ("this", "public", "floor"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> str:
    """A report in which this client meets every aim but one."""
    for kind in (Contestant, Mock, Real):
        monkeypatch.setattr(kind, "version", lambda _: "1.2.3")
    results = Results()

    def add(row: str, this: float, public: float | None, floor: float | None) -> None:
        for contestant, value in ((THIS, this), (PUBLIC, public), (FLOOR, floor)):
            for _ in range(3 if value is not None else 0):
                results.add(row, contestant.name, value or 0.0)

    add(IMPORT, 0.1, 1.0, None)
    add(TABLE, 0.15, None, None)
    add(EXPORT, 0.25, 5, None)
    add(growth(EXPORT), 8, 140, None)
    for middleware in ("mock", "real"):
        add(at(PROGRESS, middleware), 90, 50, 100)
        add(at(SERVICES, middleware), 80 if middleware == "mock" else 90, 50, 100)
        add(at(CLAIM, middleware), 3, 6, 2)
        for what in (DOWN, UP):
            add(at(what, middleware), 950, 40, 1000)
            add(at(growth(what), middleware), 2, 400, 1)
        add(at(SMALL, middleware), 1, 5, 4)
        add(at(LOG, middleware), 0.2, None, 0.1)
    contest = Contest(THIS, PUBLIC, FLOOR)
    return write_report(results, contest, (Mock(), Real(PYTHON)), Scale(3), 60.0)


def row(page: str, name: str) -> list[str]:
    [line] = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_has_the_ratios_and_the_verdict(written: str) -> None:
    assert row(written, "import")[3:] == ["10.0 (10.0..10.0)", "5 times", "met"]
    assert row(written, "set progress (real)")[4:6] == ["1.80 (1.80..1.80)", "0.90 (0.90..0.90)"]
    assert row(written, "small files (mock)")[4] == "5.00 (5.00..5.00)"


def test_what_falls_short_is_said_first(written: str) -> None:
    assert row(written, "list services (mock)")[-1] == "**not met**"
    assert "* list services (mock): 0.80 (0.80..0.80) of the floor, aim 0.85" in written
    assert written.count("not met") == 1


def test_memory_is_judged_by_its_growth(written: str) -> None:
    assert row(written, "download, growth (mock), MB")[-2:] == ["under 16.0 MB", "met"]


def test_an_export_is_judged_by_its_time_and_by_its_growth(written: str) -> None:
    assert row(written, "export, s")[3:] == ["20.0 (20.0..20.0)", "10 times", "met"]
    assert row(written, "export, growth, MB")[-2:] == ["under 64.0 MB", "met"]


def test_no_line_is_left_unfilled(written: str) -> None:
    assert "{" not in written
