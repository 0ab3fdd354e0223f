"""The plugin, as pytest loads it in other projects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dss_mock import DssServer

DEADLINE = 60

HIDE = """\
import sys


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("cheroot", "click", "pytest_httpserver", "werkzeug", "yaml"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hidden())
"""
TEST = """\
def test_nothing() -> None:
    pass


def test_server(dss_server) -> None:
    assert dss_server.url.startswith("http://127.0.0.1:")
    dss_server.add_user("a@example.com")


def test_other_server(dss_server) -> None:
    assert dss_server.add_user("a@example.com").id == 1
    dss_server.stop()


def test_after_it_was_stopped(dss_server) -> None:
    assert dss_server.is_running()
    dss_server.close()


def test_after_it_was_closed(dss_server) -> None:
    assert dss_server.is_running()
    assert dss_server.add_user("a@example.com").id == 1
"""


def run_pytest(folder: Path, *, prelude: str = "") -> str:
    (folder / "test_it.py").write_text(TEST)
    program = f"{prelude}\nimport sys, pytest\nsys.exit(pytest.main(sys.argv[1:]))"
    options = ["-rs", "-p", "no:cacheprovider", "-W", "error", "--rootdir", f"{folder}"]
    if prelude:
        options += ["-p", "no:pytest_httpserver"]
    done = subprocess.run(
        [sys.executable, "-c", program, *options, f"{folder}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return done.stdout + done.stderr


def test_fixture_works_in_other_project(tmp_path: Path) -> None:
    assert "5 passed" in run_pytest(tmp_path)


def test_fixture_skips_test_if_extra_is_not_installed(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, prelude=HIDE)
    assert "1 passed, 4 skipped" in output
    assert "pip install 'itksnap-dss-kit[mock]'" in output


def test_plugin_imports_no_heavy_modules() -> None:
    program = (
        "import sys, dss_mock.pytest_plugin\n"
        "heavy = {'pytest_httpserver', 'werkzeug', 'click', 'yaml', 'dss_api', 'urllib3'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_fixture_has_no_users_at_first(dss_server: DssServer) -> None:
    assert dss_server.state.accounts.users == {}
    dss_server.add_user("a@example.com")


def test_fixture_has_no_users_after_earlier_test(dss_server: DssServer) -> None:
    assert dss_server.state.accounts.users == {}
