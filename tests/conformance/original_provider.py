"""Script that reads workspaces with the original client and prints their layers.

Run it with the Python of the original client:

* `original_provider.py open FILE` reads a workspace.
* `original_provider.py work ADDRESS TOKEN SERVICE FOLDER` claims and downloads a ticket, reads its
  workspace, and uploads the workspace as the result.

The output is `report: ` and JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

# This Python imports the original client under this name.
original: Any = importlib.import_module("itksnap_dss")


def read_layers(file: Path) -> list[dict[str, object]]:
    """Return the path, tags, role and nickname of each layer."""
    workspace = original.WorkspaceWrapper(str(file))
    folders = [workspace.get_layer_folder(i) for i in range(workspace.get_number_of_layers())]
    return [
        {
            "path": workspace.get_layer_actual_path(folder),
            "tags": sorted(workspace.get_tags(folder)),
            "role": folder.entry("Role").get(""),
            "nickname": folder.entry("LayerMetaData.CustomNickName").get(""),
        }
        for folder in folders
    ]


def process_ticket(address: str, token: str, service: str, folder: Path) -> list[dict[str, object]]:
    """Claim a ticket and upload its workspace as the result."""
    client = original.DSSClient(address)
    client.login(token)
    ticket = client.dssp_claim_ticket([service], "testlab", "one")["ticket"].iloc[0]
    client.dssp_download_ticket(ticket, str(folder))
    (file,) = folder.rglob("*.itksnap")
    layers = read_layers(file)
    client.dssp_upload_ticket(ticket, str(file), "_results")
    client.dssp_set_status(ticket, "success")
    return layers


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "open":
        result = read_layers(Path(rest[0]))
    else:
        result = process_ticket(rest[0], rest[1], rest[2], Path(rest[3]))
    sys.stdout.write(f"report: {json.dumps(result)}\n")
