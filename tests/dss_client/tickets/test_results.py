"""The results of a ticket and the attachments of its log, as a user gets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_api import Attachment, BlobNotFound, LogEntryNotFound, TicketNotFound
from dss_client import DSSClient, UnsafeFileName
from dss_client.transfers import attachments
from dss_mock import faults
from tests.dss_client.conftest import World


@pytest.fixture
def ticket_with_attachments(client: DSSClient, ticket: int, tmp_path: Path) -> int:
    """A ticket with two attachments at one log entry and one at another."""
    picture, text = tmp_path / "evil.sh", tmp_path / "report.txt"
    picture.write_bytes(b"\x89PNG")
    text.write_text("dice 0.9")
    client.dssp_attach(ticket, "../../evil name", picture, "image/png")
    client.dssp_attach(ticket, "A report", text)
    client.dssp_log(ticket, "info", "Two attachments")
    client.dssp_attach(ticket, "Whatever", text, "application/x-nobody-knows")
    client.dssp_log(ticket, "info", "One more")
    return ticket


class TestResults:
    def test_user_lists_and_downloads_results(
        self, user: DSSClient, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        sent = tmp_path / "mask.nii.gz"
        sent.write_bytes(b"mask" * 1000)
        client.dssp_upload_files(ticket, [sent])

        listed = user.dss_list_ticket_files(ticket)
        (path,) = user.dss_download_results(ticket, tmp_path / "out")

        assert listed.to_dict("records") == [{"index": 0, "filename": "mask.nii.gz"}]
        assert path == tmp_path / "out" / "mask.nii.gz"
        assert path.read_bytes() == b"mask" * 1000

    def test_resumed_download_keeps_complete_results(
        self, world: World, user: DSSClient, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        sent = tmp_path / "mask.nii.gz"
        sent.write_bytes(b"mask" * 1000)
        client.dssp_upload_files(ticket, [sent])
        user.dss_download_results(ticket, tmp_path / "out", parallel=1, resume=True)
        before = (tmp_path / "out" / "mask.nii.gz").stat().st_mtime_ns

        user.dss_download_results(ticket, tmp_path / "out", resume=True, progress=False)

        assert (tmp_path / "out" / "mask.nii.gz").stat().st_mtime_ns == before

    def test_ticket_without_results_returns_no_files(
        self, user: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        assert user.dss_download_results(ticket, tmp_path) == []
        assert user.dss_list_ticket_files(ticket).empty

    def test_user_can_list_input_files(self, user: DSSClient, ticket: int) -> None:
        assert user.dss_list_ticket_files(ticket, "input")["filename"].to_list() == [
            "scan.nii.gz",
            "ticket.itksnap",
        ]

    def test_results_with_unsafe_names_are_not_written(
        self, world: World, user: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        world.server.expect_request(f"/api/tickets/{ticket}/files/results").respond_with_data(
            '0,"../evil.txt"\r\n', content_type="text/csv"
        )

        with pytest.raises(UnsafeFileName, match="Nothing was downloaded"):
            user.dss_download_results(ticket, tmp_path / "out")

        assert list(tmp_path.iterdir()) == []

    def test_results_of_another_user_are_not_found(
        self, client: DSSClient, ticket: int, tmp_path: Path
    ) -> None:
        with pytest.raises(TicketNotFound):
            client.dss_download_results(ticket, tmp_path)
        with pytest.raises(TicketNotFound):
            client.dss_list_ticket_files(ticket)


class TestAttachments:
    def test_attachments_are_listed_with_their_log_entries(
        self, user: DSSClient, ticket_with_attachments: int
    ) -> None:
        table = user.dss_list_attachments(ticket_with_attachments)

        log = user.dss_ticket_log(ticket_with_attachments).set_index("message")["log"]
        assert list(table.columns) == ["attachment", "log", "description", "mime_type", "url"]
        assert table[["log", "description", "mime_type"]].to_numpy().tolist() == [
            [log["Two attachments"], "../../evil name", "image/png"],
            [log["Two attachments"], "A report", "text/plain"],
            [log["One more"], "Whatever", "application/x-nobody-knows"],
        ]

    def test_attachments_of_one_log_entry_are_listed(
        self, user: DSSClient, ticket_with_attachments: int
    ) -> None:
        table = user.dss_list_attachments(ticket_with_attachments)
        entry = user.dss_ticket_log(ticket_with_attachments)["log"].iloc[-1]

        alone = user.dss_list_attachments(log=entry)

        assert alone.to_dict("records") == table.iloc[2:].to_dict("records")

    def test_log_entry_without_attachments_returns_an_empty_table_of_the_same_types(
        self, user: DSSClient, ticket_with_attachments: int
    ) -> None:
        first = user.dss_ticket_log(ticket_with_attachments)["log"].iloc[0]

        empty = user.dss_list_attachments(log=first)

        assert empty.empty
        assert (
            empty.dtypes.to_dict()
            == user.dss_list_attachments(ticket_with_attachments).dtypes.to_dict()
        )

    @pytest.mark.parametrize("which", [{}, {"ticket": 1, "log": 1}])
    def test_listing_attachments_requires_either_a_ticket_or_a_log_entry(
        self, user: DSSClient, which: dict[str, int]
    ) -> None:
        with pytest.raises(ValueError, match="Either a ticket or an entry"):
            user.dss_list_attachments(**which)

    def test_attachments_of_another_user_are_not_found(
        self, client: DSSClient, ticket_with_attachments: int
    ) -> None:
        with pytest.raises(TicketNotFound):
            client.dss_list_attachments(ticket_with_attachments)
        with pytest.raises(LogEntryNotFound):
            client.dss_list_attachments(log=1)

    def test_attachments_are_downloaded_under_names_chosen_by_the_client(
        self, user: DSSClient, ticket_with_attachments: int, tmp_path: Path
    ) -> None:
        paths = user.dss_download_attachments(ticket_with_attachments, tmp_path / "out")

        assert [path.name for path in paths] == [
            "attachment_1.png",
            "attachment_2.txt",
            "attachment_3.bin",
        ]
        assert [path.read_bytes() for path in paths] == [b"\x89PNG", b"dice 0.9", b"dice 0.9"]
        assert sorted((tmp_path / "out").iterdir()) == paths

    def test_attachment_is_requested_again_if_the_connection_breaks(
        self, world: World, user: DSSClient, ticket_with_attachments: int, tmp_path: Path
    ) -> None:
        world.server.faults.add(faults.Cut(after=2), operation="download_blob", times=2)

        paths = user.dss_download_attachments(
            ticket_with_attachments, tmp_path / "out", progress=False
        )

        assert [path.read_bytes() for path in paths] == [b"\x89PNG", b"dice 0.9", b"dice 0.9"]

    def test_resumed_download_keeps_complete_attachments(
        self, world: World, user: DSSClient, ticket_with_attachments: int, tmp_path: Path
    ) -> None:
        first, *_ = user.dss_download_attachments(
            ticket_with_attachments, tmp_path, resume=True, parallel=1
        )
        first.unlink()
        before = len(world.server.requests)

        user.dss_download_attachments(ticket_with_attachments, tmp_path, resume=True)

        operations = [request.operation for request in list(world.server.requests)[before:]]
        assert operations == ["get_ticket_detail", "download_blob"]
        assert first.read_bytes() == b"\x89PNG"

    def test_erased_attachments_are_not_found(
        self, user: DSSClient, ticket_with_attachments: int, tmp_path: Path
    ) -> None:
        user.dss_delete_ticket(ticket_with_attachments)

        with pytest.raises(BlobNotFound):
            user.dss_download_attachments(ticket_with_attachments, tmp_path / "out")

        assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("mime_type", "ending"),
    [
        ("text/plain", ".txt"),
        ("text/plain; charset=utf-8", ".txt"),
        ("Image/PNG", ".png"),
        ("text/csv", ".csv"),
        ("application/pdf", ".pdf"),
        ("application/gzip", ".gz"),
        ("application/octet-stream", ".bin"),
        ("../../etc", ".bin"),
        ("x/y/z", ".bin"),
        ("", ".bin"),
    ],
)
def test_attachment_extension_follows_the_mime_type(mime_type: str, ending: str) -> None:
    attachment = Attachment(id=7, description="/etc/passwd", mime_type=mime_type, url="")

    assert attachments.create_file_name(attachment) == f"attachment_7{ending}"
