"""Tests of the enumerations."""

from __future__ import annotations

from dss_api import FileArea, LogCategory, PurgeScope, TicketStatus


def test_every_enumeration_member_equals_its_text() -> None:
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
