import csv
import io
import os
import socket
from pathlib import Path

import pytest

from dss_client import DSSClient, UnsafeFileName
from dss_client.transfers import filenames
from tests.dss_client.conftest import World

FILES_PATH = "/api/pro/tickets/1/files/input"

UNSAFE_NAMES = [
    # other folders
    "..",
    ".",
    "",
    "../evil.txt",
    "..\\evil.txt",
    "/etc/passwd",
    "//server/share/x",
    "\\\\server\\share\\x",
    "\\\\?\\C:\\x",
    "a/b",
    "a\\b",
    "a/../../b",
    "sub/",
    "\\",
    "/",
    # drives and parts of files
    "C:",
    "C:evil.txt",
    "C:\\evil.txt",
    "z:x",
    "scan.nii.gz:hidden",
    "scan.nii.gz::$DATA",
    # characters that Windows does not allow
    "a<b.nii",
    "a>b.nii",
    'a"b.nii',
    "a|b.nii",
    "a?b.nii",
    "a*b.nii",
    # hidden files, and names of partial downloads
    ".bashrc",
    ".ssh",
    "...",
    ".0123456789abcdef.part",
    # invisible characters
    "nul\x00.txt",
    "new\nline",
    "carriage\rreturn",
    "tab\tulator",
    "bell\x07",
    "escape\x1b[2J",
    "delete\x7f",
    "next\x85line",
    "scan\u202egz.exe",
    "scan\u2066.txt",
    "zero\u200bwidth",
    "joined\u200d.txt",
    "mark\ufeff.txt",
    "soft\u00adhyphen",
    "line\u2028separator",
    "paragraph\u2029separator",
    "tag\U000e0041.txt",
    # devices
    "CON",
    "con",
    "PRN.txt",
    "aux.nii.gz",
    "NUL",
    "nul.tar.gz",
    "NUL .txt",
    "COM1",
    "com9.log",
    "COM²",
    "LPT1",
    "lpt³.txt",
    "CONIN$",
    "conout$.txt",
    "CLOCK$",
    # names that some disks shorten or do not allow
    "scan.nii.gz.",
    "scan.nii.gz ",
    "scan. . .",
    " ",
    "x" * 256,
    "é" * 128,
]

SAFE_NAMES = [
    "scan.nii.gz",
    "ticket_00000001.itksnap",
    "layer_000_d41d8cd98f00b204e9800998ecf8427e.nii.gz",
    " leading blank",
    "a b.txt",
    "-rf",
    "~",
    "%2e%2e%2fx",
    "Überweisung.txt",
    "CONTRAST.nii",
    "COM10",
    "nullified",
    "x" * 255,
    "scan..nii",
]


def format_file_list(*filenames: str) -> str:
    """Return the middleware's answer for a list of these files."""
    text = io.StringIO()
    csv.writer(text).writerows(enumerate(filenames))
    return text.getvalue()


def serve_file_list(world: World, *filenames: str) -> None:
    world.server.expect_request(FILES_PATH).respond_with_data(
        format_file_list(*filenames), content_type="text/csv"
    )


def list_all_paths(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", UNSAFE_NAMES, ids=ascii)
def test_unsafe_name_is_rejected_before_any_file_is_written(
    world: World, client: DSSClient, ticket: int, tmp_path: Path, name: str
) -> None:
    serve_file_list(world, "scan.nii.gz", name)

    with pytest.raises(UnsafeFileName, match="Nothing was downloaded") as caught:
        client.dssp_download_ticket(ticket, tmp_path / "in")

    assert isinstance(caught.value, ValueError)
    assert caught.value.names == (name,)
    assert list_all_paths(tmp_path) == set()


def test_unsafe_file_name_error_lists_all_unsafe_names(
    world: World, client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    serve_file_list(world, *SAFE_NAMES, *UNSAFE_NAMES)

    with pytest.raises(UnsafeFileName) as caught:
        client.dssp_download_ticket(ticket, tmp_path)

    assert caught.value.names == tuple(UNSAFE_NAMES)
    message = str(caught.value)
    assert message.startswith("Ticket 1 has files that are not safe to write to ")
    assert "'../evil.txt' points to another folder; " in message
    assert "'scan\\u202egz.exe' contains invisible characters; " in message
    assert "rename them" in message
    assert message.isascii()


def test_safe_names_are_downloaded_unchanged(
    world: World, client: DSSClient, tmp_path: Path
) -> None:
    world.add_ready_ticket({name: name.encode() for name in SAFE_NAMES})
    claimed = client.dssp_claim_ticket(world.hashes, "testlab", "i")
    assert claimed is not None

    paths = client.dssp_download_ticket(claimed["ticket"].iloc[0], tmp_path)

    assert [path.name for path in paths] == SAFE_NAMES
    assert [path.read_bytes() for path in paths] == [name.encode() for name in SAFE_NAMES]


def test_name_with_a_lone_surrogate_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFileName, match=r"'a\\udcff' contains invisible characters"):
        filenames.get_download_paths(1, ["a\udcff"], tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("scan.nii.gz", "SCAN.nii.gz"),
        ("caf\u00e9.txt", "cafe\u0301.txt"),
        ("caf\u00e9.txt", "CAFE\u0301.TXT"),
        ("\u017ftudy", "Study"),
        ("\u212bngstrom", "\u00e5ngstrom"),
        ("\u01f0\u0323", "J\u0323\u030c"),
        ("same.txt", "same.txt"),
    ],
    ids=ascii,
)
def test_names_that_are_equal_on_some_disks_are_rejected(  # noqa: PLR0917
    world: World, client: DSSClient, ticket: int, tmp_path: Path, one: str, other: str
) -> None:
    serve_file_list(world, one, "between.txt", other)

    with pytest.raises(UnsafeFileName, match=r"the same as .* on many disks") as caught:
        client.dssp_download_ticket(ticket, tmp_path / "in")

    assert set(caught.value.names) == {one, other}
    assert list_all_paths(tmp_path) == set()


