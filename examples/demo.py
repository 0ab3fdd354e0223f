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

from dss_client import DSSClient, TicketStatus
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
    with pd.option_context("display.max_colwidth", None, "display.width", 120):
        return shown.rename(columns={"time": "time (UTC)"}).to_string(index=False)


def demo(server: DssServer) -> None:
    """Play all parts against one middleware."""
    user, provider = DSSClient(server.url), DSSClient(server.url)
    user.login("demo-token-of-the-user")
    ticket = user.dss_create_ticket("BrainMask", SCAN)
    print(f"The user submitted ticket {ticket} with {SCAN.name} to {server.url}.\n")

    provider.login("demo-token-of-the-provider")  # kept, so that the provider's process finds it
    print(provider.dssp_list_services().to_string(index=False), "\n", flush=True)
    run_provider(server.url)

    status = user.dss_wait_for_ticket(ticket, timeout=DEADLINE)
    print(f"\nTicket {ticket}: {status}. What its user reads:\n")
    print(readable(user.dss_ticket_log(ticket)), "\n")
    if status != TicketStatus.SUCCESS:
        sys.exit("The demo failed.")
    for path in user.dss_download_results(ticket, OUTPUT):
        print(f"The result:  {path}")
    for path in user.dss_download_attachments(ticket, OUTPUT):
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
