"""Tests of reading and writing records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dss_api import (
    Dialect,
    LogCategory,
    LogEntry,
    ServiceDescriptor,
    ServiceStats,
    SubmittedTicket,
    TicketStatus,
)
from dss_api.contract import CONTRACT
from dss_wire.scalars import DecodingError

read, write = CONTRACT.records.read, CONTRACT.records.write
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("form", [None, ""])
def test_null_duration_is_read_as_none(form: object) -> None:
    row = {"id": 1, "email": "a", "service": "b", "status": "init", "duration": form}
    assert read(row, SubmittedTicket).duration is None
    assert read({**row, "duration": 90.0}, SubmittedTicket).duration == timedelta(minutes=90)


def test_required_duration_of_none_is_written_as_null() -> None:
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


def test_error_names_a_missing_field() -> None:
    with pytest.raises(DecodingError, match=r"field missing @ the answer\.shortdesc"):
        read({"name": "a", "version": "1"}, ServiceDescriptor)


def test_error_names_every_unreadable_field() -> None:
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
def test_value_that_is_not_an_object_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, LogEntry)
