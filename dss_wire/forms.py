{% include "header" %}
"""The forms that an answer can have on the wire, each read and written by the same class."""

from __future__ import annotations

import csv
import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Generic, NoReturn, TypeVar

import attrs

from .enums import Dialect
from .errors import AnswerUnusable
from .record import Record
from .template import pattern
from .transport import Download, Response
from .wire import Unreadable, in_order, key_order, read, read_all, write

T = TypeVar("T")
A_co = TypeVar("A_co", covariant=True)

CURRENT = Dialect.{{ "V" ~ api.versions[-1] | replace(".", "_") }}
"""The newest version of the middleware."""

_PAGE = re.compile(r"[\s\ufeff]*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


class NotTheAnswer(ValueError):
    """A body that is none of the forms of the answer; the text says why.

    Attributes:
        text: the body, or its beginning.
        page: whether it is a web page.
    """

    def __init__(self, why: str, body: bytes) -> None:
        super().__init__(why)
        self.text = body.decode("utf-8", errors="replace")
        self.page = is_page(self.text)

    @classmethod
    def of_type(cls, media_type: str, body: bytes) -> NotTheAnswer:
        """A body that looks like none of them already by its type."""
        return cls(f"A body of type {media_type or '(none)'} was not to be expected.", body)


def is_page(text: str) -> bool:
    """Whether a text is a web page; the middleware answers no operation with one."""
    return _PAGE.match(text) is not None


class Unwritable(ValueError):
    """An answer at which a version of the middleware fails while it writes it.

    Attributes:
        media_type: what it had begun to send.
    """

    def __init__(self, media_type: str) -> None:
        super().__init__(f"this version of the middleware cannot write this answer as {media_type}")
        self.media_type = media_type


class Form(Record, ABC, Generic[A_co]):
    """One form of an answer.

    Attributes:
        media_type: what its Content-Type says; empty for an answer that is sent without.
    """

    media_type: str = ""

    @abstractmethod
    def reads(self, media_type: str, text: str) -> bool:
        """Whether an answer that looks like this has this form."""

    @abstractmethod
    def decode(self, text: str) -> A_co:
        """What the answer means.

        Raises:
            Unreadable: it does not have this form after all.
        """

    @abstractmethod
    def encode(self, answer: object, dialect: Dialect) -> str:
        """The answer on the wire.

        Raises:
            Unwritable: this version of the middleware fails at it.
        """

    def writes(self, answer: object) -> bool:
        """Whether it can carry this answer."""
        return answer is not None


@attrs.frozen(eq=False, repr=False)
class Answer(Record, ABC, Generic[A_co]):
    """The successful answer of an operation.

    Attributes:
        status: the HTTP status of success; `None` for an operation that never succeeds.
    """

    status: int | None

    @abstractmethod
    def decode(self, response: Response) -> A_co:
        """What a response with the status of success means.

        Raises:
            NotTheAnswer: it has none of the forms.
        """

    @abstractmethod
    def encode(
        self, answer: object, *, as_json: bool = False, dialect: Dialect = CURRENT
    ) -> tuple[str, bytes]:
        """Content type (empty for none) and body, as the middleware sends them.

        Args:
            as_json: whether the request asked for JSON.

        Raises:
            ValueError: the operation has no form for such an answer.
            Unwritable: this version of the middleware fails at it.
        """


@attrs.frozen(eq=False, repr=False)
class OneOf(Answer[A_co]):
    """An answer in one of several forms."""

    forms: tuple[Form[A_co], ...]

    def decode(self, response: Response) -> A_co:
        media_type, body = response.media_type, response.read()
        try:
            text = body.decode("utf-8")
            for form in self.forms:
                if form.reads(media_type, text) and not is_page(text):
                    return form.decode(text)
        except UnicodeDecodeError as error:
            raise NotTheAnswer("This is not UTF-8.", body) from error
        except Unreadable as error:
            raise NotTheAnswer(f"{error}", body) from error
        raise NotTheAnswer.of_type(media_type, body)

    def encode(
        self, answer: object, *, as_json: bool = False, dialect: Dialect = CURRENT
    ) -> tuple[str, bytes]:
        able = [form for form in self.forms if form.writes(answer)]
        wanted = [form for form in able if isinstance(form, JsonForm) == as_json] or able
        if not wanted:
            raise ValueError(f"the contract has no form for the answer {answer!r}")
        return wanted[0].media_type, wanted[0].encode(answer, dialect).encode()


@attrs.frozen(eq=False, repr=False)
class File(Answer[Download]):
    """An answer that is the bytes of a file, under the given media type or (`*/*`) any."""

    media_type: str

    def decode(self, response: Response) -> Download:
        """A file that has yet to arrive.

        Raises:
            AnswerUnusable: nobody could tell when it has.
        """
        if self.media_type not in ("*/*", response.media_type):
            raise NotTheAnswer.of_type(response.media_type, response.read_text().encode())
        coding = response.headers.get("Content-Encoding", "identity")
        fault = ""
        if not response.has_end:
            fault = "without saying where it ends, which a broken connection could be taken for"
        elif coding.strip().lower() not in ("", "identity"):
            fault = f"in another form than it has at the middleware, encoded as {coding!r}"
        if fault:
            response.close()
            what = f"{response.request.method} {response.request.path}"
            raise AnswerUnusable(
                f"The answer to {what} gives a file {fault}. Nothing of it was taken. Something "
                "between this machine and the middleware, such as a proxy that speaks HTTP/1.0, "
                "changed it; have its administrator let files pass as they are.",
                method=response.request.method,
                path=response.request.path,
            )
        return Download(response)

    def encode(
        self, answer: object, *, as_json: bool = False, dialect: Dialect = CURRENT
    ) -> NoReturn:
        raise ValueError("a file is sent as it is")


@attrs.frozen(eq=False, repr=False)
class Empty(Answer[None]):
    """An answer that says all by its status."""

    def decode(self, response: Response) -> None:
        response.close()

    def encode(
        self, answer: object, *, as_json: bool = False, dialect: Dialect = CURRENT
    ) -> tuple[str, bytes]:
        if answer is not None:
            raise ValueError(f"the contract has no form for the answer {answer!r}")
        return "text/html", b""


@attrs.frozen(eq=False, repr=False)
class Never(Answer[None]):
    """The answer of an operation that is broken in the middleware."""

    def decode(self, response: Response) -> NoReturn:
        raise NotTheAnswer.of_type(response.media_type, response.read())

    def encode(
        self, answer: object, *, as_json: bool = False, dialect: Dialect = CURRENT
    ) -> NoReturn:
        raise ValueError("this operation has no successful answer")


class JsonForm(Form[A_co]):
    """JSON, as a rule within `{"result": ...}`."""

    untyped: bool
    envelope: bool

    def reads(self, media_type: str, text: str) -> bool:
        if self.untyped and media_type == "":
            return text.lstrip().startswith("{")
        return media_type == "application/json"

    def _load(self, text: str) -> object:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"This is no JSON: {error}.") from error
        if not self.envelope:
            return value
        if not isinstance(value, dict) or "result" not in value:
            raise Unreadable("This JSON has no `result`.")
        return value["result"]

    def _dump(self, plain: object) -> str:
        return json.dumps({"result": plain} if self.envelope else plain)

    def _load_rows(self, text: str) -> list[object]:
        rows = self._load(text)
        if not isinstance(rows, list):
            raise Unreadable("This JSON holds no list.")
        return rows


