import subprocess
import sys
from pathlib import Path

import pytest

from dss_api import FileArea
from dss_client import DSSClient
from tests.dss_client.conftest import World

SIZE = 128 << 20
"""Of the file that is moved, in bytes."""
ALLOWED = 24 << 20
"""How much memory may grow while it moves, in bytes."""

MOVE = r"""
import re, sys
from pathlib import Path
from dss_client import DSSClient

def peak():
    # Not ru_maxrss, which begins with what the parent process had.
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) << 10

server, ticket, folder, small = sys.argv[1:]
client = DSSClient(server)
client.dssp_upload_files(ticket, small)  # what is loaded once is loaded now
before = peak()
paths = client.dssp_download_ticket(ticket, folder)
after_download = peak()
client.dssp_upload_files(ticket, paths)
print(after_download - before, peak() - after_download)
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="the peak of memory is read from /proc"
)


def test_memory_does_not_grow_with_the_size_of_a_file(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    # Sparse, so that only the client and the mock have work with it.
    stored = world.server.state.tickets[ticket].files[FileArea.INPUT]["scan.nii.gz"]
    with stored.path.open("r+b") as stream:
        stream.truncate(SIZE)
    small = tmp_path / "small.txt"
    small.write_text("x")

    done = subprocess.run(
        [sys.executable, "-c", MOVE, world.server.url, str(ticket), str(tmp_path / "in"), small],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    down, up = (int(number) for number in done.stdout.split())
    assert (tmp_path / "in" / "scan.nii.gz").stat().st_size == SIZE
    assert down < ALLOWED, f"{down >> 20} MB for the download"
    assert up < ALLOWED, f"{up >> 20} MB for the upload"
