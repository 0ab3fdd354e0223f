"""Downloads of attachments and ticket files under `/_mock/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from dss_api import FileArea, Upload
from dss_mock import DssServer
from dss_mock.state import Ticket, User

from .conftest import NAMES, attach
from .http_client import HttpResponse, get_state, send

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def assert_is_download(response: HttpResponse) -> None:
    """Check that a browser saves the file and does not run it."""
    assert response.status == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert int(response.headers["Content-Length"]) == len(response.body)
    assert "Set-Cookie" not in response.headers


def test_attachment_is_served_with_its_media_type(
    dss_server: DssServer, member: User, ticket: Ticket
) -> None:
    url = attach(dss_server.state, member, "image/svg+xml", SVG)
    response = send(dss_server, url)
    assert response.body == SVG
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert 'filename="attachment-1.svg"' in response.headers["Content-Disposition"]
    assert_is_download(response)
    [shown] = get_state(dss_server, f"open={ticket.id}")["opened"][0]["pending"]
    assert shown["url"] == url


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize(
    ("stored", "served"),
    [
        ("Text/HTML; charset=utf-8", "text/html"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("m\u00e9dia/type", "application/octet-stream"),
        ("javascript:alert(1)", "application/octet-stream"),
    ],
)
def test_media_type_of_an_attachment_is_normalised_or_replaced_by_binary(
    dss_server: DssServer, member: User, stored: str, served: str
) -> None:
    response = send(dss_server, attach(dss_server.state, member, stored, b"1"))
    assert response.headers["Content-Type"] == served
    assert_is_download(response)


def test_erased_or_unknown_attachment_is_not_found_with_the_reason(
    dss_server: DssServer, member: User, ticket: Ticket
) -> None:
    url = attach(dss_server.state, member, "text/plain", b"1")
    dss_server.state.tickets.delete(ticket.user, ticket.id)
    response = send(dss_server, url)
    assert response.status == 404
    assert response.json == {"error": "This attachment was erased with its ticket."}
    response = send(dss_server, "/_mock/attachments/00000000")
    assert response.status == 404
    assert response.json == {"error": "This attachment does not exist."}


def test_ticket_files_with_unusual_names_are_served_until_the_ticket_is_deleted(
    dss_server: DssServer, ticket: Ticket
) -> None:
    files = get_state(dss_server, f"open={ticket.id}")["opened"][0]["input"]["files"]
    assert [file["name"] for file in files] == list(NAMES)
    for file in files:
        assert file["url"].startswith("/_mock/tickets/1/input/")
        response = send(dss_server, file["url"])
        assert response.text == file["name"]
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert_is_download(response)
    disposition = send(dss_server, files[0]["url"]).headers["Content-Disposition"]
    assert disposition == (
        "attachment; filename=\"scan 1.nii.gz\"; filename*=UTF-8''scan%201.nii.gz"
    )

    dss_server.state.tickets.delete(ticket.user, ticket.id)
    response = send(dss_server, files[0]["url"])
    assert response.status == 404
    assert "This file is not in the area input of ticket 1" in response.json["error"]


def test_result_uploaded_twice_is_served_with_its_last_content(
    dss_server: DssServer, member: User, ticket: Ticket, tmp_path: Path
) -> None:
    path = tmp_path / "brain.nii.gz"
    # More than is read at once.
    for content in (b"first", bytes(range(256)) * 4096):
        path.write_bytes(content)
        with path.open("rb") as stream:
            dss_server.client(member).provider.upload_claimed_ticket_file(
                ticket_id=ticket.id, area=FileArea.RESULTS, file=Upload.of(path, stream)
            )
        [file] = get_state(dss_server, "open=1")["opened"][0]["results"]["files"]
        assert file["url"] == "/_mock/tickets/1/results/brain.nii.gz"
        assert send(dss_server, file["url"]).body == content


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize(
    "path",
    [
        "/_mock/attachments/",
        "/_mock/attachments/../state",
        "/_mock/tickets/",
        "/_mock/tickets/1/input",
        "/_mock/tickets/1/input/",
        "/_mock/tickets/1/input/%ff",
        "/_mock/tickets/1/logs/x",
        "/_mock/tickets/1/input/..%2f..%2fstate.sqlite",
        "/_mock/tickets/999999999999999999/input/x",
        "/_mock/tickets/%D9%A1/input/scan%201.nii.gz",
    ],
)
def test_invalid_download_path_is_not_found(dss_server: DssServer, path: str) -> None:
    response = send(dss_server, path)
    assert response.status == 404
    assert response.json["error"]