@attrs.frozen(eq=False, repr=False)
class JsonObject(JsonForm[T]):
    """One object in JSON."""

    type: type[T]
    envelope: bool = True
    untyped: bool = False

    @property
    def media_type(self) -> str:  # type: ignore[override]  # derived, and never written
        return "" if self.untyped else "application/json"

    def decode(self, text: str) -> T:
        return read(self._load(text), self.type)

    def encode(self, answer: object, dialect: Dialect) -> str:
        return self._dump(write(answer, dialect))


@attrs.frozen(eq=False, repr=False)
class JsonTable(JsonForm[list[T]]):
    """A list of objects in JSON; `columns` are the keys in order, where that is known."""

    type: type[T]
    columns: tuple[str, ...] = ()
    envelope: bool = True
    untyped: bool = False
    media_type = "application/json"

    def decode(self, text: str) -> list[T]:
        return read_all(self._load_rows(text), self.type)

    def encode(self, answer: object, dialect: Dialect) -> str:
        assert isinstance(answer, list)
        order = key_order(self.type, dialect) or self.columns
        return self._dump([_row(row, order, dialect) for row in answer])


@attrs.frozen(eq=False, repr=False)
class JsonRow(JsonForm[T]):
    """A list of one object in JSON; `columns` are the keys in order, where that is known."""

    type: type[T]
    columns: tuple[str, ...] = ()
    envelope: bool = True
    untyped: bool = False
    media_type = "application/json"

    def decode(self, text: str) -> T:
        return read(_only(self._load_rows(text)), self.type)

    def encode(self, answer: object, dialect: Dialect) -> str:
        order = key_order(self.type, dialect) or self.columns
        return self._dump([_row(answer, order, dialect)])


