"""A ticket's whole life on a real scan, against the mock middleware: `make demo`.

A user submits a workspace with the scan, a provider (`examples/provider.py`, as a process of its
own) works on it, and the user fetches a workspace that ITK-SNAP opens.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from dss_client import DSSClient, TicketStatus, Workspace
from dss_mock import DssServer
from dss_mock.seed import load_seed, plant

HERE = Path(__file__).parent
SCAN = HERE / "data" / "mni_icbm152_t1_2mm.nii.gz"
OUTPUT = HERE.parent / "demo-output"
DEADLINE = 120.0
"""How long the provider may take, in seconds."""


def run_provider(server: str) -> None:
    """Let the example's provider work on one ticket, in a process of its own."""
    command = [sys.executable, "-m", "examples.provider", server, "--provider", "testlab"]
    command += ["--tickets", "1", "--timeout", "30"]
    subprocess.run(command, check=True, timeout=DEADLINE, cwd=HERE.parent)  # noqa: S603


def readable(log: pd.DataFrame) -> str:
    """A ticket's log, as it is printed."""
    shown = log.drop(columns="log").assign(time=log["time"].dt.strftime("%H:%M:%S"))
    return table(shown.rename(columns={"time": "time (UTC)"}))


def table(rows: pd.DataFrame) -> str:
    """A table in full, as it is printed."""
    with pd.option_context("display.max_colwidth", None, "display.width", 120):
        return rows.to_string(index=False)


def demo(server: DssServer) -> None:
    """Play all parts against one middleware."""
    user, provider = DSSClient(server.url), DSSClient(server.url)
    user.login("demo-token-of-the-user")
    workspace = Workspace.create(SCAN, nickname="Scan", tags=["T1-MRI"])
    ticket = user.dss_create_ticket("BrainMask", workspace)
    print(f"The user submitted ticket {ticket} to {server.url}, with the workspace\n")
    print(table(workspace.describe()), "\n")

    provider.login("demo-token-of-the-provider")  # kept, so that the provider's process finds it
    print("The provider has the services\n")
    print(table(provider.dssp_list_services()), "\n", flush=True)
    run_provider(server.url)

    status = user.dss_wait_for_ticket(ticket, timeout=DEADLINE)
    print(f"\nTicket {ticket}: {status}. What its user reads:\n")
    print(readable(user.dss_ticket_log(ticket)), "\n")
    if status != TicketStatus.SUCCESS:
        sys.exit("The demo failed.")

    files = user.dss_download_results(ticket, OUTPUT)
    result = Workspace.received(files)
    print("The workspace that came back:\n")
    print(table(result.describe()), "\n")
    for path in user.dss_download_attachments(ticket, OUTPUT):
        kind = "picture:  " if path.suffix == ".png" else "volume:   "
        print(f"The {kind} {path}")
    print(f"The workspace: {result.path}\nOpen it in ITK-SNAP: itksnap -w '{result.path}'")


def main() -> None:
    """Run the demo, keeping its sessions out of the keyring and the home of who runs it."""
    with tempfile.TemporaryDirectory() as home, DssServer() as server:
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        os.environ["HOME"] = os.environ["USERPROFILE"] = home
        plant(server.state, load_seed(HERE / "seed.yaml"))
        demo(server)


if __name__ == "__main__":
    main()
