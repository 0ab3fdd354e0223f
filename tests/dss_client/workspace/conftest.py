"""Workspaces for the tests: small ones made here, and the real ones, where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL = Path(__file__).parents[4] / "shared" / "data" / "itksnap"
"""Real workspaces and images, which are not part of this project."""


@pytest.fixture
def real() -> Path:
    """The folder with real workspaces; tests that need it are skipped where it is not."""
    if not REAL.is_dir():
        pytest.skip(f"needs the test data of ITK-SNAP in {REAL}")
    return REAL
