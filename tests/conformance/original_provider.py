"""Works on workspaces with the original client, and prints what it finds in them.

Run by the Python that has it: `original_provider.py open FILE`, or
`original_provider.py work ADDRESS TOKEN SERVICE FOLDER`, which claims a ticket, downloads it, opens
its workspace, and gives it back as the results. What is printed is `report: `, with JSON behind it.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

# Here it is the original, not what this repository offers under its name.
original: Any = importlib.import_module("itksnap_dss")


def layers(file: Path) -> list[dict[str, object]]:
    """What the original sees of each layer of a workspace."""
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


def work(address: str, token: str, service: str, folder: Path) -> list[dict[str, object]]:
    """Claim a ticket and give back what it has."""
    client = original.DSSClient(address)
    client.login(token)
    ticket = client.dssp_claim_ticket([service], "testlab", "one")["ticket"].iloc[0]
    client.dssp_download_ticket(ticket, str(folder))
    (file,) = folder.rglob("*.itksnap")
    found = layers(file)
    client.dssp_upload_ticket(ticket, str(file), "_results")
    client.dssp_set_status(ticket, "success")
    return found


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "open":
        told = layers(Path(rest[0]))
    else:
        told = work(rest[0], rest[1], rest[2], Path(rest[3]))
    sys.stdout.write(f"report: {json.dumps(told)}\n")
