"""What a method is asked with arrives at the other end as it was."""

from __future__ import annotations

import io
import re
from urllib.parse import parse_qsl, unquote

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given

from dss_api import OPERATIONS, FileArea, OperationRequest, Upload
from dss_api.requests import (
    ClaimTicketRequest,
    LoginRequest,
    SetProgressRequest,
    UploadTicketFileRequest,
)
from dss_api.routes import (
    CLAIM_TICKET,
    GET_SERVICE_DETAIL,
    LIST_PROVIDER_USERS,
    LOGIN,
    UPLOAD_TICKET_FILE,
)
from dss_wire.codec import decode_request, encode_request
from dss_wire.multipart import Multipart
from dss_wire.scalars import DecodingError
from tests.dss_api.support import AnyOperation, calm, hints, parsed, values, words


def in_path(operation: AnyOperation, name: str, kind: object) -> st.SearchStrategy[object]:
    """What can stand in the path for a parameter."""
    if kind is int:
        return st.integers(0, 10**12)
    group = re.search(rf"\(\?P<{name}>(.*?)\)", operation.pattern.pattern)
    assert group is not None
    return st.from_regex(group[1], fullmatch=True)


def requests_for(operation: AnyOperation) -> st.SearchStrategy[OperationRequest]:
    kinds = hints(operation.request)
    fields: dict[str, st.SearchStrategy[object]] = {}
    for field in attrs.fields(operation.request):
        if kinds[field.name] is Upload:
            upload = st.builds(lambda name, data: (name, data), words, st.binary(max_size=40))
            fields[field.name] = upload.map(
                lambda pair: Upload(pair[0], io.BytesIO(pair[1]), len(pair[1]))
            )
        elif kinds[field.name] == tuple[str, ...]:
            fields[field.name] = st.lists(words, max_size=3).map(tuple)
        elif field.name in operation.pattern.groupindex and kinds[field.name] in (int, str):
            fields[field.name] = in_path(operation, field.name, kinds[field.name])
        else:
            fields[field.name] = values(kinds[field.name])
    return st.builds(operation.request, **fields)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_request_is_read_as_it_was_written(operation: AnyOperation) -> None:
    @calm
    @given(requests_for(operation))
    def is_read_back(asked: OperationRequest) -> None:
        request = encode_request(operation, asked)
        path, _, query = request.target.partition("?")
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        pieces = zip(operation.path.split("/"), path.split("/"), strict=True)
        found = {
            template[1:-1]: unquote(piece) for template, piece in pieces if template[1:-1] in names
        }
        sent = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        sent.pop("format", None)
        upload = None
        if isinstance(request.body, Multipart):
            fields, name, data = parsed(request.body.read(), request.headers["Content-Type"])
            sent |= fields
            upload = Upload(name, io.BytesIO(data), len(data))
        elif request.body is not None:
            body = request.body.decode("ascii")
            sent |= dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)))
        read = decode_request(operation, found, sent, upload)
        if upload is None:
            assert read == asked
        else:
            for field in attrs.fields(operation.request):
                ours, theirs = getattr(asked, field.name), getattr(read, field.name)
                if isinstance(ours, Upload):
                    assert theirs is upload
                    assert theirs.filename == ours.filename
                    ours.stream.seek(0)
                    assert theirs.stream.read() == ours.stream.read()
                else:
                    assert theirs == ours

    is_read_back()


def test_json_is_asked_for_wherever_there_is_json() -> None:
    asking = {operation.name for operation in OPERATIONS if operation.format_parameter}
    assert len(asking) == 14
    assert CLAIM_TICKET.name in asking
    request = encode_request(CLAIM_TICKET, ClaimTicketRequest(services=("a", "b"), provider="p q"))
    assert request.target == "/api/pro/services/claims?format=json"
    assert request.body == b"services=a%2Cb&provider=p+q&code=default"
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_parameter_in_the_path_cannot_leave_its_place() -> None:
    request = encode_request(LIST_PROVIDER_USERS, LIST_PROVIDER_USERS.request(provider="Größe"))

    assert request.path == "/api/admin/providers/Gr%C3%B6%C3%9Fe/users"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/../b", "a?b=c", "a#b", "{githash}", "ABC", "a b"]
)
def test_a_parameter_that_no_path_of_the_middleware_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"get_service_detail cannot be asked with githash="):
        encode_request(GET_SERVICE_DETAIL, GET_SERVICE_DETAIL.request(githash=text))


def test_a_path_is_no_upload() -> None:
    request = UploadTicketFileRequest(
        ticket_id=1,
        area=FileArea.INPUT,
        file="a.nii",  # type: ignore[arg-type]  # that is the point
    )
    with pytest.raises(TypeError, match=r"Upload.of\(path, stream\), not str"):
        encode_request(UPLOAD_TICKET_FILE, request)


def test_a_parameter_that_is_needed_must_not_be_none() -> None:
    with pytest.raises(TypeError, match="claim_ticket needs provider"):
        encode_request(
            CLAIM_TICKET,
            ClaimTicketRequest(services=("a",), provider=None),  # type: ignore[arg-type]  # so it is
        )


@pytest.mark.parametrize("services", [("a,b",), ("a", "")])
def test_a_list_that_would_arrive_as_another_is_refused(services: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="contains a comma"):
        encode_request(CLAIM_TICKET, ClaimTicketRequest(services=services, provider="p"))


def test_what_is_not_given_is_not_sent() -> None:
    operation = next(o for o in OPERATIONS if o.name == "purge_tickets")
    request = encode_request(operation, decode_request(operation, {"scope": "all"}, {}))
    assert (request.target, request.body) == ("/api/admin/tickets/purge/all", b"")


def test_a_missing_or_malformed_parameter_is_unreadable() -> None:
    operation = next(o for o in OPERATIONS if o.request is SetProgressRequest)
    good = {"chunk_start": "0", "chunk_end": "1", "progress": "0.5"}
    assert decode_request(operation, {"ticket_id": "007"}, good) == SetProgressRequest(
        ticket_id=7, chunk_start=0.0, chunk_end=1.0, progress=0.5
    )
    with pytest.raises(DecodingError, match="progress"):
        decode_request(operation, {"ticket_id": "7"}, {"chunk_start": "0", "chunk_end": "1"})
    with pytest.raises(DecodingError, match="'abc' is not a number"):
        decode_request(operation, {"ticket_id": "7"}, {**good, "progress": "abc"})
    with pytest.raises(DecodingError):
        decode_request(operation, {"ticket_id": "7"}, {**good, "progress": "nan"})


def test_a_parameter_that_nobody_knows_is_passed_over() -> None:
    assert decode_request(LOGIN, {}, {"token": "a", "submit": "send"}) == LoginRequest(token="a")


def test_a_file_that_is_missing_is_unreadable() -> None:
    operation = next(o for o in OPERATIONS if o.name == "attach_file")
    with pytest.raises(DecodingError, match="file"):
        decode_request(operation, {"ticket_id": "1"}, {"desc": "a"})


def test_no_services_are_no_services_at_the_other_end() -> None:
    request = encode_request(CLAIM_TICKET, ClaimTicketRequest(services=(), provider="p"))
    assert request.body == b"services=&provider=p&code=default"
    asked = decode_request(CLAIM_TICKET, {}, {"services": "", "provider": "p"})
    assert asked.services == ()
