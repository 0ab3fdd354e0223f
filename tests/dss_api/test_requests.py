"""Tests of encoding the parameters of each operation, and of decoding them."""

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
from tests.dss_wire.exchanges import AnyOperation, parse_multipart
from tests.dss_wire.strategies import few_examples, get_field_types, values, words


def make_path_values(operation: AnyOperation, name: str, kind: object) -> st.SearchStrategy[object]:
    """Return a strategy for the values of a parameter in the path."""
    if kind is int:
        return st.integers(0, 10**12)
    group = re.search(rf"\(\?P<{name}>(.*?)\)", operation.pattern.pattern)
    assert group is not None
    return st.from_regex(group[1], fullmatch=True)


def make_requests(operation: AnyOperation) -> st.SearchStrategy[OperationRequest]:
    """Return a strategy for the parameters of an operation."""
    kinds = get_field_types(operation.request)
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
            fields[field.name] = make_path_values(operation, field.name, kinds[field.name])
        else:
            fields[field.name] = values(kinds[field.name])
    return st.builds(operation.request, **fields)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_decoded_request_equals_its_parameters(operation: AnyOperation) -> None:
    @few_examples
    @given(make_requests(operation))
    def check_round_trip(parameters: OperationRequest) -> None:
        request = encode_request(operation, parameters)
        path, _, query = request.target.partition("?")
        names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        pieces = zip(operation.path.split("/"), path.split("/"), strict=True)
        path_values = {
            template[1:-1]: unquote(piece) for template, piece in pieces if template[1:-1] in names
        }
        sent = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        sent.pop("format", None)
        upload = None
        if isinstance(request.body, Multipart):
            fields, name, data = parse_multipart(
                request.body.read(), request.headers["Content-Type"]
            )
            sent |= fields
            upload = Upload(name, io.BytesIO(data), len(data))
        elif request.body is not None:
            body = request.body.decode("ascii")
            sent |= dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)))
        decoded = decode_request(operation, path_values, sent, upload)
        if upload is None:
            assert decoded == parameters
        else:
            for field in attrs.fields(operation.request):
                ours, theirs = getattr(parameters, field.name), getattr(decoded, field.name)
                if isinstance(ours, Upload):
                    assert theirs is upload
                    assert theirs.filename == ours.filename
                    ours.stream.seek(0)
                    assert theirs.stream.read() == ours.stream.read()
                else:
                    assert theirs == ours

    check_round_trip()


def test_request_asks_for_json_if_the_answer_can_be_json() -> None:
    with_json = {operation.name for operation in OPERATIONS if operation.format_parameter}
    assert len(with_json) == 14
    assert CLAIM_TICKET.name in with_json
    request = encode_request(CLAIM_TICKET, ClaimTicketRequest(services=("a", "b"), provider="p q"))
    assert request.target == "/api/pro/services/claims?format=json"
    assert request.body == b"services=a%2Cb&provider=p+q&code=default"
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_path_parameter_is_quoted() -> None:
    request = encode_request(LIST_PROVIDER_USERS, LIST_PROVIDER_USERS.request(provider="Größe"))

    assert request.path == "/api/admin/providers/Gr%C3%B6%C3%9Fe/users"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/../b", "a?b=c", "a#b", "{githash}", "ABC", "a b"]
)
def test_path_parameter_that_does_not_match_the_route_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"get_service_detail cannot be called with githash="):
        encode_request(GET_SERVICE_DETAIL, GET_SERVICE_DETAIL.request(githash=text))


def test_file_path_instead_of_an_upload_raises_type_error() -> None:
    request = UploadTicketFileRequest(
        ticket_id=1,
        area=FileArea.INPUT,
        file="a.nii",  # type: ignore[arg-type]  # the wrong type
    )
    with pytest.raises(TypeError, match=r"Upload.of\(path, stream\), not str"):
        encode_request(UPLOAD_TICKET_FILE, request)


def test_none_as_a_required_parameter_raises_type_error() -> None:
    with pytest.raises(TypeError, match="claim_ticket needs provider"):
        encode_request(
            CLAIM_TICKET,
            ClaimTicketRequest(services=("a",), provider=None),  # type: ignore[arg-type]  # the wrong type
        )


@pytest.mark.parametrize("services", [("a,b",), ("a", "")])
def test_list_item_that_is_empty_or_has_a_comma_raises_value_error(
    services: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError, match="contains a comma"):
        encode_request(CLAIM_TICKET, ClaimTicketRequest(services=services, provider="p"))


def test_omitted_parameter_is_not_sent() -> None:
    operation = next(o for o in OPERATIONS if o.name == "purge_tickets")
    request = encode_request(operation, decode_request(operation, {"scope": "all"}, {}))
    assert (request.target, request.body) == ("/api/admin/tickets/purge/all", b"")


def test_missing_or_malformed_parameter_raises_decoding_error() -> None:
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


def test_unknown_parameter_is_ignored() -> None:
    assert decode_request(LOGIN, {}, {"token": "a", "submit": "send"}) == LoginRequest(token="a")


def test_missing_file_raises_decoding_error() -> None:
    operation = next(o for o in OPERATIONS if o.name == "attach_file")
    with pytest.raises(DecodingError, match="file"):
        decode_request(operation, {"ticket_id": "1"}, {"desc": "a"})


def test_empty_list_of_services_is_decoded_as_empty() -> None:
    request = encode_request(CLAIM_TICKET, ClaimTicketRequest(services=(), provider="p"))
    assert request.body == b"services=&provider=p&code=default"
    decoded = decode_request(CLAIM_TICKET, {}, {"services": "", "provider": "p"})
    assert decoded.services == ()
