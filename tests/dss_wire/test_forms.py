"""Tests of the forms of an answer on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given

from dss_api import (
    Account,
    Dialect,
    LogCategory,
    LogEntry,
    OutcomeUnknown,
    Provider,
    ProviderMembership,
    ServiceStats,
    SubmittedTicket,
    TicketFile,
    TicketStatus,
    UnexpectedAnswer,
)
from dss_api.contract import CONTRACT
from dss_wire.codec import decode_answer
from dss_wire.forms import (
    Constant,
    CsvForm,
    CsvRow,
    CsvTable,
    EncodingError,
    Form,
    JsonObject,
    JsonRow,
    JsonTable,
    Nothing,
    OneOf,
    Text,
)
from dss_wire.scalars import DecodingError
from tests.dss_wire.exchanges import OPERATIONS_BY_NAME, AnyOperation, make_request, make_response
from tests.dss_wire.strategies import few_examples, records, texts, values, words

RECORDS = CONTRACT.records

FORMS = [
    pytest.param(operation, form, dialect, id=f"{operation.name}-{type(form).__name__}-{dialect}")
    for operation in OPERATIONS_BY_NAME.values()
    if isinstance(operation.answer, OneOf)
    for form in operation.answer.forms
    for dialect in Dialect
]


def make_answers(form: Form[object], dialect: Dialect) -> st.SearchStrategy[Any]:
    """Return a strategy for the answers that a form can write."""
    numeric = dialect is not Dialect.V2020
    if isinstance(form, Constant):
        return st.none()
    in_csv = isinstance(form, CsvForm)
    if isinstance(form, CsvTable | JsonTable):
        return st.lists(records(form.type, numeric, in_csv=in_csv), max_size=4)
    if isinstance(form, CsvRow | JsonRow | JsonObject):
        return records(form.type, numeric, in_csv=in_csv)
    assert isinstance(form, Text)
    if form.type is ProviderMembership:
        return st.builds(ProviderMembership, email=texts, provider=words)
    if form.pattern:
        return st.from_regex(form.pattern.replace("$", ""), fullmatch=True)
    return records(form.type, numeric) if attrs.has(form.type) else values(form.type)


@pytest.mark.parametrize(("operation", "form", "dialect"), FORMS)
def test_form_reads_back_the_answer_that_it_writes(
    operation: AnyOperation, form: Form[object], dialect: Dialect
) -> None:
    assert isinstance(operation.answer, OneOf)
    alone = attrs.evolve(operation.answer, forms=(form,))
    only = attrs.evolve(operation, answer=alone)

    @few_examples
    @given(make_answers(form, dialect))
    def check_round_trip(answer: object) -> None:
        try:
            media_type, body = alone.encode(answer, dialect, RECORDS)
        except EncodingError:
            assert isinstance(form, CsvForm)
            assert dialect in form.ascii_in
            assert isinstance(answer, list)
            assert not all(entry.message.isascii() for entry in answer)
            return
        headers = {"Content-Type": media_type} if media_type else {}
        assert alone.status is not None
        response = make_response(make_request(only), alone.status, body, headers)
        assert decode_answer(only, response) == answer

    check_round_trip()


@pytest.mark.parametrize("as_json", [False, True], ids=["plain", "json"])
@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS_BY_NAME.values() if isinstance(operation.answer, OneOf)],
    ids=lambda operation: operation.name,
)
def test_operation_reads_back_the_answer_that_it_writes(
    operation: AnyOperation, as_json: bool
) -> None:
    answer_forms = operation.answer
    assert isinstance(answer_forms, OneOf)
    usable_forms = [form for form in answer_forms.forms if not isinstance(form, Nothing)]
    # A text can look like a missing answer. An id cannot, because ids are positive.
    strategy = make_answers(usable_forms[0], Dialect.V0_2_0)
    if operation.name == "claim_service_ticket":
        strategy = st.integers(1, 10**9)
    if len(usable_forms) < len(answer_forms.forms):
        strategy = strategy | st.none()
    if operation.name in ("login", "get_login"):
        strategy = st.builds(Account, email=texts)

    @few_examples
    @given(strategy)
    def check_round_trip(answer: object) -> None:
        media_type, body = answer_forms.encode(answer, Dialect.V0_2_0, RECORDS, as_json=as_json)
        headers = {"Content-Type": media_type} if media_type else {}
        assert answer_forms.status is not None
        response = make_response(make_request(operation), answer_forms.status, body, headers)
        assert decode_answer(operation, response) == answer

    check_round_trip()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_empty_table_is_an_empty_body_in_csv(dialect: Dialect) -> None:
    answer = OPERATIONS_BY_NAME["list_providers"].answer
    assert answer.encode([], dialect, RECORDS) == ("text/csv", b"")
    assert answer.encode([], dialect, RECORDS, as_json=True) == (
        "application/json",
        b'{"result": []}',
    )


def test_empty_text_in_a_table_of_one_column_is_a_row() -> None:
    form = CsvTable(Provider, ("name",))
    text = form.encode([Provider(name=""), Provider(name="a")], Dialect.V0_2_0, RECORDS)
    assert text == '""\r\na\r\n'
    assert form.decode(text, RECORDS) == [Provider(name=""), Provider(name="a")]


def test_csv_rows_are_written_with_crlf_and_read_with_any_newline() -> None:
    form = CsvTable(TicketFile, ("index", "filename"))
    assert form.decode("0,a\r\n1,b", RECORDS) == form.decode("0,a\n1,b\n", RECORDS)
    text = form.encode([TicketFile(index=0, filename='a, "b"\nc')], Dialect.V0_2_0, RECORDS)
    assert text == '0,"a, ""b""\nc"\r\n'


def test_missing_csv_column_is_read_as_none_and_written_as_missing() -> None:
    answer = OPERATIONS_BY_NAME["get_service_stats"].answer
    assert isinstance(answer, OneOf)
    form = next(form for form in answer.forms if isinstance(form, CsvRow))
    stats = form.decode("1,2,3,4\r\n", RECORDS)
    assert isinstance(stats, ServiceStats)
    assert stats.avg_duration is None
    assert (stats.n_success, stats.queue_length) == (1, 4)
    assert form.encode(stats, Dialect.V0_2_0, RECORDS) == "1,2,3,4\r\n"


def test_column_order_of_an_older_version_is_recognised_by_its_times() -> None:
    answer = OPERATIONS_BY_NAME["get_service_stats"].answer
    assert isinstance(answer, OneOf)
    form = next(form for form in answer.forms if isinstance(form, CsvRow))
    half = timedelta(seconds=30)
    stats = ServiceStats(
        n_success=1, n_failed=2, avg_duration=half, last_heard_from=2 * half, queue_length=5
    )
    for dialect, text in (
        (Dialect.V0_2_0, "1,2,30.0,60,5\r\n"),
        (Dialect.V2020, "5,0:01:00,0:00:30,2,1\r\n"),
    ):
        assert form.encode(stats, dialect, RECORDS) == text
        assert form.decode(text, RECORDS) == stats
    never = attrs.evolve(stats, avg_duration=None)
    assert form.encode(never, Dialect.V2020, RECORDS) == "5,0:01:00,2,1\r\n"
    assert form.decode("5,0:01:00,2,1\r\n", RECORDS) == never
    with pytest.raises(DecodingError, match="'x' is not an integer"):
        form.decode("x,2,30.0,60,5\r\n", RECORDS)


def test_each_version_writes_its_own_keys_and_values() -> None:
    ticket = SubmittedTicket(
        id=1,
        email="a@b.c",
        service="S",
        status=TicketStatus.READY,
        duration=timedelta(minutes=3),
    )
    answer = OPERATIONS_BY_NAME["list_all_tickets"].answer

    def encode(dialect: Dialect, *, as_json: bool) -> str:
        return answer.encode([ticket], dialect, RECORDS, as_json=as_json)[1].decode()

    assert encode(Dialect.V0_2_0, as_json=False) == "1,a@b.c,S,ready,3.0\r\n"
    assert encode(Dialect.V2020, as_json=False) == "1,a@b.c,S,ready,3\r\n"
    assert encode(Dialect.V0_2_0, as_json=True) == (
        '{"result": [{"id": 1, "email": "a@b.c", "service": "S", "status": "ready", '
        '"duration": 3.0}]}'
    )
    assert encode(Dialect.V2020, as_json=True) == (
        '{"result": [{"status": "ready", "duration": null, "id": 1, "service": "S", '
        '"email": "a@b.c"}]}'
    )


def test_text_that_a_version_cannot_write_raises_encoding_error_with_media_type() -> None:
    entry = LogEntry(
        id=1,
        atime=datetime(2026, 1, 2, 3, 4, 5, 600, UTC),
        category=LogCategory.INFO,
        attachments=0,
        message="é",
    )
    answer = OPERATIONS_BY_NAME["get_ticket_log"].answer
    with pytest.raises(EncodingError) as caught:
        answer.encode([entry], Dialect.V2020, RECORDS)
    assert caught.value.media_type == "text/csv"
    assert answer.encode([entry], Dialect.V2020, RECORDS, as_json=True) == (
        "application/json",
        b'{"result": [{"category": "info", "message": "\\u00e9", '
        b'"atime": "2026-01-02 03:04:05.000600", "id": 1, "attachments": 0}]}',
    )
    assert (
        answer.encode([entry], Dialect.V0_2_0, RECORDS)[1].decode() == "1,1767323045,info,0,é\r\n"
    )
    plain = attrs.evolve(entry, message="e")
    assert answer.encode([plain], Dialect.V2020, RECORDS)[0] == "text/csv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0\r\n", "A CSV row of the answer has 1 columns instead of 2."),
        ("0,a,b\r\n", "A CSV row of the answer has 3 columns instead of 2."),
        ("x,a\r\n", "'x' is not an integer"),
        ('0,"a\r\n', "The answer is not CSV: unexpected end of data."),
        ('0,"a"b\r\n', "The answer is not CSV: "),
    ],
)
def test_malformed_csv_raises_decoding_error_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(DecodingError) as caught:
        CsvTable(TicketFile, ("index", "filename")).decode(text, RECORDS)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The answer is not JSON"),
        (b"{", "The answer is not JSON"),
        (b"[]", "The JSON of the answer does not have `result`."),
        (b'{"results": []}', "The JSON of the answer does not have `result`."),
        (b'{"result": {}}', "The JSON of the answer is not a list."),
        (b'{"result": null}', "The JSON of the answer is not a list."),
        (b'{"result": [1]}', ""),
        (b'{"result": [{}]}', "name"),
        (b'{"result": [{"name": null}]}', "None is not a string"),
        (b'{"result": [{"name": ["a"]}]}', "['a'] is not a string"),
        (b"[" * 100_000, "The answer is not JSON"),
        (b'{"result": ' * 100_000, "The answer is not JSON"),
        (b"1" * 10_000, "The answer is not JSON"),
        (b"\xff\xfe", "The answer is not UTF-8."),
    ],
)
def test_malformed_json_raises_unexpected_answer_with_the_reason(body: bytes, reason: str) -> None:
    operation = OPERATIONS_BY_NAME["list_providers"]
    response = make_response(
        make_request(operation), 200, body, {"Content-Type": "application/json"}
    )
    with pytest.raises(UnexpectedAnswer) as caught:
        decode_answer(operation, response)
    assert reason in str(caught.value)


@pytest.mark.parametrize("rows", ["[]", '[{"id": 1}, {"id": 2}]'])
def test_answer_without_exactly_one_row_raises_outcome_unknown(rows: str) -> None:
    operation = OPERATIONS_BY_NAME["claim_ticket"]
    headers = {"Content-Type": "application/json"}
    body = f'{{"result": {rows}}}'.encode()
    with pytest.raises(OutcomeUnknown, match=r"The answer has \d rows instead of one\."):
        decode_answer(operation, make_response(make_request(operation), 200, body, headers))


def test_malformed_commit_hash_raises_unexpected_answer() -> None:
    operation = OPERATIONS_BY_NAME["register_service"]
    for text in ("a" * 40 + "\n", "a" * 41, "a" * 39, "", "A" * 40):
        with pytest.raises(UnexpectedAnswer):
            decode_answer(operation, make_response(make_request(operation), 200, text.encode()))
    good = make_response(make_request(operation), 200, b"a" * 40)
    assert decode_answer(operation, good) == "a" * 40


def test_unknown_json_field_is_ignored() -> None:
    operation = OPERATIONS_BY_NAME["list_providers"]
    body = b'{"result": [{"name": "lab", "colour": "red"}], "more": 1}'
    response = make_response(
        make_request(operation), 200, body, {"Content-Type": "application/json"}
    )
    assert decode_answer(operation, response) == [Provider(name="lab")]


def test_answer_without_a_form_raises_value_error() -> None:
    answer = OPERATIONS_BY_NAME["list_providers"].answer
    with pytest.raises(ValueError, match="The answer None cannot be written"):
        answer.encode(None, Dialect.V0_2_0, RECORDS)
    with pytest.raises(ValueError, match="The answer 'x' cannot be written"):
        OPERATIONS_BY_NAME["create_provider"].answer.encode("x", Dialect.V0_2_0, RECORDS)
    with pytest.raises(ValueError, match="never succeeds"):
        OPERATIONS_BY_NAME["list_service_claims"].answer.encode(None, Dialect.V0_2_0, RECORDS)
