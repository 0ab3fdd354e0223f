"""Fixtures of the export tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Create a folder for source files."""
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return the path of the exported workspace. Its folder does not exist yet."""
    return tmp_path / "out" / "work.itksnap"
