import errno
from pathlib import Path

import pytest
from werkzeug import Response

from dss_api import AnswerCutShort, AnswerError
from dss_client import DSSClient, FileNotWritten, FilesChanged, UnsafeFileName

from .conftest import World

FILES = "/api/pro/tickets/1/files/input"

HOSTILE = [
    "../evil.txt",
    "..",
    ".",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\evil.txt",
    "new\nline",
    "bell\x07",
    "nul\x00",
    "",
]


def listing(*names: str) -> str:
    """The answer of the middleware to who lists these files."""
    return "".join(f'{index},"{name}"\r\n' for index, name in enumerate(names))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(
    world: World, client: DSSClient, ticket: int, tmp_path: Path, name: str
) -> None:
    world.server.expect_request(FILES).respond_with_data(
        listing("good.txt", name), content_type="text/csv"
    )

    with pytest.raises(UnsafeFileName, match="Nothing was downloaded") as caught:
        client.dssp_download_ticket(ticket, tmp_path / "in")

    assert isinstance(caught.value, ValueError)
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_changed_meanwhile_is_noticed_by_the_name(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    world.server.expect_request(FILES).respond_with_data(
        listing("another.nii.gz"), content_type="text/csv"
    )

    with pytest.raises(FilesChanged, match=r"in place of 'another.nii.gz' came 'scan.nii.gz'"):
        client.dssp_download_ticket(ticket, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_leaves_nothing_behind(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    headers = {
        "Content-Disposition": 'attachment; filename="scan.nii.gz"',
        "Content-Type": "application/octet-stream",
        "Content-Length": "6000",
    }
    world.server.expect_request(f"{FILES}/0").respond_with_handler(
        lambda _: Response(iter([b"only the beginning"]), headers=headers)
    )

    with pytest.raises(AnswerCutShort, match="broke off"):
        client.dssp_download_ticket(ticket, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_older_file_of_the_name_stays_whole_until_the_new_one_is(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    (tmp_path / "scan.nii.gz").write_bytes(b"older")
    world.server.expect_oneshot_request(f"{FILES}/0").respond_with_data("broken", status=500)

    with pytest.raises(AnswerError):
        client.dssp_download_ticket(ticket, tmp_path)
    assert (tmp_path / "scan.nii.gz").read_bytes() == b"older"

    client.dssp_download_ticket(ticket, tmp_path)
    assert (tmp_path / "scan.nii.gz").read_bytes() == b"voxels" * 1000


def test_a_folder_that_cannot_be_made_is_named(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(FileNotWritten, match=r"folder .*file/in.* cannot be made") as caught:
        client.dssp_download_ticket(ticket, tmp_path / "file" / "in")

    assert isinstance(caught.value, OSError)
    assert caught.value.errno == errno.ENOTDIR


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    (tmp_path / "scan.nii.gz").mkdir()

    with pytest.raises(FileNotWritten, match=r"scan.nii.gz cannot be written"):
        client.dssp_download_ticket(ticket, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["scan.nii.gz"]


def test_a_link_in_the_folder_is_replaced_and_not_followed(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("precious")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "scan.nii.gz").symlink_to(outside)

    client.dssp_download_ticket(ticket, folder)

    assert outside.read_text() == "precious"
    assert not (folder / "scan.nii.gz").is_symlink()


@pytest.mark.parametrize(
    ("name", "reason"),
    [(".hidden", "begins with a dot"), ("脳.nii.gz", "not all Latin-1"), ("a\nb", "does not keep")],
)
def test_a_result_that_could_not_be_fetched_again_is_refused(
    client: DSSClient, ticket: int, tmp_path: Path, name: str, reason: str
) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / name
    good.write_text("x")
    bad.write_text("x")

    with pytest.raises(ValueError, match=reason):
        client.dssp_upload_files(ticket, [good, bad])

    assert client.dssp_list_ticket_files(ticket, "results").empty


def test_results_of_the_same_name_are_refused(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    paths = [tmp_path / "a" / "mask.nii.gz", tmp_path / "b" / "mask.nii.gz"]
    for path in paths:
        path.parent.mkdir()
        path.write_text("x")

    with pytest.raises(ValueError, match="same name"):
        client.dssp_upload_files(ticket, paths)

    assert client.dssp_list_ticket_files(ticket, "results").empty


def test_a_result_that_is_not_there_is_refused_before_any_is_sent(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    good = tmp_path / "good.txt"
    good.write_text("x")

    with pytest.raises(FileNotFoundError, match=r"no file .*missing.txt"):
        client.dssp_upload_files(ticket, [good, tmp_path / "missing.txt"])
    with pytest.raises(IsADirectoryError):
        client.dssp_upload_files(ticket, [good, tmp_path])

    assert client.dssp_list_ticket_files(ticket, "results").empty


def test_an_empty_file_is_a_file(client: DSSClient, ticket: int, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()

    client.dssp_upload_files(ticket, tmp_path / "empty.txt")

    assert client.dssp_list_ticket_files(ticket, "results")["filename"].to_list() == ["empty.txt"]
