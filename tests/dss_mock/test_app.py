"""The application: routes, sessions and responses, over raw HTTP."""

from __future__ import annotations

import http.client
import io
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import attrs
import pytest

from dss_api import OPERATIONS, SESSION_COOKIE, FileArea, Operation, OperationRequest
from dss_mock import DssServer, MockApplication, State
from dss_mock.handlers import HANDLERS
from dss_wire.forms import Never
from dss_wire.text_templates import compile_template


@attrs.frozen
class RawResponse:
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def cookie(self) -> str | None:
        return self.headers.get("Set-Cookie")


def send_request(
    server: DssServer,
    method: str,
    path: str,
    form: Mapping[str, str] | bytes | None = None,
    session: str | None = None,
    *,
    media_type: str | None = "application/x-www-form-urlencoded",
) -> RawResponse:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    headers = {"Cookie": f"{SESSION_COOKIE}={session}"} if session else {}
    if form is not None and media_type:
        headers["Content-Type"] = media_type
    body = form if isinstance(form, bytes | None) else urlencode(form).encode()
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return RawResponse(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def sign_in(server: DssServer, *, sysadmin: bool = False) -> str:
    user = server.add_user("someone@example.com", sysadmin=sysadmin)
    answer = send_request(server, "POST", "/api/login", {"token": user.token})
    match = re.match(rf"{SESSION_COOKIE}=(\w+); HttpOnly; Path=/$", answer.cookie or "")
    assert match
    return match[1]


def test_application_refuses_missing_and_surplus_handlers() -> None:
    with State() as state:
        lacking = {name: handler for name, handler in HANDLERS.items() if name != "claim_ticket"}
        with pytest.raises(ValueError, match="no handler for the operation claim_ticket"):
            MockApplication(state, handlers=lacking)
        surplus = {**HANDLERS, "dance": HANDLERS["login"]}
        with pytest.raises(ValueError, match="no operation for the handler dance"):
            MockApplication(state, handlers=surplus)


def fill_path(operation: Operation[OperationRequest, object], ticket_id: int, githash: str) -> str:
    values = {
        "ticket_id": f"{ticket_id}",
        "githash": githash,
        "area": "input",
        "index": "0",
        "log_id": "1",
        "blob": "0" * 8,
        "provider": "testlab",
        "user_id": "1",
        "category": "info",
        "scope": "all",
    }
    return operation.path.format(**values)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize("signed_in", [False, True])
def test_operation_gives_only_responses_of_contract(
    dss_server: DssServer,
    caplog: pytest.LogCaptureFixture,
    operation: Operation[OperationRequest, object],
    signed_in: bool,
) -> None:
    session = sign_in(dss_server, sysadmin=True) if signed_in else None
    lab = dss_server.add_user("lab@example.com")
    service = dss_server.add_service(dss_server.add_provider("testlab", users=[lab]))
    ticket = dss_server.add_ticket(lab, service, files={"a": b"1"})
    path = fill_path(operation, ticket.id, service.githash)
    forms: list[dict[str, str] | None] = [None]
    if operation.method == "POST":
        full = {"services": service.githash, "provider": "p", "name": "x", "email": lab.email}
        forms = [{}, full]
    for form in forms:
        for query in ("", "?format=json"):
            answer = send_request(dss_server, operation.method, path + query, form, session)
            text = answer.body.decode()
            media_type = answer.headers.get("Content-Type", "").partition(";")[0]
            if answer.status == operation.answer.status:
                assert not isinstance(operation.answer, Never)
            else:
                assert any(
                    answer.status == row.status
                    and compile_template(row.text).fullmatch(text)
                    and media_type == row.media_type.partition(";")[0]
                    for row in operation.failures
                ), (answer, form)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_unknown_path_is_404(dss_server: DssServer) -> None:
    for path in (
        "/api",
        "/api/nosuch",
        "/api/services/",
        "/API/services",
        "/api/tickets/x/status",
        "/api/tickets/-1/status",
        "/api/tickets/1/files/result",
        "/api/services/ABC/detail",
        "/blobs/DEADBEEF",
    ):
        answer = send_request(dss_server, "GET", path)
        assert (answer.status, answer.reason, answer.body) == (404, "Not Found", b"not found")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/services", "GET"),
        ("PUT", "/api/tickets", "GET, POST"),
        ("HEAD", "/api/pro/services/claims", "POST"),
        ("POST", "/api/tickets/1/delete", "GET"),
        ("POST", "/token", "GET"),
    ],
)
def test_wrong_method_is_405_and_lists_allowed_methods(
    dss_server: DssServer, method: str, path: str, allow: str
) -> None:
    answer = send_request(dss_server, method, path)
    assert (answer.status, answer.reason) == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == allow
    assert answer.headers["Content-Type"] == "text/html"


