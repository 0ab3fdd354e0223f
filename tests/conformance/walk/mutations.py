"""Mutations that sometimes make a request odd or malformed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, quote_plus

import attrs

from ..http_client import BOUNDARY, FORM, MULTIPART, Part, encode_multipart
from . import inputs
from .random_source import SELDOM, SOMETIMES, RandomSource
from .steps import Step

Pairs = list[tuple[str, str]]


def pick_format(source: RandomSource) -> Pairs:
    if source.decide(0.5):
        return [("format", "json")]
    return source.pick(
        [[]],
        [
            [("format", "csv")],
            [("format", "JSON")],
            [("format", "")],
            [("format", "csv"), ("format", "json")],
        ],
    )


def make_form_step(source: RandomSource, actor: str, path: str, form: Pairs) -> Step:
    """Return a form request that sometimes has a mutation."""
    form = list(form)
    query: Pairs = []
    if source.decide(SOMETIMES):
        form += pick_format(source)
    if form and source.decide(SOMETIMES):
        _change_parameter(source, form, query)
    if source.decide(SELDOM):
        parts = [Part.field(name, value) for name, value in form]
        headers = (("Content-Type", MULTIPART),)
        return Step(actor, "POST", encode_target(path, query), headers, encode_multipart(parts))
    body = encode_form(form)
    if source.decide(SELDOM):
        body = source.pick(
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
    media_type = source.pick((FORM,), inputs.MEDIA_TYPES, 0.05)
    typed = (("Content-Type", media_type),) if media_type else ()
    return Step(actor, "POST", encode_target(path, query), typed, body)


def _change_parameter(source: RandomSource, form: Pairs, query: Pairs) -> None:
    """Change one parameter of a form or its query."""
    at = source.draw_below(len(form))
    name, value = form[at]
    other = name, source.pick(("", "x", "1", "0.5"))
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
    source.pick(changes)()


def make_upload_step(source: RandomSource, actor: str, path: str, fields: Pairs) -> Step:
    content = source.pick(
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
    filename = source.pick(inputs.FILENAMES[:8], inputs.FILENAMES, 0.4)
    file = Part.file(filename, content)
    if source.decide(SOMETIMES):
        file = source.pick(
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
    parts.insert(source.draw_below(len(parts) + 1), file)
    if source.decide(SELDOM):
        parts.append(Part.file(b"second.txt", b"2"))
    if source.decide(SELDOM):
        parts.insert(0, Part.field("filename", "x"))
        parts.append(Part.field("submit", "send"))
    if parts and source.decide(SELDOM):
        parts.pop(source.draw_below(len(parts)))
    body = encode_multipart(parts)
    media_type = MULTIPART
    if source.decide(SOMETIMES):
        boundary = BOUNDARY.encode()
        body, media_type = source.pick(
            (
                (encode_multipart(parts, b"\n"), MULTIPART),
                (encode_multipart(parts, end=False), MULTIPART),
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
    query = pick_format(source) if source.decide(SELDOM) else []
    return Step(actor, "POST", encode_target(path, query), headers, body)


def mutate_step(source: RandomSource, step: Step) -> Step:
    """Return the step, sometimes with another HTTP method, version, sender or framing."""
    if step.wait:
        return step
    if source.decide(SELDOM):
        step = attrs.evolve(step, method=source.pick(inputs.METHODS))
    if source.decide(SELDOM) and step.actor not in ("anonymous", "stale"):
        step = attrs.evolve(step, actor=source.pick(inputs.ACTORS))
    closed = attrs.evolve(step, headers=(*step.headers, ("Connection", "close")))
    in_body = attrs.evolve(step, body=b"format=json")
    return source.pick_weighted(
        [
            (80, step),
            (10, attrs.evolve(step, keep_connection=True)),
            (3, closed),
            (3, attrs.evolve(step, version="HTTP/1.0")),
            (3, in_body if step.body is None else attrs.evolve(step, chunked=True)),
        ]
    )


def encode_target(path: str, query: Pairs) -> bytes:
    """Return a request target; placeholders and escaped characters in the path are kept."""
    encoded_path = quote(path, safe="/%<>:,'()~+").encode()
    return encoded_path + (b"?" + encode_form(query) if query else b"")


def encode_form(form: Pairs) -> bytes:
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form).encode()
