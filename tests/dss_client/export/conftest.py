"""What the tests of exports share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder for what is exported."""
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The workspace file to be, in a folder that is not there yet."""
    return tmp_path / "out" / "work.itksnap"
