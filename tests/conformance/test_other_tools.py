"""Whoever signed in with another tool need not do so again."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from dss_client import DSSClient

from . import file_keyring, real
from .file_keyring import FileKeyring
from .middleware import Middleware

SIGN_IN = "import sys; from itksnap_dss import DSSClient; DSSClient(sys.argv[1]).login(sys.argv[2])"
TIMEOUT = 60


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileKeyring]:
    """A keyring that other processes see too."""
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    before, found = keyring.get_keyring(), FileKeyring()  # type: ignore[no-untyped-call]  # so it is
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def address(middleware: Middleware) -> str:
    return f"http://{middleware.address[0]}:{middleware.address[1]}"


@pytest.mark.skipif(not real.is_installed(), reason="the original client is not installed")
def test_the_original_client(middleware: Middleware, ring: FileKeyring, tmp_path: Path) -> None:
    server = address(middleware)
    # Beside the modules here, one of which has the name of one of Python's own, it would not start.
    backend = shutil.copy(file_keyring.__file__, tmp_path)
    subprocess.run(
        [real.PYTHON, "-P", "-c", SIGN_IN, server, middleware.token("prov1")],
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            "PYTHONPATH": str(Path(backend).parent),
            "PYTHON_KEYRING_BACKEND": f"{Path(backend).stem}.{FileKeyring.__name__}",
        },
    )
    before = ring.entries()

    assert DSSClient(server).whoami() == "prov1@example.com"
    assert ring.entries() == before


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_itksnap_wt_whose_cookies_are_kept_by_curl(middleware: Middleware, home: Path) -> None:
    server = address(middleware)
    folder = home / ".alfabis"
    folder.mkdir()
    (folder / "server").write_text(server)
    jar = folder / f"cookie_{hashlib.md5(server.encode()).hexdigest()}.jar"
    token = middleware.token("prov1")
    login = ["curl", "-s", "-f", "-c", str(jar), "-d", f"token={token}", f"{server}/api/login"]
    subprocess.run(login, check=True, capture_output=True, timeout=TIMEOUT)

    assert DSSClient(server).whoami() == "prov1@example.com"
