"""Script that exports or opens a workspace with the original client.

Run it with the Python of the original client: `original_workspaces.py export WORKSPACE TARGET`, or
`original_workspaces.py open WORKSPACE`. The second form prints the path of each layer.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main(command: str, file: str, target: str = "") -> None:
    # This Python imports the original client under this name.
    kind: Any = importlib.import_module("itksnap_dss").WorkspaceWrapper
    workspace: Any = kind(file)
    if command == "export":
        workspace.export_workspace(target)
        return
    for number in range(workspace.get_number_of_layers()):
        print(workspace.get_layer_actual_path(workspace.get_layer_folder(number)))


if __name__ == "__main__":
    main(*sys.argv[1:])
