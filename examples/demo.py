"""A provider's whole job on a real scan, against the mock middleware: `make demo`.

A user submits the scan, a provider (`examples/provider.py`, as a process of its own) works on it,
and the user fetches the result.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from dss_api import FileArea, TicketStatus, Upload
from dss_client import DSSClient
from dss_mock import DssServer
from dss_mock.seed import load_seed, plant

HERE = Path(__file__).parent
SCAN = HERE / "data" / "mni_icbm152_t1_2mm.nii.gz"
OUTPUT = HERE.parent / "demo-output"
DEADLINE = 120.0
"""How long the provider may take, in seconds."""


def submit(user: DSSClient, scan: Path) -> int:
    """Submit a ticket with one scan, as a user does; its id."""
    ticket = user.api.user.create_ticket(name="BrainMask")
    with scan.open("rb") as stream:
        user.api.user.upload_ticket_file(
            ticket_id=ticket, area=FileArea.INPUT, file=Upload.of(scan, stream)
        )
    user.api.user.set_ticket_status(ticket_id=ticket, status=TicketStatus.READY)
    return ticket


def run_provider(server: str) -> None:
    """Let the example's provider work on one ticket, in a process of its own."""
    command = [sys.executable, "-m", "examples.provider", server, "--provider", "testlab"]
    command += ["--tickets", "1", "--timeout", "30"]
    subprocess.run(command, check=True, timeout=DEADLINE, cwd=HERE.parent)  # noqa: S603


def log_table(user: DSSClient, ticket: int) -> pd.DataFrame:
    """The ticket's log as its user sees it."""
    entries = user.api.user.get_ticket_log(ticket_id=ticket)
    rows = [
        (entry.atime.strftime("%H:%M:%S"), str(entry.category), entry.attachments, entry.message)
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["time (UTC)", "category", "attachments", "message"])


def fetch_attachments(user: DSSClient, ticket: int, folder: Path) -> list[Path]:
    """Save what the provider attached to the log."""
    endings = {"text/plain": ".txt", "image/png": ".png"}
    paths: list[Path] = []
    for entry in user.api.user.get_ticket_detail(ticket_id=ticket).log:
        for attachment in entry.attachments:
            path = folder / f"attachment_{attachment.id}{endings[attachment.mime_type]}"
            with user.api.user.download_blob(blob=attachment.url.rpartition("/")[2]) as download:
                path.write_bytes(download.read())
            paths.append(path)
    return paths


def fetch_results(user: DSSClient, ticket: int, folder: Path) -> list[Path]:
    """Save the files that the provider gave back."""
    paths: list[Path] = []
    for file in user.api.user.list_ticket_files(ticket_id=ticket, area=FileArea.RESULTS):
        path = folder / file.filename
        with (
            user.api.user.download_ticket_file(
                ticket_id=ticket, area=FileArea.RESULTS, index=file.index
            ) as download,
            path.open("wb") as stream,
        ):
            stream.writelines(download)
        paths.append(path)
    return paths


def demo(server: DssServer) -> None:
    """Play all parts against one middleware."""
    user, provider = DSSClient(server.url), DSSClient(server.url)
    user.login("demo-token-of-the-user")
    ticket = submit(user, SCAN)
    print(f"The user submitted ticket {ticket} with {SCAN.name} to {server.url}.\n")

    provider.login("demo-token-of-the-provider")  # kept, so that the provider's process finds it
    print(provider.dssp_list_services().to_string(index=False), "\n", flush=True)
    run_provider(server.url)

    detail = user.api.user.get_ticket_detail(ticket_id=ticket)
    print(f"\nTicket {ticket}: {detail.status}. What its user reads:\n")
    with pd.option_context("display.max_colwidth", None, "display.width", 120):
        print(log_table(user, ticket).to_string(index=False), "\n")
    if detail.status != TicketStatus.SUCCESS:
        sys.exit("The demo failed.")
    OUTPUT.mkdir(exist_ok=True)
    for path in fetch_results(user, ticket, OUTPUT):
        print(f"The result:  {path}")
    for path in fetch_attachments(user, ticket, OUTPUT):
        kind = "The picture: " if path.suffix == ".png" else "The volume:  "
        print(f"{kind}{path}")


def main() -> None:
    """Run the demo, keeping its sessions out of the keyring and the home of who runs it."""
    with tempfile.TemporaryDirectory() as home, DssServer() as server:
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        os.environ["HOME"] = os.environ["USERPROFILE"] = home
        plant(server.state, load_seed(HERE / "seed.yaml"))
        demo(server)


if __name__ == "__main__":
    main()
