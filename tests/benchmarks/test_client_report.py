"""Tests of the report on the client, with invented measurements."""

from pathlib import Path

import pytest

from benchmarks.client.client_runner import ClientRunner, Comparison
from benchmarks.client.measurements import (
    CLAIM,
    DOWNLOAD,
    EXPORT,
    IMPORT,
    LOG,
    PROGRESS,
    SERVICES,
    SMALL_FILES,
    TABLE,
    UPLOAD,
    Scale,
    make_growth_row,
    make_row,
)
from benchmarks.client.report import make_report
from benchmarks.middlewares import Mock, Real
from benchmarks.results import Results

PYTHON = Path("python")
THIS, PUBLIC, FLOOR = (ClientRunner(name, PYTHON, ()) for name in ("this", "public", "floor"))


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> str:
    """The report on a client that misses one aim."""
    for kind in (ClientRunner, Mock, Real):
        monkeypatch.setattr(kind, "version", lambda _: "1.2.3")
    results = Results()

    def add(row: str, this: float, public: float | None, floor: float | None) -> None:
        for runner, value in ((THIS, this), (PUBLIC, public), (FLOOR, floor)):
            for _ in range(3 if value is not None else 0):
                results.add(row, runner.name, value or 0.0)

    add(IMPORT, 0.1, 1.0, None)
    add(TABLE, 0.15, None, None)
    add(EXPORT, 0.25, 5, None)
    add(make_growth_row(EXPORT), 8, 140, None)
    for middleware in ("mock", "real"):
        add(make_row(PROGRESS, middleware), 90, 50, 100)
        add(make_row(SERVICES, middleware), 80 if middleware == "mock" else 90, 50, 100)
        add(make_row(CLAIM, middleware), 3, 6, 2)
        for label in (DOWNLOAD, UPLOAD):
            add(make_row(label, middleware), 950, 40, 1000)
            add(make_row(make_growth_row(label), middleware), 2, 400, 1)
        add(make_row(SMALL_FILES, middleware), 1, 5, 4)
        add(make_row(LOG, middleware), 0.2, None, 0.1)
    comparison = Comparison(THIS, PUBLIC, FLOOR)
    return make_report(results, comparison, (Mock(), Real(PYTHON)), Scale(3), 60.0)


def find_row(page: str, name: str) -> list[str]:
    [line] = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_table_row_shows_ratios_and_verdict(report: str) -> None:
    assert find_row(report, "import")[3:] == ["10.0 (10.0..10.0)", "5 times", "met"]
    assert find_row(report, "set progress (real)")[4:6] == [
        "1.80 (1.80..1.80)",
        "0.90 (0.90..0.90)",
    ]
    assert find_row(report, "small files (mock)")[4] == "5.00 (5.00..5.00)"


def test_missed_aim_is_listed_before_the_tables(report: str) -> None:
    assert find_row(report, "list services (mock)")[-1] == "**not met**"
    assert "* list services (mock): 0.80 (0.80..0.80) of the floor, aim 0.85" in report
    assert report.count("not met") == 1


def test_download_memory_is_judged_by_its_growth(report: str) -> None:
    assert find_row(report, "download, growth (mock), MB")[-2:] == ["under 16.0 MB", "met"]


def test_export_is_judged_by_its_time_and_its_memory_growth(report: str) -> None:
    assert find_row(report, "export, s")[3:] == ["20.0 (20.0..20.0)", "10 times", "met"]
    assert find_row(report, "export, growth, MB")[-2:] == ["under 64.0 MB", "met"]


def test_report_fills_every_placeholder(report: str) -> None:
    assert "{" not in report
