"""The example notebooks run, and their committed outputs are what they give."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("SimpleITK", reason="the notebooks need the `images` extra")
pytest.importorskip("nbclient", reason="executing notebooks needs the `dev` extra")

from nbformat import NotebookNode

from tests.examples.notebooks import EXAMPLES, METADATA, NOTEBOOKS, execute, read

PROVIDER = EXAMPLES / "provider_step_by_step.ipynb"
WORKSPACES = EXAMPLES / "workspaces_and_snapshots.ipynb"
LARGEST = 500_000
"""The largest size of a notebook, in bytes."""
SILENT = {"setup", "imports", "study", "mock", "attach", "end"}
"""The cells that show nothing."""

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.stem))


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def outputs(notebook: NotebookNode) -> dict[str, list[object]]:
    """Return what each code cell shows; of a picture, only that it is there."""
    shown: dict[str, list[object]] = {}
    for cell in code_cells(notebook):
        shown[cell.id] = []
        for output in cell.outputs:
            if output.output_type == "stream":
                shown[cell.id].append((output.name, output.text))
            else:
                picture = dict.fromkeys(output.data.keys() & {"image/png"}, "a picture")
                shown[cell.id].append({**output.data, **picture})
    return shown


def text_of(path: Path, cell: str) -> str:
    """Return the text that a cell of a committed notebook shows."""
    [found] = [one for one in code_cells(read(path)) if one.id == cell]
    texts = [one.get("text") or one.data["text/plain"] for one in found.outputs]
    return "\n".join(texts)


def has_picture(path: Path, cell: str) -> bool:
    [found] = [one for one in code_cells(read(path)) if one.id == cell]
    return any("image/png" in one.get("data", {}) for one in found.outputs)


@every_notebook
@pytest.mark.parametrize("start", [".", "examples"])
def test_execution_of_notebook_gives_its_committed_outputs(
    path: Path, start: str, tmp_path: Path, home: Path
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")

    executed = execute(tmp_path / "examples" / path.name, tmp_path / start)

    # Tokens and sessions are others in each run, so equal outputs show none of them.
    assert outputs(executed) == outputs(read(path)), "renew the outputs with `make notebooks`"
    assert not (home / ".itksnap-dss").exists()


@every_notebook
def test_committed_cells_were_run_once_and_in_order(path: Path) -> None:
    counts = [cell.execution_count for cell in code_cells(read(path))]

    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_only_cells_listed_as_silent_have_no_output(path: Path) -> None:
    shown = outputs(read(path))

    assert {cell for cell, outputs in shown.items() if not outputs} <= SILENT


@every_notebook
def test_committed_notebook_does_not_name_this_machine(path: Path) -> None:
    notebook = read(path)
    text = "\n".join([*(cell.source for cell in notebook.cells), json.dumps(outputs(notebook))])
    private = [str(EXAMPLES.parent), tempfile.gettempdir(), "site-packages"]
    folders = re.findall(r"(?:/(?:home|Users|root|tmp|var|private)/|[A-Z]:\\\\)\w+", text)

    assert [one for one in private if one in text] == []
    assert folders == []
    assert not re.search(r"127\.0\.0\.1:\d|localhost:\d", text)


@every_notebook
def test_committed_metadata_is_the_same_on_every_machine(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))

    assert notebook["metadata"] == METADATA
    assert [cell["metadata"] for cell in notebook["cells"] if cell["metadata"]] == []


@every_notebook
def test_committed_notebook_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST


def test_provider_notebook_ends_its_first_ticket_with_success() -> None:
    assert text_of(PROVIDER, "success") == "Ticket 1: success\n"
    assert "A picture of the result is attached" in text_of(PROVIDER, "user-log")
    assert re.search(r"1\s+001\s+Segmentation\s+Brain", text_of(PROVIDER, "user-results"))
    assert has_picture(PROVIDER, "snapshot")
    assert has_picture(PROVIDER, "user-attachments")


def test_provider_notebook_shows_a_failed_upload_and_fails_the_ticket() -> None:
    assert "ResultsIncomplete: " in text_of(PROVIDER, "fail")
    assert "503" in text_of(PROVIDER, "fail")
    assert text_of(PROVIDER, "failed-log").startswith("Ticket 2: failed\n")
    assert "Processing failed: " in text_of(PROVIDER, "failed-log")
    assert text_of(PROVIDER, "retry") == "Ticket 2: success\n"


def test_workspaces_notebook_exports_without_the_name_of_the_patient() -> None:
    study, outbox = text_of(WORKSPACES, "private").splitlines()

    assert "mustermann_t1.nii.gz" in study
    assert outbox == "outbox: []"
    assert "descrip" in text_of(WORKSPACES, "export")
    assert "mustermann" not in text_of(WORKSPACES, "exported")


def test_workspaces_notebook_shows_the_errors_that_it_announces() -> None:
    assert text_of(WORKSPACES, "tag-missing").startswith("TagMissing: ")
    assert text_of(WORKSPACES, "image-missing").startswith("ImageMissing: ")
    assert text_of(WORKSPACES, "grid").startswith("ValueError: ")
    assert has_picture(WORKSPACES, "snapshot")
    assert has_picture(WORKSPACES, "snapshot-layer")
