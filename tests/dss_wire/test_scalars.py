"""Tests of reading single values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dss_api import ServiceStats, TicketStatus
from dss_api.contract import CONTRACT
from dss_wire.scalars import DecodingError

read = CONTRACT.records.read
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("form", [True, 1, "1", "True", "true"])
def test_each_form_of_true_is_read_as_true(form: object) -> None:
    assert read(form, bool) is True


@pytest.mark.parametrize("form", [False, 0, "0", "False", "false"])
def test_each_form_of_false_is_read_as_false(form: object) -> None:
    assert read(form, bool) is False


@pytest.mark.parametrize("form", ["", "yes", "TRUE", 2, -1, 1.0, None, [], {}])
def test_value_that_is_not_a_boolean_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError, match="is neither true nor false"):
        read(form, bool)


@pytest.mark.parametrize(
    ("form", "number"), [(7, 7), ("7", 7), ("007", 7), ("-1", -1), ("0", 0), (10**30, 10**30)]
)
def test_integer_is_read_with_leading_zeros(form: object, number: int) -> None:
    assert read(form, int) == number


@pytest.mark.parametrize(
    "form", [True, False, None, 1.0, "1.0", "", " 1", "1\n", "1_000", "٣", "0x1", "1" * 5000, []]
)
def test_value_that_is_not_an_integer_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, int)


@pytest.mark.parametrize(
    ("form", "number"), [(0, 0.0), ("0.0", 0.0), ("1e-05", 1e-05), (0.5, 0.5), ("-2", -2.0)]
)
def test_float_is_read_from_texts_and_numbers(form: object, number: float) -> None:
    assert read(form, float) == number
    assert isinstance(read(form, float), float)


@pytest.mark.parametrize(
    "form",
    [
        True,
        None,
        "",
        "nan",
        "inf",
        "-Infinity",
        "1_0.0",
        " 1",
        "1.2.3",
        pytest.param(10**400, id="10**400"),
        "1e999",
        {},
    ],
)
def test_value_that_is_not_a_finite_number_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, float)


@pytest.mark.parametrize("form", [float("nan"), float("inf"), float("-inf")])
def test_infinity_and_nan_raise_decoding_error(form: float) -> None:
    with pytest.raises(DecodingError):
        read(form, float)


@pytest.mark.parametrize(("form", "text"), [("a", "a"), ("", ""), (0.1, "0.1"), (2, "2")])
def test_number_is_read_as_a_text(form: object, text: str) -> None:
    assert read(form, str) == text


@pytest.mark.parametrize("form", [None, True, [], {}])
def test_value_that_is_not_a_text_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError, match="is not a string"):
        read(form, str)


def test_enumeration_member_is_read_from_its_text_and_equals_it() -> None:
    status = read("claimed", TicketStatus)
    assert status is TicketStatus.CLAIMED
    text: str = "claimed"
    assert status == text
    assert (str(status), f"{status}") == (text, text)


@pytest.mark.parametrize("form", ["Claimed", "", "claimed ", "new", None, 1, True])
def test_text_that_is_not_an_enumeration_member_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError, match="is not a valid TicketStatus"):
        read(form, TicketStatus)


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
def test_each_form_of_an_instant_is_read_as_aware_utc(form: object, instant: datetime) -> None:
    value = read(form, datetime)
    assert value == instant
    assert value.tzinfo is UTC


@pytest.mark.parametrize(
    "form", ["", "yesterday", "2026-13-01 00:00:00", None, True, float("nan"), 10**20, "9" * 30]
)
def test_value_that_is_not_an_instant_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError):
        read(form, datetime)


def read_last_heard_from(form: object) -> timedelta:
    """Read a duration as the field of a record."""
    row = {"n_success": 0, "n_failed": 0, "queue_length": 0, "last_heard_from": form}
    return read(row, ServiceStats).last_heard_from


@pytest.mark.parametrize(
    ("form", "duration"),
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
def test_each_form_of_a_duration_is_read(form: object, duration: timedelta) -> None:
    assert read_last_heard_from(form) == duration


@pytest.mark.parametrize(
    "form", ["", None, "1:2:3", "1:02", "a", "nan", True, [], "9999999999 days, 0:00:00", 1e300]
)
def test_value_that_is_not_a_duration_raises_decoding_error(form: object) -> None:
    with pytest.raises(DecodingError):
        read_last_heard_from(form)
