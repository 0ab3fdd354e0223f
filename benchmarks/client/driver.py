"""A program that does one stage with a client: `python driver.py STAGE URL TOKEN PARAMETERS`.

PARAMETERS is JSON. Run the program with the Python of the client's environment, where the client is
`itksnap_dss`. It needs nothing else. Its last line of output is `report: ` and the measured values
as JSON.
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
"""The name of the provider's instance, for claims."""

Parameters = Mapping[str, Any]
"""The parameters of a stage: `service`, `provider`, and what else it needs."""
Measured = dict[str, list[float]]
"""The measured values of a stage, by the name of the measurement."""

_RESET_PEAK = "5"


class Client(Protocol):
    """A client, with the operations that are measured."""

    def claim(self, service: str, provider: str) -> int:
        """Claim the next ticket, and return its id."""
        ...

    def set_progress(self, ticket: int) -> None:
        """Set the progress of a ticket."""
        ...

    def list_services(self) -> None:
        """List the services of the provider."""
        ...

    def download(self, ticket: int, folder: Path, files: int) -> float | None:
        """Download the files of a ticket; return the seconds if the client measures them."""
        ...

    def upload(self, ticket: int, path: Path) -> float | None:
        """Upload a file or a workspace; return the seconds if the client measures them."""
        ...

    def read_log(self, ticket: int) -> int:
        """Fetch the log of a ticket, and return its number of messages."""
        ...


class DssClient:
    """This client or the public one, by the methods of `DSSClient` that both have."""

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


def measure_requests(client: Client, parameters: Parameters) -> Measured:
    """Claim `claims` tickets, then repeat each other request for `seconds`."""
    claims: list[float] = []
    ticket = 0
    for _ in range(parameters["claims"]):
        began = time.perf_counter()
        ticket = client.claim(parameters["service"], parameters["provider"])
        claims.append(time.perf_counter() - began)
    # The first claim is not counted, because clients load modules with their first response.
    measured = {"claim": claims[1:]}
    calls: dict[str, Callable[[], None]] = {
        "set progress": lambda: client.set_progress(ticket),
        "list services": client.list_services,
    }
    for name, call in calls.items():
        call()
        done, now = 0, 0.0
        began = time.perf_counter()
        while now < parameters["seconds"]:
            call()
            done += 1
            now = time.perf_counter() - began
        measured[name] = [done / now]
    return measured


def measure_download(client: Client, parameters: Parameters) -> Measured:
    """Claim a ticket and download its files into `folder`."""
    ticket = client.claim(parameters["service"], parameters["provider"])
    folder = Path(parameters["folder"])
    folder.mkdir()
    measured = _measure_transfer(lambda: client.download(ticket, folder, parameters["files"]))
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert sizes == [parameters["size"]] * parameters["files"], f"the sizes are {sizes}"
    return measured


def measure_upload(client: Client, parameters: Parameters) -> Measured:
    """Claim a ticket and upload the file at `path` to it."""
    ticket = client.claim(parameters["service"], parameters["provider"])
    return _measure_transfer(lambda: client.upload(ticket, Path(parameters["path"])))


def measure_log(client: Client, parameters: Parameters) -> Measured:
    """Read the log of `ticket` twice, and measure the second time.

    Clients load modules with their first table.
    """
    client.read_log(parameters["ticket"])
    began = time.perf_counter()
    rows = client.read_log(parameters["ticket"])
    seconds = time.perf_counter() - began
    assert rows >= parameters["rows"], f"the log has {rows} rows"
    return {"seconds": [seconds]}


def measure_export(parameters: Parameters) -> Measured:
    """Export the workspace at `path` into `folder`, without a middleware."""
    workspace = importlib.import_module("itksnap_dss").WorkspaceWrapper(parameters["path"])
    folder = Path(parameters["folder"])
    folder.mkdir()

    def export() -> None:
        workspace.export_workspace(str(folder / "exported.itksnap"))

    measured = _measure_transfer(export)
    files = len(list(folder.iterdir()))
    assert files == parameters["files"], f"the export has {files} files"
    return measured


STAGES: dict[str, Callable[[Client, Parameters], Measured]] = {
    "requests": measure_requests,
    "download": measure_download,
    "upload": measure_upload,
    "log": measure_log,
}


def _measure_transfer(transfer: Callable[[], float | None]) -> Measured:
    """Measure the seconds of a transfer, and the growth of peak resident memory in bytes."""
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    before = _read_status("VmRSS")
    began = time.perf_counter()
    seconds = transfer() or time.perf_counter() - began
    return {"seconds": [seconds], "growth": [_read_status("VmHWM") - before]}


def _read_status(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert match, f"/proc/self/status does not contain {name}"
    return int(match[1]) << 10


def run_command(connect: Callable[[str, str], Client]) -> None:
    """Run the stage on the command line, and print the report.

    Args:
        connect: returns a client that is signed in, from the URL and the token.
    """
    stage, url, token, text = sys.argv[1:]
    parameters = json.loads(text)
    if stage == EXPORT:
        measured = measure_export(parameters)
    else:
        measured = STAGES[stage](connect(url, token), parameters)
    sys.stdout.write(f"\n{REPORT}{json.dumps(measured)}\n")


if __name__ == "__main__":
    run_command(DssClient)
