"""The clock of the mock."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPConnection

import pytest

from dss_mock import DssServer, State
from dss_mock.state import Clock
from dss_mock.state.clock import ClockSetting

AT = datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_new_clock_shows_real_time() -> None:
    clock = Clock()
    before = time.time()
    assert before <= clock.now() <= time.time()


def test_advance_sets_clock_forward() -> None:
    clock = Clock()
    before = time.time()
    clock.advance(hours=3)
    clock.advance(timedelta(minutes=1), days=1, seconds=1.5)
    assert before + 97261.5 <= clock.now() <= time.time() + 97261.5


def test_advance_by_negative_time_is_refused() -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="cannot go back by"):
        clock.advance(hours=-1)
    with pytest.raises(ValueError, match="cannot go back by"):
        clock.advance(timedelta(hours=-1), minutes=59)
    clock.advance(timedelta(hours=-1), hours=1)


def test_frozen_clock_stands_still() -> None:
    clock = Clock()
    clock.freeze()
    now = clock.now()
    assert clock.now() == now
    clock.freeze(AT)
    assert clock.now() == AT.timestamp()
    clock.advance(days=1)
    assert clock.now() == (AT + timedelta(days=1)).timestamp()
    clock.freeze(AT.astimezone(timezone(timedelta(hours=9))))
    assert clock.now() == AT.timestamp()
    with pytest.raises(ValueError, match="lacks a time zone"):
        clock.freeze(datetime(2024, 2, 29, 12))


def test_resumed_clock_runs_on_from_frozen_time() -> None:
    clock = Clock()
    clock.freeze(AT)
    before = time.time()
    clock.resume()
    assert AT.timestamp() <= clock.now() <= AT.timestamp() + (time.time() - before)
    clock.resume()
    assert clock.now() < AT.timestamp() + 60


@pytest.mark.parametrize("frozen", [False, True])
def test_clock_refuses_times_out_of_range(frozen: bool) -> None:
    clock = Clock()
    if frozen:
        clock.freeze(AT)
    before = clock.setting
    for seconds in (1e12, 1e20, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=r"clock|NaN"):
            clock.advance(seconds=seconds)
    for year in (1, 1969, 2201, 9999):
        with pytest.raises(ValueError, match="the years 1970 to 2199"):
            clock.freeze(datetime(year, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="the years 1970 to 2199"):
        clock.setting = ClockSetting(ahead=-1e10)
    assert clock.setting == before
    for year in (1970, 2199):
        clock.freeze(datetime(year, 1, 1, tzinfo=UTC))
        assert datetime.fromtimestamp(clock.now(), UTC).year == year


def test_server_still_works_after_refusing_time_out_of_range(dss_server: DssServer) -> None:
    def ask(method: str, path: str, body: str = "") -> int:
        with closing(HTTPConnection(dss_server.host, dss_server.port, timeout=30)) as connection:
            connection.request(method, path, body)
            return connection.getresponse().status

    for wanted in ('{"advance": 1e12}', '{"at": "0001-01-01"}', '{"at": "9999-12-31"}'):
        assert ask("POST", "/_mock/clock", wanted) == 400
        assert ask("GET", "/_mock/clock") == 200
        assert ask("GET", "/_mock/state") == 200
        assert ask("GET", "/api/login") == 401


def test_reset_sets_clock_to_real_time() -> None:
    with State() as state:
        state.clock.freeze(AT)
        state.reset()
        assert state.clock.now() >= time.time() - 60
        state.clock.advance(days=1)
        state.reset()
        assert state.clock.now() <= time.time()
