"""Tests of a package that is compiled from the contract and two new operations."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from spec.codegen.__main__ import compile_spec
from spec.codegen.write import write
from tests.codegen.support import CONTRACT, ROOT, get_mapping, load_contract, save_spec

ERRORS: Any = {
    "401": {"$ref": "#/components/responses/NotLoggedIn"},
    "404": {"$ref": "#/components/responses/NotFound"},
    "500": {"$ref": "#/components/responses/Fault"},
}
RECORD = {"$ref": "#/components/schemas/MailRecord"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a package that is compiled from the contract and two new operations."""
    spec = load_contract()
    tags = spec["tags"]
    assert isinstance(tags, list)
    tags.append({"name": "post_office", "description": 'Letters that are called "mail".'})
    get_mapping(spec, "components", "schemas")["MailKind"] = {
        "type": "string",
        "description": "The kind of a mail.",
        "enum": ["letter", "parcel"],
    }
    get_mapping(spec, "components", "schemas")["MailRecord"] = {
        "type": "object",
        "description": "A mail.",
        "required": ["id", "kind", "sent"],
        "properties": {
            "id": {"type": "integer", "description": "Its id."},
            "kind": {"$ref": "#/components/schemas/MailKind"},
            "sent": {"type": "integer", "x-time": "instant", "description": "When it was sent."},
            "text": {"type": "string", "description": "Its text."},
        },
    }
    mails = {"type": "array", "items": RECORD}
    get_mapping(spec, "paths")["/api/mails/{kind}"] = {
        "get": {
            "operationId": "list_mails",
            "tags": ["post_office"],
            "summary": "List the mails.",
            "x-since": "0.2.0",
            "x-repeat": {"safe": True, "effect": "nothing changes"},
            "parameters": [
                {
                    "name": "kind",
                    "in": "path",
                    "required": True,
                    "description": "Their kind.",
                    "schema": {"$ref": "#/components/schemas/MailKind"},
                },
                {
                    "name": "since",
                    "in": "query",
                    "description": "Only later ones.",
                    "schema": {"type": "integer"},
                },
                {"$ref": "#/components/parameters/Format"},
            ],
            "responses": {
                "200": {
                    "description": "The mails.",
                    "content": {
                        "text/csv": {"schema": mails, "x-columns": ["id", "kind", "sent", "text"]},
                        "application/json": {
                            "schema": {"type": "object", "properties": {"result": mails}}
                        },
                    },
                },
                **ERRORS,
            },
        },
        "post": {
            "operationId": "send_mail",
            "tags": ["post_office"],
            "summary": "Send a mail.",
            "x-since": "0.2.0",
            "x-repeat": {
                "safe": False,
                "effect": "it is sent twice",
                "unknown": "Ask the receiver.",
            },
            "parameters": [
                {
                    "name": "kind",
                    "in": "path",
                    "required": True,
                    "description": "Its kind.",
                    "schema": {"$ref": "#/components/schemas/MailKind"},
                }
            ],
            "requestBody": {
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "required": ["text"],
                            "properties": {
                                "text": {"type": "string", "description": "Its text."},
                                "urgent": {"type": "boolean", "description": "Whether it is."},
                            },
                        }
                    }
                }
            },
            "responses": {
                "200": {
                    "description": "Its id.",
                    "content": {"text/plain": {"schema": {"type": "integer"}}},
                },
                "400": {
                    "description": "No stamp.",
                    "x-errors": [{"text": "No stamp on {kind}", "error": "StampMissing"}],
                },
                **ERRORS,
            },
        },
    }
    get_mapping(spec, "components", "x-errors")["StampMissing"] = {
        "builtin": "ValueError",
        "description": "The mail needs a stamp.",
        "advice": "Buy one.",
    }
    folder = tmp_path_factory.mktemp("compiled")
    write(compile_spec(save_spec(spec, folder)), folder / "dss_api")
    return folder


PROGRAM = """
import sys
from datetime import UTC, datetime

import dss_api
from dss_api import DssApi, MailKind, MailRecord, StampMissing, Urllib3Transport

assert dss_api.__file__ is not None and dss_api.__file__.startswith(sys.argv[2])
api = DssApi(Urllib3Transport(sys.argv[1]))
mails: list[MailRecord] = api.post_office.list_mails(kind=MailKind.LETTER, since=3)
sent = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
assert mails == [MailRecord(id=4, kind=MailKind.LETTER, sent=sent, text="dear, \\"you\\"")], mails
number: int = api.post_office.send_mail(kind=MailKind.LETTER, text="a&b", urgent=True)
assert number == 5
try:
    api.post_office.send_mail(kind=MailKind.PARCEL, text="")
except StampMissing as error:
    print(error)
"""


def run_program(package: Path, server: str) -> subprocess.CompletedProcess[str]:
    (package / "program.py").write_text(PROGRAM, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "program.py", server, str(package)],
        cwd=package,
        env={**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_methods_of_new_operations_send_requests_and_parse_responses(
    package: Path, httpserver: HTTPServer
) -> None:
    asked: list[tuple[str, str, dict[str, str]]] = []

    def answer(request: Request) -> Response:
        asked.append((request.method, request.full_path, request.form.to_dict()))
        if request.path.endswith("parcel"):
            return Response("No stamp on parcel", 400)
        if request.method == "POST":
            return Response("5")
        row = (
            '{"id": 4, "kind": "letter", "sent": "2026-11-22 16:00:00", "text": "dear, \\"you\\""}'
        )
        return Response(f'{{"result": [{row}]}}', content_type="application/json")

    httpserver.expect_request("/api/mails/letter").respond_with_handler(answer)
    httpserver.expect_request("/api/mails/parcel").respond_with_handler(answer)
    server = httpserver.url_for("").rstrip("/")
    done = run_program(package, server)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"The mail needs a stamp. POST /api/mails/parcel at {server} gave 400 BAD REQUEST; the "
        'answer was "No stamp on parcel". Buy one.\n'
    )
    assert asked == [
        ("GET", "/api/mails/letter?since=3&format=json", {}),
        ("POST", "/api/mails/letter?", {"text": "a&b", "urgent": "1"}),
        ("POST", "/api/mails/parcel?", {"text": ""}),
    ]


def test_package_with_new_operations_passes_strict_mypy(package: Path) -> None:
    (package / "program.py").write_text(PROGRAM, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir=.mypy_cache",
    ]
    done = subprocess.run(
        [*command, "dss_api", "program.py"],
        cwd=package,
        env={**os.environ, "MYPYPATH": f"{package}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_methods_of_new_operations_have_docstrings(package: Path) -> None:
    text = (package / "dss_api" / "post_office_operations.py").read_text(encoding="utf-8")
    assert '"""Letters that are called "mail"."""' in text
    assert "Not safe to repeat: it is sent twice." in text
    assert "Since version 0.2.0 of the middleware." in text
    assert "StampMissing: The mail needs a stamp." in text


def test_new_operations_do_not_change_the_other_modules(package: Path) -> None:
    fresh = compile_spec(CONTRACT)
    same = {
        name
        for name, text in fresh.items()
        if (package / "dss_api" / name).read_text(encoding="utf-8") == text
    }
    assert fresh.keys() - same == {
        "__init__.py",
        "api.py",
        "enums.py",
        "errors.py",
        "models.py",
        "requests.py",
        "routes.py",
    }
    assert (ROOT / "generated" / "dss_api" / "api.py").exists()
