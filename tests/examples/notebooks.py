"""Execute the example notebooks; as a program, renew the outputs that are committed.

python -m tests.examples.notebooks
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
CELL_DEADLINE = START_DEADLINE = 45
"""The deadline of a cell, and of the kernel's start, in seconds."""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""All that a notebook says about itself; nothing in it depends on the machine."""


def read(path: Path) -> NotebookNode:
    """Read a notebook and check its format."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def execute(path: Path, folder: Path) -> NotebookNode:
    """Return the notebook with new outputs and clean metadata.

    Args:
        path: the notebook; its file does not change.
        folder: the working directory of its cells.

    Raises:
        CellExecutionError: a cell failed.
        CellTimeoutError: a cell took too long.
    """
    notebook = read(path)
    NotebookClient(
        notebook,
        timeout=CELL_DEADLINE,
        startup_timeout=START_DEADLINE,
        kernel_name="python3",
        # The kernel warns that other users could read its sockets; they are on loopback.
        extra_arguments=["--Application.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    ).execute()
    notebook.metadata = NotebookNode(METADATA)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    return notebook


def main() -> None:
    """Execute each notebook and write it with its new outputs."""
    for path in NOTEBOOKS:
        nbformat.write(execute(path, path.parent), path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