def test_head_request_gets_headers_of_get_without_body(dss_server: DssServer) -> None:
    session = sign_in(dss_server)
    user = dss_server.state.accounts.users[1]
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.add_ticket(user, service, files={"a": b"123"})
    answer = send_request(
        dss_server, "HEAD", f"/api/tickets/{ticket.id}/files/input/0", session=session
    )
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "3", b"")


def test_responses_equal_those_of_middleware_to_the_byte(dss_server: DssServer) -> None:
    session = sign_in(dss_server)
    dss_server.add_service(dss_server.add_provider("testlab"), githash="a" * 40)
    csv = send_request(dss_server, "GET", "/api/services", session=session)
    assert csv.headers["Content-Type"] == "text/csv"
    assert csv.body == b"Example," + b"a" * 40 + b",1.0.0,A service to test against\r\n"
    json = send_request(dss_server, "GET", "/api/services?format=json", session=session)
    assert json.headers["Content-Type"] == "application/json"
    assert json.body.startswith(b'{"result": [{"name": "Example", ')
    odd = send_request(dss_server, "GET", "/api/services?format=JSON", session=session)
    assert odd.body == csv.body
    created = send_request(dss_server, "POST", "/api/tickets", {"githash": "a" * 40}, session)
    assert "Content-Type" not in created.headers
    assert created.body == b"1"
    refused = send_request(dss_server, "GET", "/api/tickets/007/status", session=session)
    assert (refused.status, refused.reason) == (400, "bad request")
    assert refused.body == b"Ticket 007 not found for user 1"


def test_parameters_in_body_override_those_in_query(dss_server: DssServer) -> None:
    session = sign_in(dss_server)
    githash = "a" * 40
    dss_server.add_service(dss_server.add_provider("testlab"), githash=githash)
    path = "/api/tickets?githash=unknown"
    assert send_request(dss_server, "POST", path, {"githash": githash}, session).status == 200
    untyped = send_request(
        dss_server, "POST", path, f"githash={githash}".encode(), session, media_type=None
    )
    assert untyped.status == 200
    json = send_request(
        dss_server, "POST", path, b'{"githash": 1}', session, media_type="application/json"
    )
    assert json.body == b"Service unknown is not available"
    boundary = "multipart/form-data; boundary=xyz"
    part = b'--xyz\r\nContent-Disposition: form-data; name="githash"\r\n\r\n%s\r\n--xyz--\r\n'
    body = part % githash.encode()
    assert send_request(dss_server, "POST", path, body, session, media_type=boundary).status == 200
    assert (
        send_request(dss_server, "POST", path, b"--nothing", session, media_type=boundary).status
        == 400
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'filename="a b.txt"', "a b.txt"),
        (b"filename=a.txt", "a.txt"),
        (b'filename="C:\\x\\new.txt"', "new.txt"),
        (b'filename="../../up.txt"', "up.txt"),
        (b'filename="q\\"q.txt"', 'q"q.txt'),
        (b'filename="q%22q.txt"', 'q"q.txt'),
        (b'filename="100%.txt"', "100%.txt"),
        (b'filename="%C3%A9.txt"', "%C3%A9.txt"),
        (b'filename="\xc3\xa9.txt"', "é.txt"),
        (b'filename="\xe9.txt"', None),
        (b'filename="dir/"', None),
        (b'filename=".."', None),
        (b'filename=""', None),
        (b"filename*=UTF-8''x.txt", None),
        (b'filename="' + b"x" * 256 + b'"', None),
    ],
)
def test_uploaded_file_keeps_last_part_of_its_name_or_is_refused(
    dss_server: DssServer, sent: bytes, kept: str | None
) -> None:
    session = sign_in(dss_server)
    user = dss_server.state.accounts.users[1]
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.state.tickets.create(user, service)
    head = b'--xyz\r\nContent-Disposition: form-data; name="myfile"; ' + sent
    body = head + b"\r\nContent-Type: text/plain\r\n\r\n12\r\n3\r\n--xyz--\r\n"
    path = f"/api/tickets/{ticket.id}/files/input"
    media_type = "multipart/form-data; boundary=xyz"
    answer = send_request(dss_server, "POST", path, body, session, media_type=media_type)
    files = ticket.files[FileArea.INPUT]
    if kept is None:
        assert (answer.status, answer.reason, answer.body) == (400, "Bad Request", b"bad request")
        assert files == {}
        assert list(dss_server.state.file_store.path.iterdir()) == []
    else:
        assert answer.body == b"success"
        assert list(files) == [kept]
        assert files[kept].path.read_bytes() == b"12\r\n3"


