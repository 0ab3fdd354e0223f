"""Reading services from git repositories; what they may hold, the tests of registration say."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_mock.git_repository import read_repository
from tests.conformance.repositories import Repository


def test_where_git_runs_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hand = Repository.create(tmp_path / "at hand")
    at_hand.commit({"name": "other"})
    before = {path: path.read_bytes() for path in at_hand.path.rglob("*") if path.is_file()}
    named = Repository.create(tmp_path / "named")
    githash = named.commit({"name": "named"})
    monkeypatch.setenv("GIT_DIR", str(at_hand.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(at_hand.path))
    assert read_repository(str(named.path), "master") == (githash, {"name": "named"})
    after = {path: path.read_bytes() for path in at_hand.path.rglob("*") if path.is_file()}
    assert after == before
