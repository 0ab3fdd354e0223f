"""How far the work is, as providers say it part by part."""

from __future__ import annotations

import pytest

from .expected import FAULT, plain
from .site import Lab


@pytest.fixture
def ticket(lab: Lab) -> int:
    """A ticket that prov1 claimed."""
    return lab.claimed_ticket()


def shown(lab: Lab, ticket: int) -> str:
    """What both sides are told."""
    user = lab.user.get(f"/api/tickets/{ticket}/progress?format=json")
    provider = lab.prov1.get(f"/api/pro/tickets/{ticket}/progress")
    assert user.said == provider.said == plain(user.text)
    return user.text


def test_the_sum_over_parts(lab: Lab, ticket: int) -> None:
    assert shown(lab, ticket) == "0.0"
    assert lab.report(ticket, 0, 0.5, 0.5).said == plain("success")
    assert shown(lab, ticket) == "0.25"
    lab.report(ticket, 0.5, 1, 0.25)
    assert shown(lab, ticket) == "0.375"
    lab.report(ticket, 0, 0.5, 1)
    assert shown(lab, ticket) == "0.625"


def test_progress_in_json_or_a_query(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/progress?chunk_start=0&chunk_end=1&format=json"
    assert lab.prov1.post(path, {"progress": "0.5"}).said == plain("success")
    assert shown(lab, ticket) == "0.5"


@pytest.mark.parametrize(
    ("start", "end", "progress", "sum_"),
    [
        (0, 1, "2", "2.0"),
        (0, 1, "-1", "0.0"),
        (1, 0, "1", "0.0"),
        (1, 0, "-1", "1.0"),
        (0.5, 0.5, "1", "0.0"),
        (0, 100, "0.5", "50.0"),
        (-1, 1, "0.5", "1.0"),
        (0, 1, "1e-7", "1e-07"),
        (0, 1, "1e300", "1e+300"),
        (0, 1, " .5 ", "0.5"),
        (0, 1, "\t1\n", "1.0"),
        (0, 1, "+1", "1.0"),
        (0, 1, "5.", "5.0"),
        (0, 1, "1_0", "1.0"),
        (0, 1, "nan", "0.0"),
        (0, 1, "inf", "0.0"),
        (0, 1, "-Infinity", "0.0"),
        (0, 1, "1e400", "inf"),
        (0, 1, "٣", "0.0"),
    ],
)
def test_whatever_python_takes_for_a_number(
    lab: Lab, ticket: int, *, start: float, end: float, progress: str, sum_: str
) -> None:
    assert lab.report(ticket, start, end, progress).said == plain("success")
    assert shown(lab, ticket) == sum_


@pytest.mark.parametrize("progress", ["", " ", "abc", "0,5", "50%", "0x10", "--1", "1e", "None"])
def test_what_python_does_not(lab: Lab, ticket: int, progress: str) -> None:
    assert lab.report(ticket, 0, 1, progress).said == FAULT
    assert shown(lab, ticket) == "0.0"


@pytest.mark.parametrize("lacking", ["chunk_start", "chunk_end", "progress"])
def test_all_three_are_needed(lab: Lab, ticket: int, lacking: str) -> None:
    form = {"chunk_start": "0", "chunk_end": "1", "progress": "1"}
    del form[lacking]
    assert lab.prov1.post(f"/api/pro/tickets/{ticket}/progress", form).said == FAULT


def test_parts_need_be_no_numbers(lab: Lab, ticket: int) -> None:
    for start, end in (("x", "1"), ("", "0.5"), ("nan", "y"), ("1 2", "2")):
        form = {"chunk_start": start, "chunk_end": end, "progress": "1"}
        assert lab.prov1.post(f"/api/pro/tickets/{ticket}/progress", form).said == plain("success")
    # They count as the number that they begin with: 1 + 0.5 + 0 + 1.
    assert shown(lab, ticket) == "2.5"


def test_the_sum_is_never_below_nothing(lab: Lab, ticket: int) -> None:
    for start, progress, sum_ in ((0, "-1", "0.0"), (1, "0.5", "0.0"), (2, "2", "1.5")):
        lab.report(ticket, start, start + 1, progress)
        assert shown(lab, ticket) == sum_


def test_a_part_is_known_by_its_numbers(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/progress"
    lab.prov1.post(path, {"chunk_start": "0.25", "chunk_end": "0.5", "progress": "1"})
    form = {"chunk_start": "2.5e-1", "chunk_end": " .50", "progress": "0.5"}
    assert lab.prov1.post(path, form).said == plain("success")
    assert shown(lab, ticket) == "0.125"


def test_two_parts_do_not_begin_at_one_place(lab: Lab, ticket: int) -> None:
    lab.report(ticket, 0, 0.5, 1)
    assert lab.report(ticket, 0, 1, 1).said == FAULT
    assert shown(lab, ticket) == "0.5"
    assert lab.report(ticket, 0, 0.5, 0.5).said == plain("success")


def test_nothing_forgets_the_parts_inside(lab: Lab, ticket: int) -> None:
    for start, end in ((0, 0.25), (0.25, 0.5), (0.5, 1)):
        lab.report(ticket, start, end, 1)
    assert lab.report(ticket, 0.25, 0.75, 0).said == plain("success")
    assert shown(lab, ticket) == "0.75"
    # It stores nothing, so that another part may begin there.
    assert lab.report(ticket, 0.25, 0.375, "-0.0").said == plain("success")
    assert lab.report(ticket, 0.25, 0.375, 1).said == plain("success")
    assert lab.report(ticket, 0, 1, "0e5").said == plain("success")
    assert shown(lab, ticket) == "0.0"


@pytest.mark.parametrize("status", ["success", "failed"])
def test_it_outlives_the_end_of_the_work(lab: Lab, ticket: int, status: str) -> None:
    lab.report(ticket, 0, 1, 0.5)
    lab.finish(ticket, status)
    assert shown(lab, ticket) == "0.5"
    assert lab.report(ticket, 0, 1, 0.75).said == plain("success")
    assert shown(lab, ticket) == "0.75"
