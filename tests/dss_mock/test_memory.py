"""Streaming: the memory of the mock does not grow with the size of a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dss_api import DssApi, FileArea, TicketStatus, Upload, Urllib3Transport

from .conftest import SessionTransport

SIZE = 1 << 30
"""The size of the file, in bytes."""
ALLOWED = 64 << 20
"""The largest memory of the mock, in bytes."""
GROWTH = 16 << 20
"""The largest growth of the memory because of the file, in bytes."""
DEADLINE = 100

SEED = """\
users:
  - {email: user@example.com, token: secret}
providers:
  - {name: lab, users: [user@example.com]}
services:
  - {provider: lab, descriptor: {name: A, version: "1", shortdesc: s}}
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(),
    reason="the peak of memory is read from /proc",
)


def read_peak_memory(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) << 10


def test_memory_does_not_grow_with_size_of_file(tmp_path: Path) -> None:
    seed, big, small = tmp_path / "seed.yaml", tmp_path / "big", tmp_path / "small"
    seed.write_text(SEED)
    small.write_text("small")
    big.touch()
    os.truncate(big, SIZE)  # sparse, so that only the mock does work
    command = [sys.executable, "-m", "dss_mock", "serve", "--port", "0", "--seed", f"{seed}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address
            with Urllib3Transport(address[0], read_timeout=DEADLINE) as transport:
                api = DssApi(SessionTransport(transport))
                api.session.login(token="secret")
                upload_and_download(api, small)  # imports happen now
                before = read_peak_memory(process.pid)
                upload_and_download(api, big)
                most = read_peak_memory(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=DEADLINE)
    assert most < ALLOWED, f"{most >> 20} MB"
    assert most - before < GROWTH, f"{(most - before) >> 20} MB more"


def upload_and_download(api: DssApi, path: Path) -> None:
    """Upload a file, and download it as its user and as its provider."""
    ticket = api.user.create_ticket(name="A")
    with path.open("rb") as stream:
        file = Upload.of(path, stream)
        api.user.upload_ticket_file(ticket_id=ticket, area=FileArea.INPUT, file=file)
    api.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    (service,) = api.provider.list_provided_services()
    claim = api.provider.claim_ticket(services=[service.githash], provider="lab")
    assert claim
    for group in (api.user.download_ticket_file, api.provider.download_claimed_ticket_file):
        with group(ticket_id=ticket, area=FileArea.INPUT, index=0) as download:
            assert sum(map(len, download)) == path.stat().st_size
