"""Single values: what each form on the wire means, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dss_api import (
    Dialect,
    FileArea,
    LogCategory,
    LogEntry,
    PurgeScope,
    ServiceDescriptor,
    ServiceStats,
    SubmittedTicket,
    TicketStatus,
)
from dss_api.contract import CONTRACT
from dss_wire.scalars import DecodingError

read, write = CONTRACT.records.read, CONTRACT.records.write


@pytest.mark.parametrize("form", [True, 1, "1", "True", "true"])
def test_all_forms_of_true_are_true(form: object) -> None:
    assert read(form, bool) is True


@pytest.mark.parametrize("form", [False, 0, "0", "False", "false"])
def test_all_forms_of_false_are_false(form: object) -> None:
    assert read(form, bool) is False


@pytest.mark.parametrize("form", ["", "yes", "TRUE", 2, -1, 1.0, None, [], {}])
def test_nothing_else_is_a_boolean(form: object) -> None:
    with pytest.raises(DecodingError, match="is neither true nor false"):
        read(form, bool)


@pytest.mark.parametrize(
    ("form", "number"), [(7, 7), ("7", 7), ("007", 7), ("-1", -1), ("0", 0), (10**30, 10**30)]
)
def test_whole_numbers_may_have_leading_zeros(form: object, number: int) -> None:
    assert read(form, int) == number


@pytest.mark.parametrize(
    "form", [True, False, None, 1.0, "1.0", "", " 1", "1\n", "1_000", "٣", "0x1", "1" * 5000, []]
)
def test_nothing_else_is_a_whole_number(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, int)


@pytest.mark.parametrize(
    ("form", "number"), [(0, 0.0), ("0.0", 0.0), ("1e-05", 1e-05), (0.5, 0.5), ("-2", -2.0)]
)
def test_numbers_are_read_from_texts_and_numbers(form: object, number: float) -> None:
    assert read(form, float) == number
    assert isinstance(read(form, float), float)


@pytest.mark.parametrize(
    "form",
    [True, None, "", "nan", "inf", "-Infinity", "1_0.0", " 1", "1.2.3", 10**400, "1e999", {}],
)
def test_what_is_no_finite_number_is_refused(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, float)


@pytest.mark.parametrize("form", [float("nan"), float("inf"), float("-inf")])
def test_json_that_is_not_a_number_is_refused(form: float) -> None:
    with pytest.raises(DecodingError):
        read(form, float)


@pytest.mark.parametrize(("form", "text"), [("a", "a"), ("", ""), (0.1, "0.1"), (2, "2")])
def test_a_number_may_stand_for_a_text(form: object, text: str) -> None:
    assert read(form, str) == text


@pytest.mark.parametrize("form", [None, True, [], {}])
def test_nothing_else_is_a_text(form: object) -> None:
    with pytest.raises(DecodingError, match="is not a text"):
        read(form, str)


def test_an_enumeration_is_read_by_its_text_and_equals_it() -> None:
    status = read("claimed", TicketStatus)
    assert status is TicketStatus.CLAIMED
    text: str = "claimed"
    assert status == text
    assert (str(status), f"{status}") == (text, text)


def test_every_member_of_every_enumeration_is_its_text() -> None:
    assert list(TicketStatus) == [
        "init",
        "ready",
        "claimed",
        "success",
        "failed",
        "timeout",
        "deleted",
    ]
    assert list(LogCategory) == ["info", "warning", "error"]
    assert list(FileArea) == ["input", "results"]
    assert list(PurgeScope) == ["completed", "all"]


@pytest.mark.parametrize("form", ["Claimed", "", "claimed ", "new", None, 1, True])
def test_a_text_that_is_no_member_is_refused(form: object) -> None:
    with pytest.raises(DecodingError, match="is not a valid TicketStatus"):
        read(form, TicketStatus)


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "instant"),
    [
        (1795348800, NOON),
        ("1795348800", NOON),
        (1795348800.25, NOON + timedelta(milliseconds=250)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-22 12:00:00.000000", NOON),
        ("2026-11-22 12:00:00", NOON),
        ("2026-11-22 12:00:00.239518", NOON + timedelta(microseconds=239518)),
        ("2026-11-22T12:00:00", NOON),
        ("2026-11-22 14:00:00+02:00", NOON),
        ("2026-11-22 07:00:00-05:00", NOON),
        ("2026-11-22T12:00:00Z", NOON),
    ],
)
def test_both_forms_of_an_instant_are_aware_and_in_utc(form: object, instant: datetime) -> None:
    found = read(form, datetime)
    assert found == instant
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "form", ["", "yesterday", "2026-13-01 00:00:00", None, True, float("nan"), 10**20, "9" * 30]
)
def test_what_is_no_instant_is_refused(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, datetime)


def duration(form: object) -> timedelta:
    row = {"n_success": 0, "n_failed": 0, "queue_length": 0, "last_heard_from": form}
    return read(row, ServiceStats).last_heard_from


@pytest.mark.parametrize(
    ("form", "found"),
    [
        (0, timedelta(0)),
        ("3", timedelta(seconds=3)),
        (0.5, timedelta(milliseconds=500)),
        (-2, timedelta(seconds=-2)),
        ("-2.5", timedelta(seconds=-2.5)),
        ("0:00:00", timedelta(0)),
        ("0:00:00.117604", timedelta(microseconds=117604)),
        ("1:02:03", timedelta(hours=1, minutes=2, seconds=3)),
        ("23:59:59.5", timedelta(hours=23, minutes=59, seconds=59, milliseconds=500)),
        ("1 day, 0:00:01", timedelta(days=1, seconds=1)),
        ("12 days, 3:00:00.000001", timedelta(days=12, hours=3, microseconds=1)),
        ("-1 day, 23:59:58", timedelta(seconds=-2)),
        (str(timedelta(days=-400, microseconds=7)), timedelta(days=-400, microseconds=7)),
    ],
)
def test_all_forms_of_a_duration_are_read(form: object, found: timedelta) -> None:
    assert duration(form) == found


@pytest.mark.parametrize(
    "form", ["", None, "1:2:3", "1:02", "a", "nan", True, [], "9999999999 days, 0:00:00", 1e300]
)
def test_what_is_no_duration_is_refused(form: object) -> None:
    with pytest.raises(DecodingError):
        duration(form)


@pytest.mark.parametrize("form", [None, ""])
def test_a_duration_that_may_be_null_is_none(form: object) -> None:
    row = {"id": 1, "email": "a", "service": "b", "status": "init", "duration": form}
    assert read(row, SubmittedTicket).duration is None
    assert read({**row, "duration": 90.0}, SubmittedTicket).duration == timedelta(minutes=90)


def test_a_duration_that_must_be_given_but_may_be_null_is_written_as_null() -> None:
    ticket = SubmittedTicket(id=1, email="a", service="b", status=TicketStatus.INIT, duration=None)
    for dialect in Dialect:
        assert write(ticket, dialect) == {
            "id": 1,
            "email": "a",
            "service": "b",
            "status": "init",
            "duration": None,
        }


def test_each_version_writes_times_and_durations_in_its_own_form() -> None:
    entry = LogEntry(
        id=1,
        atime=NOON + timedelta(microseconds=5),
        category=LogCategory.INFO,
        attachments=0,
        message="m",
    )
    stats = ServiceStats(
        n_success=1,
        n_failed=0,
        queue_length=0,
        last_heard_from=timedelta(seconds=61, microseconds=7),
        avg_duration=timedelta(seconds=1.5),
    )
    old, new = write(entry, Dialect.V2020), write(entry, Dialect.V0_2_0)
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    assert (old["atime"], new["atime"]) == ("2026-11-22 12:00:00.000005", 1795348800)
    old, new = write(stats, Dialect.V2020), write(stats, Dialect.V0_2_0)
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    assert (old["last_heard_from"], new["last_heard_from"]) == ("0:01:01.000007", 61)
    assert (old["avg_duration"], new["avg_duration"]) == ("0:00:01.500000", 1.5)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(DecodingError, match=r"field missing @ the answer\.shortdesc"):
        read({"name": "a", "version": "1"}, ServiceDescriptor)


def test_every_field_that_cannot_be_read_is_named() -> None:
    row = {
        "name": None,
        "version": 1,
        "shortdesc": [],
        "tags": [{"name": "t", "required": "maybe"}],
    }
    with pytest.raises(DecodingError) as caught:
        read(row, ServiceDescriptor)
    for place in ("the answer.name", "the answer.shortdesc", "the answer.tags[0].required"):
        assert place in str(caught.value)


@pytest.mark.parametrize("form", [None, 1, "x", [], True])
def test_what_is_no_object_is_refused(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, LogEntry)
