"""Opening the workspace among the files of a ticket."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dss_client import ImageMissing, Workspace, WorkspaceMissing, WorkspaceNotUnique
from tests.dss_client.images import nifti


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The files of a ticket, as they were downloaded."""
    folder = tmp_path / "ticket"
    folder.mkdir()
    image = folder / "layer_000.nii.gz"
    nifti.write_nifti(image, np.zeros((2, 2, 2), np.uint8))
    workspace = folder / "ticket_00000007.itksnap"
    Workspace.create(image, tags=["T1"]).save(workspace)
    return [image, workspace]


def test_the_workspace_is_found_among_the_files_or_in_their_folder(files: list[Path]) -> None:
    for given in (files, files[0].parent, str(files[0].parent), iter(map(str, files)), files[1]):
        workspace = Workspace.received(given)

        assert workspace.path == files[1]
        assert workspace.tagged("T1").existing_path() == files[0]


def test_a_path_that_leads_elsewhere_leads_to_nothing(files: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "another patient.nii.gz"
    nifti.write_nifti(other, np.zeros((2, 2, 2), np.uint8))
    workspace = Workspace.open(files[1])
    workspace.add_image(other)
    workspace.save()
    assert Workspace.open(files[1]).layers[1].existing_path() == other

    with pytest.raises(ImageMissing):
        Workspace.received(files).layers[1].existing_path()


def test_there_must_be_just_one(files: list[Path]) -> None:
    with pytest.raises(WorkspaceMissing, match=r"among the files: layer_000\.nii\.gz"):
        Workspace.received(files[:1])
    with pytest.raises(WorkspaceMissing, match=r"among the files: \(no files\)"):
        Workspace.received([])
    with pytest.raises(WorkspaceMissing, match=r"among the files: none"):
        Workspace.received(files[0].parent / "none")
    with pytest.raises(WorkspaceMissing, match=r"The workspace .*none\.itksnap does not exist"):
        Workspace.received(files[0].parent / "none.itksnap")
    with pytest.raises(WorkspaceMissing, match=r"among the files: layer_000\.nii\.gz"):
        Workspace.received(files[0])
    second = files[1].with_name("another.ITKSNAP")
    second.write_bytes(files[1].read_bytes())
    with pytest.raises(WorkspaceNotUnique, match=r"ticket_00000007\.itksnap, another\.ITKSNAP"):
        Workspace.received([*files, second])
