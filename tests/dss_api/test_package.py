"""The package stands alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.codegen.support import COMMITTED, ROOT

PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:]
before = set(sys.modules)
import dss_api
assert dss_api.__file__.startswith(sys.argv[1]), dss_api.__file__
assert "urllib3" not in sys.modules, "only its transport needs urllib3"
assert "cattrs" not in sys.modules, "only answers that have come need cattrs"
assert "dss_api.routes" not in sys.modules, "only requests need the routes"
dss_api.Urllib3Transport
dss_api.OPERATIONS
from dss_api.contract import CONTRACT
CONTRACT.records.read("1", int)
for name in sorted({name.partition(".")[0] for name in set(sys.modules) - before}):
    if name not in sys.stdlib_module_names and not name.startswith("_"):
        print(name)
"""


def test_importing_it_loads_only_what_it_is_built_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(COMMITTED.parent), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"dss_api", "dss_wire", "attr", "attrs", "cattrs", "urllib3"} <= loaded
    # urllib3 takes these with it where they happen to be installed.
    optional = {"typing_extensions", "backports", "brotli", "zstandard", "socks", "h2"}
    required = {"dss_api", "dss_wire", "attr", "attrs", "cattr", "cattrs", "urllib3"}
    assert loaded <= required | optional


def test_every_public_name_is_there_and_listed() -> None:
    import dss_api

    assert [name for name in dss_api.__all__ if not hasattr(dss_api, name)] == []
    assert set(dss_api.__all__) <= set(dir(dss_api))


def test_a_name_that_is_not_there_is_missing_as_in_any_module() -> None:
    import dss_api

    with pytest.raises(AttributeError, match="module 'dss_api' has no attribute 'Nonsense'"):
        dss_api.Nonsense  # type: ignore[attr-defined]  # noqa: B018  # that is the point


def test_it_says_that_it_is_typed() -> None:
    assert (COMMITTED / "py.typed").read_bytes() == b""


def test_every_file_says_where_it_comes_from() -> None:
    for file in COMMITTED.glob("*.py"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# Compiled from spec/dss.yaml"), file
