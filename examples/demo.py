"""A demo of one ticket from start to end, with a real scan and the mock middleware: `make demo`.

A user submits a workspace with the scan. A provider (`examples/provider.py` in a child process)
processes it. The user downloads a workspace with the result, for ITK-SNAP.
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
"""Maximum seconds for the provider."""


def run_provider(server: str) -> None:
    """Run the example provider for one ticket, in a child process."""
    command = [sys.executable, "-m", "examples.provider", server, "--provider", "testlab"]
    command += ["--tickets", "1", "--timeout", "30"]
    subprocess.run(command, check=True, timeout=DEADLINE, cwd=HERE.parent)  # noqa: S603


def format_log(log: pd.DataFrame) -> str:
    """Format the log of a ticket."""
    shown = log.drop(columns="log").assign(time=log["time"].dt.strftime("%H:%M:%S"))
    return format_table(shown.rename(columns={"time": "time (UTC)"}))


def format_table(rows: pd.DataFrame) -> str:
    """Format a table without shortening its texts."""
    with pd.option_context("display.max_colwidth", None, "display.width", 120):
        return rows.to_string(index=False)


def run_demo(server: DssServer) -> None:
    """Play both the user and the provider at one middleware."""
    user, provider = DSSClient(server.url), DSSClient(server.url)
    user.login("demo-token-of-the-user")
    workspace = Workspace.create(SCAN, nickname="Scan", tags=["T1-MRI"])
    ticket = user.dss_create_ticket("BrainMask", workspace)
    print(f"The user submitted ticket {ticket} to {server.url} with this workspace:\n")
    print(format_table(workspace.describe()), "\n")

    provider.login("demo-token-of-the-provider")  # saves the session for the child process
    print("The provider has these services:\n")
    print(format_table(provider.dssp_list_services()), "\n", flush=True)
    run_provider(server.url)

    status = user.dss_wait_for_ticket(ticket, timeout=DEADLINE)
    print(f"\nTicket {ticket}: {status}. Its user reads this log:\n")
    print(format_log(user.dss_ticket_log(ticket)), "\n")
    if status != TicketStatus.SUCCESS:
        sys.exit("The demo failed.")

    files = user.dss_download_results(ticket, OUTPUT)
    result = Workspace.received(files)
    print("The user downloaded this workspace:\n")
    print(format_table(result.describe()), "\n")
    for path in user.dss_download_attachments(ticket, OUTPUT):
        kind = "picture:  " if path.suffix == ".png" else "volume:   "
        print(f"The {kind} {path}")
    print(f"The workspace: {result.path}\nOpen it in ITK-SNAP: itksnap -w '{result.path}'")


def main() -> None:
    """Run the demo without a change to the keyring or the home folder of the user."""
    with tempfile.TemporaryDirectory() as home, DssServer() as server:
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
        os.environ["HOME"] = os.environ["USERPROFILE"] = home
        plant(server.state, load_seed(HERE / "seed.yaml"))
        run_demo(server)


if __name__ == "__main__":
    main()