def test_existing_symbolic_link_is_rejected_and_not_followed(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("precious")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "scan.nii.gz").symlink_to(outside)
    (folder / "ticket.itksnap").symlink_to(tmp_path / "nowhere")

    with pytest.raises(
        UnsafeFileName, match=r"'scan.nii.gz' already exists there as a symbolic link"
    ) as caught:
        client.dssp_download_ticket(ticket, folder)

    assert caught.value.names == ("scan.nii.gz", "ticket.itksnap")
    assert outside.read_text() == "precious"
    assert list_all_paths(tmp_path) == {"in", "in/scan.nii.gz", "in/ticket.itksnap", outside.name}


def test_existing_folder_or_pipe_is_rejected(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    (tmp_path / "scan.nii.gz").mkdir()
    os.mkfifo(tmp_path / "ticket.itksnap")

    with pytest.raises(
        UnsafeFileName, match=r"already exists there as a folder; .* not a regular file"
    ):
        client.dssp_download_ticket(ticket, tmp_path)


def test_existing_socket_is_rejected(tmp_path: Path) -> None:
    folder = Path(os.path.relpath(tmp_path))  # sockets have short paths
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))

        with pytest.raises(UnsafeFileName, match="not a regular file"):
            filenames.get_download_paths(1, ["s"], folder)


def test_download_folder_can_be_a_symbolic_link(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "in").symlink_to(tmp_path / "disk")

    client.dssp_download_ticket(ticket, tmp_path / "in")

    assert list_all_paths(tmp_path / "disk") == {"scan.nii.gz", "ticket.itksnap"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".hidden", "begins with a dot"),
        ("脳.nii.gz", "outside Latin-1"),
        ("a\nb", "invisible characters"),
        ("a\\b", "another folder"),
        ("a:b", "contains a colon"),
        ("nul.nii", "name of a Windows device"),
        ("scan.", "ends with a dot"),
        ('a"b.nii', "one of the characters"),
        ("a%22b.nii", "contains %22, which the middleware reads as another character"),
        ("a%0Ab.nii", "contains %0A"),
        ("a%0Db.nii", "contains %0D"),
    ],
)
def test_upload_rejects_a_name_that_cannot_be_downloaded_again(
    client: DSSClient, ticket: int, tmp_path: Path, name: str, reason: str
) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / name
    good.write_text("x")
    bad.write_text("x")

    with pytest.raises(ValueError, match=reason):
        client.dssp_upload_files(ticket, [good, bad])

    assert client.dssp_list_ticket_files(ticket, "results").empty


def test_upload_rejects_a_path_that_appears_twice(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    path = tmp_path / "mask.nii.gz"
    path.write_text("x")

    with pytest.raises(ValueError, match=r"mask\.nii\.gz appears twice"):
        client.dssp_upload_files(ticket, [path, str(path)])

    assert client.dssp_list_ticket_files(ticket, "results").empty


@pytest.mark.parametrize("other", ["mask.nii.gz", "MASK.nii.gz"])
def test_upload_rejects_paths_with_the_same_name(
    client: DSSClient, ticket: int, tmp_path: Path, other: str
) -> None:
    paths = [tmp_path / "a" / "mask.nii.gz", tmp_path / "b" / other]
    for path in paths:
        path.parent.mkdir()
        path.write_text("x")

    with pytest.raises(ValueError, match="same name"):
        client.dssp_upload_files(ticket, paths)

    assert client.dssp_list_ticket_files(ticket, "results").empty


def test_upload_rejects_a_missing_file_before_any_file_is_sent(
    client: DSSClient, ticket: int, tmp_path: Path
) -> None:
    good = tmp_path / "good.txt"
    good.write_text("x")

    with pytest.raises(FileNotFoundError, match=r"missing.txt does not exist"):
        client.dssp_upload_files(ticket, [good, tmp_path / "missing.txt"])
    with pytest.raises(IsADirectoryError):
        client.dssp_upload_files(ticket, [good, tmp_path])

    assert client.dssp_list_ticket_files(ticket, "results").empty
