"""Script that calls every method of the original client and prints the outcomes.

Run it with the Python of the original client: `original_client.py ADDRESS TOKEN SERVICE FOLDER`. If
it needs a ticket, it prints `ticket needed` and waits for a line on standard input. At the end it
prints `report: ` and JSON.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import SimpleITK

PROVIDER = "testlab"


class Recorder:
    """A recorder that calls methods of the client, and stores each result or error."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.outcomes: list[list[str]] = []

    def __call__(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        name = method.__name__
        self.called.add(name)
        try:
            result = method(*arguments, **named)
        except Exception as error:  # noqa: BLE001  # every error is an outcome
            self.outcomes.append([name, repr(arguments), type(error).__name__, str(error)])
            return None
        self.outcomes.append([name, repr(arguments), "gave", _describe(result)])
        return result


def _describe(result: Any) -> str:
    if hasattr(result, "to_csv"):
        return f"{dict(result.dtypes.astype(str))} {result.to_csv()}"
    return repr(result)


def main(address: str, token: str, service: str, folder: Path) -> None:
    call = Recorder()
    # This Python imports the original client under this name.
    kind: Any = importlib.import_module("itksnap_dss").DSSClient
    client: Any = kind(address)
    call(client.dssp_list_services)
    call(client.login, "nonsense")
    call(client.login, token)
    call(client.login_if_needed)
    call(client.dssp_list_services)
    call(client.dssp_claim_ticket, [service], PROVIDER, "one")
    call(client.dssp_claim_ticket, ["f" * 40], PROVIDER, "one")
    began = time.monotonic()
    call(client.dssp_wait_for_ticket, [service], PROVIDER, "one", 1, 1)
    assert time.monotonic() - began < 30
    ask_for_ticket()
    claimed = call(client.dssp_claim_ticket, [service], PROVIDER, "one")
    ticket = claimed["ticket"].iloc[0]
    ask_for_ticket()
    call(client.dssp_wait_for_ticket, [service], PROVIDER, "two", 30, 1)
    call(client.dssp_list_ticket_files, ticket)
    call(client.dssp_download_ticket, ticket, str(folder / "download"))
    for file in sorted((folder / "download").rglob("*")):
        call.outcomes.append(["file", file.name, "holds", repr(file.read_bytes())])
    call(client.dssp_available_services, [service])
    call(client.dssp_set_progress, ticket, 0.5)
    call(client.dssp_set_progress, ticket, 0.25, 0.0, 0.5)
    call(client.dssp_log, ticket, "info", 'Working, é 中 "quoted"')
    image = folder / "shot.png"
    image.write_bytes(b"\x89PNG")
    call(client.dssp_attach, ticket, "A picture", str(image), "image/png")
    call(client.dssp_attach, ticket, "A picture", str(image))
    call(client.dssp_log, ticket, "warning", "Look")
    call(client.dssp_log, ticket, "nonsense", "x")
    call(client.dssp_log, 999, "error", "x")
    call(client.dssp_upload_ticket, ticket, str(write_workspace(folder)))
    call(client.dssp_upload_ticket, ticket, str(write_workspace(folder)), "_results")
    call(client.dssp_upload_ticket, ticket, str(folder / "nosuch.itksnap"))
    call(client.dssp_set_status, ticket, "nonsense")
    call(client.dssp_set_status, ticket, "success")
    call(client.dssp_set_status, 999, "failed")
    call(client.get_, "api/pro/services")
    call(client.csv_, client.get_("api/pro/services"), ["a", "b", "c", "d"])
    call(client.post_, f"api/pro/tickets/{ticket}/info", data={"message": "x"})
    missing = {
        name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")
    } - call.called
    print("report: " + json.dumps({"missing": sorted(missing), "outcomes": call.outcomes}))


def write_workspace(folder: Path) -> Path:
    """Write a workspace with one small image."""
    image = folder / "image.nii.gz"
    SimpleITK.WriteImage(SimpleITK.GaussianSource(SimpleITK.sitkUInt8, [4, 4, 4]), str(image))
    path = folder / "work.itksnap"
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8" ?>
<registry>
  <entry key="SaveLocation" value="{folder}" />
  <folder key="Layers">
    <folder key="Layer[000]">
      <entry key="AbsolutePath" value="{image}" />
      <entry key="Role" value="MainRole" />
      <entry key="Tags" value="" />
    </folder>
  </folder>
</registry>
""",
        encoding="utf-8",
    )
    return path


def ask_for_ticket() -> None:
    """Ask the test to submit a ticket, and wait until it is done."""
    print("ticket needed", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
