"""Tests of the package as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dss_api
from tests.codegen.support import COMMITTED, ROOT

PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:]
before = set(sys.modules)
import dss_api
assert dss_api.__file__.startswith(sys.argv[1]), dss_api.__file__
assert "urllib3" not in sys.modules, "only its transport needs urllib3"
assert "cattrs" not in sys.modules, "only decoding needs cattrs"
assert "dss_api.routes" not in sys.modules, "only requests need the routes"
dss_api.Urllib3Transport
dss_api.OPERATIONS
from dss_api.contract import CONTRACT
CONTRACT.records.read("1", int)
for name in sorted({name.partition(".")[0] for name in set(sys.modules) - before}):
    if name not in sys.stdlib_module_names and not name.startswith("_"):
        print(name)
"""


def test_importing_the_package_loads_only_its_dependencies() -> None:
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
    # urllib3 imports these if they are installed.
    optional = {"typing_extensions", "backports", "brotli", "zstandard", "socks", "h2"}
    required = {"dss_api", "dss_wire", "attr", "attrs", "cattr", "cattrs", "urllib3"}
    assert loaded <= required | optional


def test_every_public_name_exists_and_is_listed() -> None:

    assert [name for name in dss_api.__all__ if not hasattr(dss_api, name)] == []
    assert set(dss_api.__all__) <= set(dir(dss_api))


def test_unknown_name_raises_attribute_error() -> None:

    with pytest.raises(AttributeError, match="module 'dss_api' has no attribute 'Nonsense'"):
        dss_api.Nonsense  # type: ignore[attr-defined]  # noqa: B018  # the name does not exist


def test_package_contains_an_empty_typing_marker() -> None:
    assert (COMMITTED / "py.typed").read_bytes() == b""


def test_every_file_names_its_source_in_the_first_line() -> None:
    for file in COMMITTED.glob("*.py"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# Compiled from spec/dss.yaml"), file
