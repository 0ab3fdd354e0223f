"""Reading services from git repositories. The tests of registration cover their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_mock.git_repository import read_repository
from tests.conformance.repositories import Repository


def test_git_variables_in_environment_do_not_redirect_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
