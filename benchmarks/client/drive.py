"""Does with a client what is measured: `python drive.py STAGE URL TOKEN JSON`.

Runs with the Python in which `itksnap_dss` is the client in question, and needs nothing else. Its
last line is `report: `, with what was measured as JSON behind it.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

REPORT = "report: "
EXPORT = "export"
CODE = "bench"
"""The instance of the provider that claims."""

Ask = Mapping[str, Any]
"""What a stage is given: `service`, `provider`, and what else it needs."""
Found = dict[str, list[float]]
"""What a stage measured, by what was measured."""

_PEAK_IS_NOW = "5"


class Contestant(Protocol):
    """A client, by what is measured of it."""

    def claim(self, service: str, provider: str) -> int:
        """Claim the next ticket."""
        ...

    def set_progress(self, ticket: int) -> None:
        """Report progress."""
        ...

    def list_services(self) -> None:
        """Ask for the provider's services."""
        ...

    def download(self, ticket: int, folder: Path, files: int) -> float | None:
        """Write the files of a ticket, so many, into a folder; the seconds, if it counts them."""
        ...

    def upload(self, ticket: int, path: Path) -> float | None:
        """Send a file, or all that belongs to a workspace; the seconds, if it counts them."""
        ...

    def read_log(self, ticket: int) -> int:
        """Ask for the log of a ticket; how many messages it has."""
        ...


class Client:
    """A client with the methods of `DSSClient`, this one or the public one."""

    def __init__(self, url: str, token: str) -> None:
        self._client: Any = importlib.import_module("itksnap_dss").DSSClient(url)
        self._client.login(token)

    def claim(self, service: str, provider: str) -> int:
        return int(self._client.dssp_claim_ticket([service], provider, CODE)["ticket"].iloc[0])

    def set_progress(self, ticket: int) -> None:
        self._client.dssp_set_progress(ticket, 0.5)

    def list_services(self) -> None:
        self._client.dssp_list_services()

    def download(self, ticket: int, folder: Path, files: int) -> None:
        self._client.dssp_download_ticket(ticket, str(folder))

    def upload(self, ticket: int, path: Path) -> None:
        if path.suffix == ".itksnap":
            self._client.dssp_upload_ticket(ticket, str(path))
        else:
            self._client.dssp_upload_files(ticket, path)

    def read_log(self, ticket: int) -> int:
        return len(self._client.dss_ticket_log(ticket))


def requests(contestant: Contestant, ask: Ask) -> Found:
    """Claim some tickets, and ask for so many `seconds`."""
    claims: list[float] = []
    ticket = 0
    for _ in range(ask["claims"]):
        began = time.perf_counter()
        ticket = contestant.claim(ask["service"], ask["provider"])
        claims.append(time.perf_counter() - began)
    found = {"claim": claims[1:]}  # what a client loads with its first answer is no latency
    calls: dict[str, Callable[[], None]] = {
        "set progress": lambda: contestant.set_progress(ticket),
        "list services": contestant.list_services,
    }
    for name, call in calls.items():
        call()
        done, now = 0, 0.0
        began = time.perf_counter()
        while now < ask["seconds"]:
            call()
            done += 1
            now = time.perf_counter() - began
        found[name] = [done / now]
    return found


def download(contestant: Contestant, ask: Ask) -> Found:
    """Claim a ticket and write its files into `folder`."""
    ticket = contestant.claim(ask["service"], ask["provider"])
    folder = Path(ask["folder"])
    folder.mkdir()
    found = _transferred(lambda: contestant.download(ticket, folder, ask["files"]))
    arrived = [path.stat().st_size for path in folder.iterdir()]
    assert arrived == [ask["size"]] * ask["files"], f"these sizes arrived: {arrived}"
    return found


def upload(contestant: Contestant, ask: Ask) -> Found:
    """Claim a ticket and send it the file at `path`."""
    ticket = contestant.claim(ask["service"], ask["provider"])
    return _transferred(lambda: contestant.upload(ticket, Path(ask["path"])))


def log(contestant: Contestant, ask: Ask) -> Found:
    """Read the log of `ticket`, twice: what a client loads with the first table is not counted."""
    contestant.read_log(ask["ticket"])
    began = time.perf_counter()
    rows = contestant.read_log(ask["ticket"])
    took = time.perf_counter() - began
    assert rows >= ask["rows"], f"the log has {rows} rows"
    return {"seconds": [took]}


def export(ask: Ask) -> Found:
    """Export the workspace at `path` into `folder`, which no middleware has a part in."""
    workspace = importlib.import_module("itksnap_dss").WorkspaceWrapper(ask["path"])
    folder = Path(ask["folder"])
    folder.mkdir()

    def made() -> None:
        workspace.export_workspace(str(folder / "exported.itksnap"))

    found = _transferred(made)
    files = len(list(folder.iterdir()))
    assert files == ask["files"], f"{files} files were made"
    return found


STAGES: dict[str, Callable[[Contestant, Ask], Found]] = {
    "requests": requests,
    "download": download,
    "upload": upload,
    "log": log,
}


def _transferred(transfer: Callable[[], float | None]) -> Found:
    """The seconds of a transfer, and by how many bytes the resident memory grew at its peak."""
    Path("/proc/self/clear_refs").write_text(_PEAK_IS_NOW, encoding="ascii")
    before = _resident("VmRSS")
    began = time.perf_counter()
    took = transfer() or time.perf_counter() - began
    return {"seconds": [took], "growth": [_resident("VmHWM") - before]}


def _resident(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found, f"this system does not tell {name}"
    return int(found[1]) << 10


def run(contestant: Callable[[str, str], Contestant]) -> None:
    """Do what the command line says."""
    stage, url, token, ask = sys.argv[1:]
    given = json.loads(ask)
    found = export(given) if stage == EXPORT else STAGES[stage](contestant(url, token), given)
    sys.stdout.write(f"\n{REPORT}{json.dumps(found)}\n")


if __name__ == "__main__":
    run(Client)
