"""Sessions of other tools that the client uses."""

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

from . import file_keyring, real_middleware
from .file_keyring import FileKeyring
from .middleware import Middleware

SIGN_IN = "import sys; from itksnap_dss import DSSClient; DSSClient(sys.argv[1]).login(sys.argv[2])"
TIMEOUT = 60


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileKeyring]:
    """Return a keyring that other processes also use."""
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    before, ring = keyring.get_keyring(), FileKeyring()  # type: ignore[no-untyped-call]  # untyped
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def get_url(middleware: Middleware) -> str:
    return f"http://{middleware.address[0]}:{middleware.address[1]}"


@pytest.mark.skipif(not real_middleware.is_installed(), reason=real_middleware.NOT_INSTALLED)
def test_client_uses_the_session_of_the_original_client(
    middleware: Middleware, ring: FileKeyring, tmp_path: Path
) -> None:
    server = get_url(middleware)
    # The backend is copied, so that the other modules in this folder cannot be imported.
    backend = shutil.copy(file_keyring.__file__, tmp_path)
    subprocess.run(
        [real_middleware.PYTHON, "-P", "-c", SIGN_IN, server, middleware.get_token("prov1")],
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            "PYTHONPATH": str(Path(backend).parent),
            "PYTHON_KEYRING_BACKEND": f"{Path(backend).stem}.{FileKeyring.__name__}",
        },
    )
    before = ring.read_entries()

    assert DSSClient(server).whoami() == "prov1@example.com"
    assert ring.read_entries() == before


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_client_uses_the_session_in_the_cookie_jar_of_itksnap_wt(
    middleware: Middleware, home: Path
) -> None:
    server = get_url(middleware)
    folder = home / ".alfabis"
    folder.mkdir()
    (folder / "server").write_text(server)
    jar = folder / f"cookie_{hashlib.md5(server.encode()).hexdigest()}.jar"
    token = middleware.get_token("prov1")
    login = ["curl", "-s", "-f", "-c", str(jar), "-d", f"token={token}", f"{server}/api/login"]
    subprocess.run(login, check=True, capture_output=True, timeout=TIMEOUT)

    assert DSSClient(server).whoami() == "prov1@example.com"
