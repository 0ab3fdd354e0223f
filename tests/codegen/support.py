"""Specs for the tests of the compiler: the contract, and a small one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

from spec.codegen.build import build
from spec.codegen.check import check
from spec.codegen.mistakes import Mistake, SpecError
from spec.codegen.model import Api
from spec.codegen.read import read

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "spec" / "dss.yaml"
COMMITTED = ROOT / "generated" / "dss_api"

Mapped = dict[str, object]

# A small but complete spec; the tests replace pieces of it.
SMALL = """\
openapi: 3.1.0
info: {title: Lamps, version: "1"}
x-versions: ["2020", "0.2.0"]
x-tiers: {guest: 10}
tags:
  - {name: hall, description: The hall.}
security:
  - session: []
paths:
  /api/lamps/{lamp_id}:
    get:
      operationId: get_lamp
      tags: [hall]
      summary: Give a lamp.
      x-since: "2020"
      x-repeat: {safe: true, effect: nothing changes}
      parameters:
        - name: lamp_id
          in: path
          required: true
          description: The lamp.
          schema: {type: integer}
        - name: format
          in: query
          required: false
          description: The form.
          x-chooses-form: true
          schema: {type: string}
      responses:
        "200":
          description: The lamp.
          content:
            text/csv:
              schema: {type: array, items: {$ref: "#/components/schemas/Lamp"}}
              x-columns: [name, watts]
            application/json:
              schema:
                type: object
                properties: {result: {type: array, items: {$ref: "#/components/schemas/Lamp"}}}
        "400":
          description: The lamp does not exist.
          x-errors:
            - {text: "No lamp {lamp_id}", error: LampNotFound}
    post:
      operationId: rename_lamp
      tags: [hall]
      summary: Rename a lamp.
      x-since: "2020"
      x-repeat: {safe: true, effect: it is renamed again}
      parameters:
        - {name: lamp_id, in: path, required: true, description: L., schema: {type: integer}}
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                name: {type: string, description: The new name.}
      responses:
        "200":
          description: The new name.
          content:
            text/plain:
              schema: {$ref: "#/components/schemas/Renamed"}
              x-text: "lamp is {name} now"
components:
  securitySchemes:
    session: {type: apiKey, in: cookie, name: hall_session, x-token-page: /key}
  x-errors:
    LampNotFound: {builtin: LookupError, description: The lamp is missing., advice: Look for it.}
  schemas:
    Lamp:
      type: object
      description: A lamp.
      required: [name, watts]
      properties:
        name: {type: string, description: Its name.}
        watts: {type: number, description: Its power in watts.}
    Renamed:
      type: object
      description: The renamed lamp.
      required: [name]
      properties:
        name: {type: string, description: Its new name.}
"""


def make_small_spec(*replaced: tuple[str, str]) -> str:
    """Return the small spec with pieces replaced; it contains each old piece exactly once."""
    text = SMALL
    for old, new in replaced:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def find_line(text: str, piece: str) -> int:
    """Return the number of the first line that contains a piece."""
    return 1 + next(n for n, line in enumerate(text.splitlines()) if piece in line)


def load_contract() -> Mapped:
    """Return a copy of the contract as plain data, which the caller can change."""
    return copy.deepcopy(_CONTRACT)


_CONTRACT = cast(Mapped, yaml.load(CONTRACT.read_text(encoding="utf-8"), yaml.CSafeLoader))


def get_mapping(data: object, *path: str | int) -> Mapped:
    """Return the mapping at a path."""
    for key in path:
        if isinstance(data, list):
            assert isinstance(key, int)
            data = data[key]
        else:
            assert isinstance(data, dict)
            data = data[key]
    assert isinstance(data, dict)
    return data


def save_spec(data: Mapping[str, object] | str | bytes, folder: Path) -> Path:
    """Write a spec to a file, and return its path."""
    file = folder / "spec.yaml"
    if isinstance(data, bytes):
        file.write_bytes(data)
    elif isinstance(data, str):
        file.write_text(data, encoding="utf-8")
    else:
        dumped = yaml.dump(data, Dumper=PlainDumper, sort_keys=False, allow_unicode=True)
        file.write_text(dumped, encoding="utf-8")
    return file


class PlainDumper(yaml.SafeDumper):
    """A YAML writer that does not use aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def list_mistakes(file: Path) -> list[Mistake]:
    """Return all mistakes of a spec; an empty list if it can be compiled."""
    try:
        return check(read(file))
    except SpecError as error:
        return error.mistakes


def build_model(file: Path) -> Api:
    """Return the model of a spec, or raise its mistakes."""
    document = read(file)
    mistakes = check(document)
    if mistakes:
        raise SpecError(mistakes)
    return build(document)