def test_session_cookie_is_renewed_and_ends_after_failed_login(dss_server: DssServer) -> None:
    session = sign_in(dss_server)
    cookie = f"{SESSION_COOKIE}={session}; HttpOnly; Path=/"
    assert send_request(dss_server, "GET", "/api/login", session=session).cookie == cookie
    assert send_request(dss_server, "GET", "/api/nosuch", session=session).cookie == cookie
    assert send_request(dss_server, "GET", "/api/login").cookie not in (cookie, None)
    stranger = send_request(dss_server, "GET", "/api/login", session="unknown")
    assert stranger.status == 401
    assert "unknown" not in (stranger.cookie or "unknown")
    bad = send_request(dss_server, "POST", "/api/login", {"token": "zz"})
    assert (bad.status, bad.reason, bad.cookie) == (401, "Unauthorized", None)
    ended = send_request(dss_server, "POST", "/api/login", {"token": "zz"}, session)
    assert f"{SESSION_COOKIE}={session}; expires=" in (ended.cookie or "")
    assert send_request(dss_server, "GET", "/api/login", session=session).status == 401


def test_logout_redirects_to_start_page_and_deletes_cookie(dss_server: DssServer) -> None:
    session = sign_in(dss_server)
    answer = send_request(dss_server, "GET", "/logout", session=session)
    assert (answer.status, answer.headers["Location"]) == (303, f"{dss_server.url}/")
    assert "expires=" in (answer.cookie or "")
    assert send_request(dss_server, "GET", "/logout").cookie is None


def test_token_page_escapes_email_address(dss_server: DssServer) -> None:
    assert send_request(dss_server, "GET", "/token").status == 401
    user = dss_server.add_user("<b>@example.com")
    answer = send_request(dss_server, "POST", "/api/login", {"token": user.token})
    session = (answer.cookie or "").partition(";")[0].partition("=")[2]
    page = send_request(dss_server, "GET", "/token", session=session)
    assert user.token in page.body.decode()
    assert b"&lt;b&gt;@" in page.body


def test_noauth_gives_every_request_an_administrator() -> None:
    with DssServer(noauth=True) as server:
        assert send_request(server, "GET", "/api/login").body == b"logged in as test@example.com \n"
        token = send_request(server, "GET", "/api/token").body.decode()
        assert re.fullmatch("[0-9a-f]{48}", token)
        assert token in send_request(server, "GET", "/token").body.decode()
        assert (
            send_request(server, "POST", "/api/admin/providers", {"name": "p"}).body == b"success"
        )
        assert send_request(server, "POST", "/api/login", {"token": "zz"}).status == 401
        assert send_request(server, "POST", "/api/login", {"token": token}).status == 200
        assert server.add_user("next@example.com").id == 2
        server.reset()
        assert server.add_user("next@example.com").id == 2


def test_exception_in_handler_is_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def raise_error(_: object) -> object:
        raise ZeroDivisionError

    with State() as state, caplog.at_level(logging.ERROR):
        application = MockApplication(state, handlers={**HANDLERS, "login": raise_error})
        statuses: list[str] = []

        def start_response(status: str, *_: object) -> object:
            statuses.append(status)
            return None

        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/login",
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "h",
            "wsgi.input": io.BytesIO(),
        }
        body = application(environ, start_response)  # type: ignore[arg-type]  # no `write` needed
        assert (statuses, list(body)) == (["500 Internal Server Error"], [b"internal server error"])
    assert "ZeroDivisionError" in caplog.text


def test_download_is_complete_although_file_is_erased_meanwhile(dss_server: DssServer) -> None:
    application = MockApplication(dss_server.state, noauth=True)
    user = dss_server.state.accounts.users[1]
    service = dss_server.add_service(dss_server.add_provider("testlab"))
    ticket = dss_server.add_ticket(user, service, files={"a": b"123"})
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/api/tickets/{ticket.id}/files/input/0",
        "wsgi.url_scheme": "http",
    }
    body = application(environ, lambda *_: None)  # type: ignore[arg-type]  # as above
    dss_server.state.tickets.delete(user, ticket.id)
    assert b"".join(body) == b"123"