@attrs.frozen(eq=False, repr=False)
class CsvForm(Form[A_co], Generic[A_co, T]):
    """CSV without a header row, in UTF-8; rows end with CR LF.

    Attributes:
        type: of a row.
        columns: in order.
        orders: their order in versions in which it is another one.
        ascii_in: the versions that cannot write it with other characters.
    """

    type: type[T]
    columns: tuple[str, ...]
    orders: Mapping[Dialect, tuple[str, ...]] = attrs.field(factory=dict, kw_only=True)
    ascii_in: tuple[Dialect, ...] = attrs.field(default=(), kw_only=True)
    media_type = "text/csv"

    def reads(self, media_type: str, text: str) -> bool:
        return media_type == self.media_type

    def _read(self, text: str) -> list[T]:
        """Rows, in whichever order their columns are."""
        found: list[Unreadable] = []
        for columns in (self.columns, *self.orders.values()):
            try:
                return read_all(_csv_rows(text, self.type, columns), self.type)
            except Unreadable as error:
                found.append(error)
        raise found[0]

    def _write(self, answers: Iterable[object], dialect: Dialect) -> str:
        columns = self.orders.get(dialect, self.columns)
        text = io.StringIO(newline="")
        rows = (_row(answer, columns, dialect, in_csv=True) for answer in answers)
        csv.writer(text).writerows(row.values() for row in rows)
        if dialect in self.ascii_in and not text.getvalue().isascii():
            raise Unwritable(self.media_type)
        return text.getvalue()


@attrs.frozen(eq=False, repr=False)
class CsvTable(CsvForm[list[T], T]):
    """Rows of CSV."""

    def decode(self, text: str) -> list[T]:
        return self._read(text)

    def encode(self, answer: object, dialect: Dialect) -> str:
        assert isinstance(answer, list)
        return self._write(answer, dialect)


@attrs.frozen(eq=False, repr=False)
class CsvRow(CsvForm[T, T]):
    """One row of CSV."""

    def decode(self, text: str) -> T:
        return _only(self._read(text))

    def encode(self, answer: object, dialect: Dialect) -> str:
        return self._write([answer], dialect)


class BareForm(Form[A_co]):
    """Text that is sent without a content type."""

    def reads(self, media_type: str, text: str) -> bool:
        # Something in between may have given it a type; never one of the others.
        return media_type not in ("text/csv", "application/json")


@attrs.frozen(eq=False, repr=False)
class Text(BareForm[T]):
    """A value as text, with a sentence around it or not.

    Attributes:
        template: the sentence, with `{}` for the value, or `{field}` for each of its fields.
        pattern: what the value looks like, as a regular expression; empty for anything.
    """

    type: type[T]
    template: str = "{}"
    pattern: str = ""

    def decode(self, text: str) -> T:
        match = pattern(self.template).fullmatch(text)
        if match is None:
            raise Unreadable(f"This is not the text {self.template!r}.")
        if "value" not in match.groupdict():
            return read(match.groupdict(), self.type)
        if self.pattern and not re.fullmatch(self.pattern, match["value"]):
            raise Unreadable(f"This does not look like {self.pattern!r}.")
        return read(match["value"], self.type)

    def encode(self, answer: object, dialect: Dialect) -> str:
        plain = write(answer, dialect)
        if isinstance(plain, dict):
            return self.template.format(**plain)
        return self.template.format(plain)


@attrs.frozen(eq=False, repr=False)
class Constant(BareForm[None]):
    """A text that only says that it is done."""

    text: str

    def decode(self, text: str) -> None:
        if text.strip() != self.text:
            raise Unreadable(f"This is not the text {self.text!r}.")

    def encode(self, answer: object, dialect: Dialect) -> str:
        return self.text

    def writes(self, answer: object) -> bool:
        return answer is None


@attrs.frozen(eq=False, repr=False)
class Nothing(Constant):
    """A text that says that there is none."""

    def reads(self, media_type: str, text: str) -> bool:
        return super().reads(media_type, text) and text.strip() == self.text


def _only(rows: list[T]) -> T:
    if len(rows) != 1:
        raise Unreadable(f"There are {len(rows)} rows where there should be one.")
    return rows[0]


def _csv_rows(text: str, kind: type, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of CSV, each by column."""
    assert attrs.has(kind)
    fields = attrs.fields_dict(kind)
    # A row that lacks the values of optional columns lacks the columns too.
    needed = tuple(name for name in columns if fields[name].default is attrs.NOTHING)
    named: list[dict[str, str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            if len(row) not in (0, len(columns), len(needed)):
                raise Unreadable(
                    f"This row of CSV has {len(row)} columns in place of {len(columns)}."
                )
            names = columns if len(row) == len(columns) else needed
            if row:
                named.append(dict(zip(names, row, strict=True)))
    except csv.Error as error:
        raise Unreadable(f"This is no CSV: {error}.") from error
    return named


def _row(
    answer: object, order: tuple[str, ...], dialect: Dialect, *, in_csv: bool = False
) -> dict[str, object]:
    """A row of a table, in an order if there is one."""
    plain = write(answer, dialect, in_csv=in_csv)
    assert isinstance(plain, dict)
    return in_order(plain, order or plain)
