"""The help text of commands."""

from __future__ import annotations

import os
import subprocess
import sys


def mock_help() -> str:
    """Return what `dss-mock serve --help` prints, as a code block."""
    printed = subprocess.run(
        [sys.executable, "-m", "dss_mock", "serve", "--help"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "80"},
        timeout=60,
    ).stdout
    return f"```text\n{printed.replace('python -m dss_mock', 'dss-mock').rstrip()}\n```"
