"""Lets the original client export workspaces, or open what others exported.

Run by the Python that has it: `original_workspaces.py export WORKSPACE TARGET`, or
`original_workspaces.py open WORKSPACE`, which prints the path of each layer.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main(what: str, workspace: str, target: str = "") -> None:
    # Here it is the original, not what this repository offers under its name.
    kind: Any = importlib.import_module("itksnap_dss").WorkspaceWrapper
    opened: Any = kind(workspace)
    if what == "export":
        opened.export_workspace(target)
        return
    for number in range(opened.get_number_of_layers()):
        print(opened.get_layer_actual_path(opened.get_layer_folder(number)))


if __name__ == "__main__":
    main(*sys.argv[1:])
