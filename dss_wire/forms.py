"""Forms of an answer on the wire, such as JSON or CSV. Each class reads and writes one form."""

from __future__ import annotations

import csv
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Generic, NoReturn, Protocol, TypeVar

import attrs

from .dialects import WireDialect
from .errors import AnswerUnusable
from .files import Download, IncomingFile
from .record_codec import RecordCodec, sort_keys
from .records import Record
from .scalars import DecodingError
from .text_templates import compile_template

T = TypeVar("T")
A_co = TypeVar("A_co", covariant=True)

_PAGE = re.compile(
    r"[\s\ufeff]*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


class IncomingAnswer(IncomingFile, Protocol):
    """The part of a response that an answer needs."""

    @property
    def method(self) -> str:
        """The method of the request."""
        ...

    @property
    def path(self) -> str:
        """The path of the request."""
        ...

    @property
    def media_type(self) -> str:
        """The media type of the body without its parameters; empty if the header is missing."""
        ...

    @property
    def has_end(self) -> bool:
        """Whether the client can tell a complete body from a broken connection."""
        ...

    def read_text(self) -> str:
        """Return the beginning of the body as text."""
        ...


class UnknownForm(ValueError):
    """A body that does not match any form of the answer; the text says why.

    Attributes:
        text: the body, or its beginning.
        is_page: whether the body is a web page.
    """

    def __init__(self, why: str, body: bytes) -> None:
        super().__init__(why)
        self.text = body.decode("utf-8", errors="replace")
        self.is_page = is_page(self.text)

    @classmethod
    def from_media_type(cls, media_type: str, body: bytes) -> UnknownForm:
        """Return the error for a body with an unexpected media type."""
        return cls(f"The media type {media_type or '(none)'} of the answer is unexpected.", body)


def is_page(text: str) -> bool:
    """Check whether a text is a web page; the middleware never answers an operation with one."""
    return _PAGE.match(text) is not None


class EncodingError(ValueError):
    """An answer that a version of the middleware fails to write.

    Attributes:
        media_type: the Content-Type that this version has already sent.
    """

    def __init__(self, media_type: str) -> None:
        super().__init__(f"this version of the middleware cannot write this answer as {media_type}")
        self.media_type = media_type


class Form(Record, ABC, Generic[A_co]):
    """One form of an answer.

    Attributes:
        media_type: the Content-Type; empty if the answer is sent without it.
    """

    media_type: str = ""

    @abstractmethod
    def can_read(self, media_type: str, text: str) -> bool:
        """Check whether an answer seems to have this form."""

    @abstractmethod
    def decode(self, text: str, records: RecordCodec) -> A_co:
        """Return the value of an answer.

        Raises:
            DecodingError: the answer does not have this form.
        """

    @abstractmethod
    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        """Return the text of an answer.

        Raises:
            EncodingError: this version of the middleware fails to write the answer.
        """

    def can_write(self, answer: object) -> bool:
        """Check whether the form can hold this answer."""
        return answer is not None


@attrs.frozen(eq=False, repr=False)
class Answer(Record, ABC, Generic[A_co]):
    """The successful answer of an operation.

    Attributes:
        status: the HTTP status of success; `None` for an operation that never succeeds.
    """

    status: int | None

    @abstractmethod
    def decode(self, response: IncomingAnswer, records: RecordCodec) -> A_co:
        """Return the value of a response with the status of success.

        Raises:
            UnknownForm: the response does not match any form.
        """

    @abstractmethod
    def encode(
        self, answer: object, dialect: WireDialect, records: RecordCodec, *, as_json: bool = False
    ) -> tuple[str, bytes]:
        """Return Content-Type and body. The Content-Type is empty if it is not sent.

        Args:
            as_json: whether the request asked for JSON.

        Raises:
            ValueError: the contract does not define a form for such an answer.
            EncodingError: this version of the middleware fails to write the answer.
        """


@attrs.frozen(eq=False, repr=False)
class OneOf(Answer[A_co]):
    """An answer in one of several forms."""

    forms: tuple[Form[A_co], ...]

    def decode(self, response: IncomingAnswer, records: RecordCodec) -> A_co:
        media_type, body = response.media_type, response.read()
        try:
            text = body.decode("utf-8")
            for form in self.forms:
                if form.can_read(media_type, text) and not is_page(text):
                    return form.decode(text, records)
        except UnicodeDecodeError as error:
            raise UnknownForm("The answer is not UTF-8.", body) from error
        except DecodingError as error:
            raise UnknownForm(f"{error}", body) from error
        raise UnknownForm.from_media_type(media_type, body)

    def encode(
        self, answer: object, dialect: WireDialect, records: RecordCodec, *, as_json: bool = False
    ) -> tuple[str, bytes]:
        able = [form for form in self.forms if form.can_write(answer)]
        wanted = [form for form in able if isinstance(form, JsonForm) == as_json] or able
        if not wanted:
            raise ValueError(
                f"The answer {answer!r} cannot be written: the contract does not define a form "
                "(such as JSON or CSV) for it."
            )
        return wanted[0].media_type, wanted[0].encode(answer, dialect, records).encode()


@attrs.frozen(eq=False, repr=False)
class File(Answer[Download]):
    """A file as the answer, of the given media type; `*/*` means any type."""

    media_type: str

    def decode(self, response: IncomingAnswer, records: RecordCodec) -> Download:
        """Return the file. Its bytes are not read yet.

        Raises:
            AnswerUnusable: a broken download could not be detected.
        """
        if self.media_type not in ("*/*", response.media_type):
            raise UnknownForm.from_media_type(response.media_type, response.read_text().encode())
        coding = response.headers.get("Content-Encoding", "identity")
        problem = ""
        if not response.has_end:
            problem = "without marking its end, so a broken connection would look like the end"
        elif coding.strip().lower() not in ("", "identity"):
            problem = f"with the encoding {coding!r}, which changes its bytes"
        if problem:
            response.close()
            raise AnswerUnusable(
                f"{response.method} {response.path} gives a file {problem}. Nothing was "
                "downloaded. A server in between, such as an HTTP/1.0 proxy, changed the response. "
                "Ask its administrator to let files pass unchanged.",
                method=response.method,
                path=response.path,
            )
        return Download(response)

    def encode(
        self, answer: object, dialect: WireDialect, records: RecordCodec, *, as_json: bool = False
    ) -> NoReturn:
        raise ValueError("A file answer cannot be encoded, because files are sent unchanged.")


@attrs.frozen(eq=False, repr=False)
class Empty(Answer[None]):
    """An answer without a body."""

    def decode(self, response: IncomingAnswer, records: RecordCodec) -> None:
        response.close()

    def encode(
        self, answer: object, dialect: WireDialect, records: RecordCodec, *, as_json: bool = False
    ) -> tuple[str, bytes]:
        if answer is not None:
            raise ValueError(
                f"The answer {answer!r} cannot be written: the contract does not define a form "
                "(such as JSON or CSV) for it."
            )
        return "text/html", b""


@attrs.frozen(eq=False, repr=False)
class Never(Answer[None]):
    """The answer of an operation that does not work in the middleware."""

    def decode(self, response: IncomingAnswer, records: RecordCodec) -> NoReturn:
        raise UnknownForm.from_media_type(response.media_type, response.read())

    def encode(
        self, answer: object, dialect: WireDialect, records: RecordCodec, *, as_json: bool = False
    ) -> NoReturn:
        raise ValueError("This operation never succeeds, so its answer cannot be encoded.")


class JsonForm(Form[A_co]):
    """JSON, usually within `{"result": ...}`."""

    untyped: bool
    envelope: bool

    def can_read(self, media_type: str, text: str) -> bool:
        if self.untyped and media_type == "":
            return text.lstrip().startswith("{")
        return media_type == "application/json"

    def _load(self, text: str) -> object:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DecodingError(f"The answer is not JSON: {error}.") from error
        if not self.envelope:
            return value
        if not isinstance(value, dict) or "result" not in value:
            raise DecodingError("The JSON of the answer does not have `result`.")
        return value["result"]

    def _dump(self, plain: object) -> str:
        return json.dumps({"result": plain} if self.envelope else plain)

    def _load_rows(self, text: str) -> list[object]:
        rows = self._load(text)
        if not isinstance(rows, list):
            raise DecodingError("The JSON of the answer is not a list.")
        return rows


@attrs.frozen(eq=False, repr=False)
class JsonObject(JsonForm[T]):
    """One object in JSON."""

    type: type[T]
    envelope: bool = True
    untyped: bool = False

    @property
    def media_type(self) -> str:  # type: ignore[override]  # derived
        return "" if self.untyped else "application/json"

    def decode(self, text: str, records: RecordCodec) -> T:
        return records.read(self._load(text), self.type)

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        return self._dump(records.write(answer, dialect))


@attrs.frozen(eq=False, repr=False)
class JsonTable(JsonForm[list[T]]):
    """A list of objects in JSON; `columns` are the keys in order, if the order is known."""

    type: type[T]
    columns: tuple[str, ...] = ()
    envelope: bool = True
    untyped: bool = False
    media_type = "application/json"

    def decode(self, text: str, records: RecordCodec) -> list[T]:
        return records.read_all(self._load_rows(text), self.type)

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        assert isinstance(answer, list)
        order = records.get_key_order(self.type, dialect) or self.columns
        return self._dump([_make_row(row, order, dialect, records) for row in answer])


@attrs.frozen(eq=False, repr=False)
class JsonRow(JsonForm[T]):
    """A list of one object in JSON; `columns` are the keys in order, if the order is known."""

    type: type[T]
    columns: tuple[str, ...] = ()
    envelope: bool = True
    untyped: bool = False
    media_type = "application/json"

    def decode(self, text: str, records: RecordCodec) -> T:
        return records.read(_get_only_row(self._load_rows(text)), self.type)

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        order = records.get_key_order(self.type, dialect) or self.columns
        return self._dump([_make_row(answer, order, dialect, records)])


@attrs.frozen(eq=False, repr=False)
class CsvForm(Form[A_co], Generic[A_co, T]):
    """CSV without a header row, in UTF-8; rows end with CR LF.

    Attributes:
        type: the class of a row.
        columns: the columns, in order.
        orders: by version, the order of the columns in versions that differ from the newest.
        ascii_in: the versions that can only write ASCII.
    """

    type: type[T]
    columns: tuple[str, ...]
    orders: Mapping[WireDialect, tuple[str, ...]] = attrs.field(factory=dict, kw_only=True)
    ascii_in: tuple[WireDialect, ...] = attrs.field(default=(), kw_only=True)
    media_type = "text/csv"

    def can_read(self, media_type: str, text: str) -> bool:
        return media_type == self.media_type

    def _read(self, text: str, records: RecordCodec) -> list[T]:
        """Read rows whose columns are in one of the known orders."""
        errors: list[DecodingError] = []
        for columns in (self.columns, *self.orders.values()):
            try:
                return records.read_all(_read_csv(text, self.type, columns), self.type)
            except DecodingError as error:
                errors.append(error)
        raise errors[0]

    def _write(self, answers: Iterable[object], dialect: WireDialect, records: RecordCodec) -> str:
        columns = self.orders.get(dialect, self.columns)
        text = io.StringIO(newline="")
        rows = (_make_row(answer, columns, dialect, records, in_csv=True) for answer in answers)
        csv.writer(text).writerows(row.values() for row in rows)
        if dialect in self.ascii_in and not text.getvalue().isascii():
            raise EncodingError(self.media_type)
        return text.getvalue()


@attrs.frozen(eq=False, repr=False)
class CsvTable(CsvForm[list[T], T]):
    """Rows of CSV."""

    def decode(self, text: str, records: RecordCodec) -> list[T]:
        return self._read(text, records)

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        assert isinstance(answer, list)
        return self._write(answer, dialect, records)


@attrs.frozen(eq=False, repr=False)
class CsvRow(CsvForm[T, T]):
    """One row of CSV."""

    def decode(self, text: str, records: RecordCodec) -> T:
        return _get_only_row(self._read(text, records))

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        return self._write([answer], dialect, records)


def make_table(
    status: int,
    kind: type[T],
    columns: tuple[str, ...],
    *,
    orders: Mapping[WireDialect, tuple[str, ...]] | None = None,
    ascii_in: tuple[WireDialect, ...] = (),
) -> OneOf[list[T]]:
    """Return the answer for rows in JSON or CSV."""
    table = CsvTable(kind, columns, orders=orders or {}, ascii_in=ascii_in)
    return OneOf(status, (JsonTable(kind, columns), table))


def make_row(
    status: int,
    kind: type[T],
    columns: tuple[str, ...],
    *,
    orders: Mapping[WireDialect, tuple[str, ...]] | None = None,
    ascii_in: tuple[WireDialect, ...] = (),
) -> OneOf[T]:
    """Return the answer for one row in JSON or CSV."""
    row = CsvRow(kind, columns, orders=orders or {}, ascii_in=ascii_in)
    return OneOf(status, (JsonRow(kind, columns), row))


class BareForm(Form[A_co]):
    """Text that is sent without a Content-Type."""

    def can_read(self, media_type: str, text: str) -> bool:
        # A server in between may have added a type, but never one of these two.
        return media_type not in ("text/csv", "application/json")


@attrs.frozen(eq=False, repr=False)
class Text(BareForm[T]):
    """A value as text, alone or inside a sentence.

    Attributes:
        template: the sentence, with `{}` for the value, or `{field}` for each field of the value.
        pattern: the regular expression of the value; empty for any value.
    """

    type: type[T]
    template: str = "{}"
    pattern: str = ""

    def decode(self, text: str, records: RecordCodec) -> T:
        match = compile_template(self.template).fullmatch(text)
        if match is None:
            raise DecodingError(f"The answer is not the text {self.template!r}.")
        if "value" not in match.groupdict():
            return records.read(match.groupdict(), self.type)
        if self.pattern and not re.fullmatch(self.pattern, match["value"]):
            raise DecodingError(f"The answer does not match the pattern {self.pattern!r}.")
        return records.read(match["value"], self.type)

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        plain = records.write(answer, dialect)
        if isinstance(plain, dict):
            return self.template.format(**plain)
        return self.template.format(plain)


@attrs.frozen(eq=False, repr=False)
class Constant(BareForm[None]):
    """A text that only says that the operation is done."""

    text: str

    def decode(self, text: str, records: RecordCodec) -> None:
        if text.strip() != self.text:
            raise DecodingError(f"The answer is not the text {self.text!r}.")

    def encode(self, answer: object, dialect: WireDialect, records: RecordCodec) -> str:
        return self.text

    def can_write(self, answer: object) -> bool:
        return answer is None


@attrs.frozen(eq=False, repr=False)
class Nothing(Constant):
    """A text that stands for a missing answer."""

    def can_read(self, media_type: str, text: str) -> bool:
        return super().can_read(media_type, text) and text.strip() == self.text


def _get_only_row(rows: list[T]) -> T:
    if len(rows) != 1:
        raise DecodingError(f"The answer has {len(rows)} rows instead of one.")
    return rows[0]


def _read_csv(text: str, kind: type, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return rows of CSV, each as a mapping by column."""
    assert attrs.has(kind)
    fields = attrs.fields_dict(kind)
    # If an optional value is missing, its column is missing too.
    needed = tuple(name for name in columns if fields[name].default is attrs.NOTHING)
    named: list[dict[str, str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            if len(row) not in (0, len(columns), len(needed)):
                raise DecodingError(
                    f"A CSV row of the answer has {len(row)} columns instead of {len(columns)}."
                )
            names = columns if len(row) == len(columns) else needed
            if row:
                named.append(dict(zip(names, row, strict=True)))
    except csv.Error as error:
        raise DecodingError(f"The answer is not CSV: {error}.") from error
    return named


def _make_row(
    answer: object,
    order: tuple[str, ...],
    dialect: WireDialect,
    records: RecordCodec,
    *,
    in_csv: bool = False,
) -> dict[str, object]:
    """Return a row of a table, with its keys in the given order if the order is not empty."""
    plain = records.write(answer, dialect, in_csv=in_csv)
    assert isinstance(plain, dict)
    return sort_keys(plain, order or plain)
