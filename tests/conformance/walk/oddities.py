"""Requests in which something may be odd."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, quote_plus

import attrs

from ..asking import BOUNDARY, FORM, MULTIPART, Part, multipart
from . import material
from .chance import SELDOM, SOMETIMES, Chance
from .steps import Step

Pairs = list[tuple[str, str]]


def odd_format(chance: Chance) -> Pairs:
    if chance.maybe(0.5):
        return [("format", "json")]
    return chance.one(
        [[]],
        [
            [("format", "csv")],
            [("format", "JSON")],
            [("format", "")],
            [("format", "csv"), ("format", "json")],
        ],
    )


def odd_form(chance: Chance, actor: str, path: str, form: Pairs) -> Step:
    """A form, in which something may be odd."""
    form = list(form)
    query: Pairs = []
    if chance.maybe(SOMETIMES):
        form += odd_format(chance)
    if form and chance.maybe(SOMETIMES):
        _change(chance, form, query)
    if chance.maybe(SELDOM):
        parts = [Part.field(name, value) for name, value in form]
        headers = (("Content-Type", MULTIPART),)
        return Step(actor, "POST", target(path, query), headers, multipart(parts))
    body = encoded(form)
    if chance.maybe(SELDOM):
        body = chance.one(
            (
                body.replace(b"&", b";"),
                body + b"&",
                b"&&" + body,
                body + b"&x",
                body.replace(b"=", b"", 1),
                body + b"%",
                body + b"%E9",
                body + b"\xe9",
                body + "é".encode(),
                b"",
            )
        )
    media_type = chance.one((FORM,), material.MEDIA_TYPES, 0.05)
    typed = (("Content-Type", media_type),) if media_type else ()
    return Step(actor, "POST", target(path, query), typed, body)


def _change(chance: Chance, form: Pairs, query: Pairs) -> None:
    """Change one parameter."""
    at = chance.below(len(form))
    name, value = form[at]
    other = name, chance.one(("", "x", "1", "0.5"))
    changes: list[Callable[[], None]] = [
        lambda: form.remove((name, value)),
        lambda: form.__setitem__(at, (name, "")),
        lambda: form.append(other),
        lambda: form.insert(at, other),
        lambda: form.__setitem__(at, (name.upper(), value)),
        lambda: query.append(form.pop(at)),
        lambda: query.append(other),
        lambda: form.__setitem__(at, (name, f" {value} ")),
        lambda: form.append(("other", "x")),
    ]
    chance.one(changes)()


def odd_upload(chance: Chance, actor: str, path: str, fields: Pairs) -> Step:
    content = chance.one(
        (
            b"x",
            b"",
            b"line\r\nline\r\n",
            b"\xff\x00\xfe",
            b"0123456789" * 50,
            b"--" + BOUNDARY.encode(),
            b"\r\n--x\r\n",
        )
    )
    parts = [Part.field(name, value) for name, value in fields]
    filename = chance.one(material.FILENAMES[:8], material.FILENAMES, 0.4)
    file = Part.file(filename, content)
    if chance.maybe(SOMETIMES):
        file = chance.one(
            (
                Part(b'name="myfile"', content),
                Part(b'name="other"; filename="a.txt"', content),
                Part(b'filename="z.txt"; name="myfile"', content),
                Part(b"name=myfile; filename=a.txt", content),
                Part(b"name=\"myfile\"; filename*=UTF-8''a.txt", content),
                Part(b'name="myfile"; filename="b.txt"; filename*=UTF-8\'\'a.txt', content),
                Part(b'name="myfile"; filename="a.txt', content),
                Part(b'name="myfile";filename="a.txt"', content),
                Part(b'NAME="myfile"; FileName="a.txt"', content),
                Part(b'name="myfile"; filename="a.txt"; x="y"', content),
                Part(b'name="myfile"; filename="a.txt"', content, (b"Content-Type: text/plain",)),
                Part(
                    b'name="myfile"; filename="a.txt"',
                    content,
                    (b"Content-Type: application/json; charset=latin-1", b"X-Other: 1"),
                ),
                Part(
                    b'name="myfile"; filename="a.txt"',
                    content,
                    (b"Content-Transfer-Encoding: base64",),
                ),
                Part(b'name="myfile"; filename="a.txt"', content, (b"Content-Length: 1",)),
            )
        )
    parts.insert(chance.below(len(parts) + 1), file)
    if chance.maybe(SELDOM):
        parts.append(Part.file(b"second.txt", b"2"))
    if chance.maybe(SELDOM):
        parts.insert(0, Part.field("filename", "x"))
        parts.append(Part.field("submit", "send"))
    if parts and chance.maybe(SELDOM):
        parts.pop(chance.below(len(parts)))
    body = multipart(parts)
    media_type = MULTIPART
    if chance.maybe(SOMETIMES):
        boundary = BOUNDARY.encode()
        body, media_type = chance.one(
            (
                (multipart(parts, b"\n"), MULTIPART),
                (multipart(parts, end=False), MULTIPART),
                (body.removesuffix(b"\r\n"), MULTIPART),
                (body + b"epilogue", MULTIPART),
                (b"preamble\r\n" + body, MULTIPART),
                (b"\r\n" + body, MULTIPART),
                (body[: len(body) // 2], MULTIPART),
                (body, f'multipart/form-data; boundary="{BOUNDARY}"'),
                (body, f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}"),
                (body, f"Multipart/Form-Data; Boundary={BOUNDARY}"),
                (body, "multipart/form-data; boundary=other"),
                (body, "multipart/form-data"),
                (body, "multipart/form-data; boundary="),
                (body, f"multipart/mixed; boundary={BOUNDARY}"),
                (body, FORM),
                (body, ""),
                (b"", MULTIPART),
                (b"myfile=abc", FORM),
                (b"raw", "application/octet-stream"),
                (body.replace(b"--" + boundary, b"--" + boundary + b"  "), MULTIPART),
            )
        )
    headers = (("Content-Type", media_type),) if media_type else ()
    query = odd_format(chance) if chance.maybe(SELDOM) else []
    return Step(actor, "POST", target(path, query), headers, body)


def twisted(chance: Chance, step: Step) -> Step:
    """The same step, in which something of HTTP may be odd."""
    if step.wait:
        return step
    if chance.maybe(SELDOM):
        step = attrs.evolve(step, method=chance.one(material.METHODS))
    if chance.maybe(SELDOM) and step.actor not in ("nobody", "stale"):
        step = attrs.evolve(step, actor=chance.one(material.ACTORS))
    closed = attrs.evolve(step, headers=(*step.headers, ("Connection", "close")))
    in_body = attrs.evolve(step, body=b"format=json")
    return chance.weighted(
        [
            (80, step),
            (10, attrs.evolve(step, kept=True)),
            (3, closed),
            (3, attrs.evolve(step, version="HTTP/1.0")),
            (3, in_body if step.body is None else attrs.evolve(step, chunked=True)),
        ]
    )


def target(path: str, query: Pairs) -> bytes:
    """A path, in which marks and what is escaped already stay as they are, and a query."""
    found = quote(path, safe="/%<>:,'()~+").encode()
    return found + (b"?" + encoded(query) if query else b"")


def encoded(form: Pairs) -> bytes:
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form).encode()
