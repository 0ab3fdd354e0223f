import subprocess
import sys
from pathlib import Path

import pytest

from dss_api import FileArea
from dss_client import DSSClient
from tests.dss_client.conftest import World

FILE_SIZE = 128 << 20
"""The size of the transferred file, in bytes."""
MAX_GROWTH = 24 << 20
"""The most that the memory can grow during a transfer, in bytes."""

TRANSFER_SCRIPT = r"""
import re, sys
from pathlib import Path
from dss_client import DSSClient

def read_peak():
    # Not ru_maxrss: it starts with the peak of the parent process.
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) << 10

server, ticket, folder, small = sys.argv[1:]
client = DSSClient(server)
client.dssp_upload_files(ticket, small)  # loads every module that a transfer needs
before = read_peak()
paths = client.dssp_download_ticket(ticket, folder)
after_download = read_peak()
client.dssp_upload_files(ticket, paths)
print(after_download - before, read_peak() - after_download)
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="the peak of memory is read from /proc"
)


def test_memory_does_not_grow_with_the_size_of_a_file(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    # Sparse, so that it does not fill the disk.
    stored = world.server.state.tickets[ticket].files[FileArea.INPUT]["scan.nii.gz"]
    with stored.path.open("r+b") as stream:
        stream.truncate(FILE_SIZE)
    small = tmp_path / "small.txt"
    small.write_text("x")

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            TRANSFER_SCRIPT,
            world.server.url,
            str(ticket),
            str(tmp_path / "in"),
            small,
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    down, up = (int(number) for number in done.stdout.split())
    assert (tmp_path / "in" / "scan.nii.gz").stat().st_size == FILE_SIZE
    assert down < MAX_GROWTH, f"{down >> 20} MB for the download"
    assert up < MAX_GROWTH, f"{up >> 20} MB for the upload"
