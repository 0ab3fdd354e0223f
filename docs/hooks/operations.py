"""The operations of the middleware, read from the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import yaml

from dss_api import OPERATIONS

CONTRACT = Path(__file__).parents[2] / "spec" / "dss.yaml"
COMMON = ("404", "500")
"""The statuses with errors that every operation has; the page says it once."""


def sections(group: str) -> str:
    """Return the Markdown of one group's operations, in the order of the contract."""
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    arguments = {one.name: attrs.fields_dict(one.request) for one in OPERATIONS}
    parts: list[str] = []
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            if operation.get("tags") == [group]:
                reader = _Reader(contract, operation, f"{method.upper()} {path}")
                parts += reader.section(group, list(arguments[operation["operationId"]]))
    return "\n\n".join(parts)


class _Reader:
    """The parts of one operation's text."""

    def __init__(self, contract: Any, operation: Any, request: str) -> None:
        self._contract = contract
        self._operation = operation
        self._request = request

    def section(self, group: str, arguments: list[str]) -> Iterator[str]:
        operation = self._operation
        call = f"client.api.{group}.{operation['operationId']}({', '.join(arguments)})"
        yield f"## `{operation['operationId']}`"
        yield f"```text\n{self._request}\n{call}\n```"
        yield operation["summary"]
        if "description" in operation:
            yield operation["description"].strip()
        yield "\n".join(f"* {line}" for line in self._facts())

    def _facts(self) -> Iterator[str]:
        operation = self._operation
        for name, place, schema in self._parameters():
            meaning = " ".join(str(schema.get("description", "")).split())
            yield f"`{name}` ({place})" + (f": {meaning}" if meaning else "")
        answer = self._resolve(next(iter(operation["responses"].values())))
        yield f"**Answer:** {' '.join(answer['description'].split())}"
        yield f"**Sent twice:** {self._repeat()}"
        errors = ", ".join(f"[`{name}`](errors.md#{name})" for name in self._errors())
        if errors:
            yield f"**Errors:** {errors}"
        if "x-logs" in operation:
            yield f"**Writes to the ticket's log:** `{operation['x-logs']}`"
        if operation["x-since"] != self._contract["x-versions"][0]:
            yield f"**Since version:** {operation['x-since']}"
        if "x-broken" in operation:
            yield f"**Known problem:** {' '.join(operation['x-broken'].split())}"

    def _parameters(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the name, the location and the schema of each argument of the caller."""
        for reference in self._operation.get("parameters", []):
            parameter = self._resolve(reference)
            if not parameter.get("x-chooses-form"):
                schema = self._resolve(parameter["schema"])
                yield parameter["name"], parameter["in"], {**schema, **parameter}
        body = self._resolve(self._operation.get("requestBody", {}))
        for form in body.get("content", {}).values():
            for name, schema in self._resolve(form["schema"]).get("properties", {}).items():
                yield name, "form", self._resolve(schema)

    def _repeat(self) -> str:
        repeat = self._operation["x-repeat"]
        effect = " ".join(repeat["effect"].split())
        if repeat["safe"]:
            return f"harmless; {effect}."
        return f"**not** harmless; {effect}. {' '.join(repeat['unknown'].split())}"

    def _errors(self) -> list[str]:
        """Return the names of the errors that this operation has of its own."""
        names: dict[str, None] = {}
        for status, reference in self._operation["responses"].items():
            if status in COMMON and reference.get("$ref", "").endswith(("/NotFound", "/Fault")):
                continue
            rows = self._resolve(reference).get("x-errors", [])
            names.update(dict.fromkeys(row["error"] for row in rows))
        return list(names)

    def _resolve(self, reference: Any) -> Any:
        """Return the part of the contract that a reference names, or the part itself."""
        while "$ref" in reference:
            part = self._contract
            for key in reference["$ref"].removeprefix("#/").split("/"):
                part = part[key]
            reference = {**part, **{k: v for k, v in reference.items() if k != "$ref"}}
        return reference
