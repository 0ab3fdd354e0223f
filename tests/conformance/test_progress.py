"""Progress of tickets, which providers report part by part."""

from __future__ import annotations

import pytest

from .responses import SERVER_ERROR, text_response
from .sites import Lab


@pytest.fixture
def ticket(lab: Lab) -> int:
    """Create a ticket that prov1 claimed."""
    return lab.create_claimed_ticket()


def read_progress(lab: Lab, ticket: int) -> str:
    """Return the progress that the user and the provider read."""
    user = lab.user.get(f"/api/tickets/{ticket}/progress?format=json")
    provider = lab.prov1.get(f"/api/pro/tickets/{ticket}/progress")
    assert user.summary == provider.summary == text_response(user.text)
    return user.text


def test_progress_is_the_sum_over_all_parts(lab: Lab, ticket: int) -> None:
    assert read_progress(lab, ticket) == "0.0"
    assert lab.report_progress(ticket, 0, 0.5, 0.5).summary == text_response("success")
    assert read_progress(lab, ticket) == "0.25"
    lab.report_progress(ticket, 0.5, 1, 0.25)
    assert read_progress(lab, ticket) == "0.375"
    lab.report_progress(ticket, 0, 0.5, 1)
    assert read_progress(lab, ticket) == "0.625"


def test_progress_parameters_are_accepted_in_the_query(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/progress?chunk_start=0&chunk_end=1&format=json"
    assert lab.prov1.post(path, {"progress": "0.5"}).summary == text_response("success")
    assert read_progress(lab, ticket) == "0.5"


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
def test_progress_accepts_every_number_that_python_parses(
    lab: Lab, ticket: int, *, start: float, end: float, progress: str, sum_: str
) -> None:
    assert lab.report_progress(ticket, start, end, progress).summary == text_response("success")
    assert read_progress(lab, ticket) == sum_


@pytest.mark.parametrize("progress", ["", " ", "abc", "0,5", "50%", "0x10", "--1", "1e", "None"])
def test_progress_that_is_not_a_number_fails(lab: Lab, ticket: int, progress: str) -> None:
    assert lab.report_progress(ticket, 0, 1, progress).summary == SERVER_ERROR
    assert read_progress(lab, ticket) == "0.0"


@pytest.mark.parametrize("lacking", ["chunk_start", "chunk_end", "progress"])
def test_progress_with_a_missing_parameter_fails(lab: Lab, ticket: int, lacking: str) -> None:
    form = {"chunk_start": "0", "chunk_end": "1", "progress": "1"}
    del form[lacking]
    assert lab.prov1.post(f"/api/pro/tickets/{ticket}/progress", form).summary == SERVER_ERROR


def test_progress_accepts_parts_that_are_not_numbers(lab: Lab, ticket: int) -> None:
    for start, end in (("x", "1"), ("", "0.5"), ("nan", "y"), ("1 2", "2")):
        form = {"chunk_start": start, "chunk_end": end, "progress": "1"}
        assert lab.prov1.post(f"/api/pro/tickets/{ticket}/progress", form).summary == text_response(
            "success"
        )
    # A part counts as the number at its beginning: 1 + 0.5 + 0 + 1.
    assert read_progress(lab, ticket) == "2.5"


def test_progress_is_never_negative(lab: Lab, ticket: int) -> None:
    for start, progress, sum_ in ((0, "-1", "0.0"), (1, "0.5", "0.0"), (2, "2", "1.5")):
        lab.report_progress(ticket, start, start + 1, progress)
        assert read_progress(lab, ticket) == sum_


def test_parts_with_equal_numbers_are_the_same_part(lab: Lab, ticket: int) -> None:
    path = f"/api/pro/tickets/{ticket}/progress"
    lab.prov1.post(path, {"chunk_start": "0.25", "chunk_end": "0.5", "progress": "1"})
    form = {"chunk_start": "2.5e-1", "chunk_end": " .50", "progress": "0.5"}
    assert lab.prov1.post(path, form).summary == text_response("success")
    assert read_progress(lab, ticket) == "0.125"


def test_second_part_with_the_same_start_fails(lab: Lab, ticket: int) -> None:
    lab.report_progress(ticket, 0, 0.5, 1)
    assert lab.report_progress(ticket, 0, 1, 1).summary == SERVER_ERROR
    assert read_progress(lab, ticket) == "0.5"
    assert lab.report_progress(ticket, 0, 0.5, 0.5).summary == text_response("success")


def test_progress_of_zero_removes_the_parts_inside(lab: Lab, ticket: int) -> None:
    for start, end in ((0, 0.25), (0.25, 0.5), (0.5, 1)):
        lab.report_progress(ticket, start, end, 1)
    assert lab.report_progress(ticket, 0.25, 0.75, 0).summary == text_response("success")
    assert read_progress(lab, ticket) == "0.75"
    # A progress of zero stores nothing, so another part can begin there.
    assert lab.report_progress(ticket, 0.25, 0.375, "-0.0").summary == text_response("success")
    assert lab.report_progress(ticket, 0.25, 0.375, 1).summary == text_response("success")
    assert lab.report_progress(ticket, 0, 1, "0e5").summary == text_response("success")
    assert read_progress(lab, ticket) == "0.0"


@pytest.mark.parametrize("status", ["success", "failed"])
def test_progress_can_be_reported_after_the_ticket_ends(lab: Lab, ticket: int, status: str) -> None:
    lab.report_progress(ticket, 0, 1, 0.5)
    lab.finish_ticket(ticket, status)
    assert read_progress(lab, ticket) == "0.5"
    assert lab.report_progress(ticket, 0, 1, 0.75).summary == text_response("success")
    assert read_progress(lab, ticket) == "0.75"
