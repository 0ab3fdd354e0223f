"""Mistakes in the complete document: its references, keys and names."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from openapi_spec_validator import OpenAPIV31SpecValidator

from spec.codegen.check.names import (
    is_class_name,
    is_parameter_name,
    is_taken,
    make_constant_name,
)
from spec.codegen.layout import CSV
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Document, Node

_EXTENSIONS = {
    "x-versions", "x-tiers", "x-constants", "x-elsewhere", "x-former-paths", "x-since", "x-repeat",
    "x-broken", "x-logs", "x-errors", "x-columns", "x-order", "x-ascii-until", "x-text",
    "x-text-scalars-until", "x-token-page", "x-nothing", "x-untyped", "x-chooses-form",
    "x-time", "x-name",
}  # fmt: skip
_AT_THE_TOP = (
    "x-versions", "x-tiers", "x-constants", "x-elsewhere", "x-former-paths", "x-text-scalars-until",
)  # fmt: skip
_AT_CSV = ("x-columns", "x-order", "x-ascii-until")
_VERSION = re.compile(r"\d+(\.\d+)*\Z")


def check_references(root: Node) -> Iterator[Mistake]:
    """Yield the references without a target."""
    for node in root.walk():
        if "$ref" in node and not node.resolve():
            target = node["$ref"].text
            yield node["$ref"].mistake(f"the reference {target!r} does not exist in this file.")


def check_openapi(document: Document) -> Iterator[Mistake]:
    """Yield the mistakes that the schema of OpenAPI 3.1 finds."""
    assert isinstance(document.data, dict)
    for error in OpenAPIV31SpecValidator.schema_validator.iter_errors(document.data):
        deepest = error
        while deepest.context:
            deepest = max(deepest.context, key=lambda inner: len(inner.absolute_path))
        place = tuple(deepest.absolute_path)
        yield document.mistake(place, f"this is not OpenAPI 3.1: {deepest.message}.")


def check_extensions(root: Node) -> Iterator[Mistake]:
    """Yield the `x-` keys that are unknown, or that the compiler does not use there."""
    for node in root.walk():
        if node.path and node.path[-1] == "properties":
            continue
        for key, child in node.entries():
            if key.startswith("x-") and key not in _EXTENSIONS and "headers" not in node.path:
                yield child.mistake(f"{key!r} is not one of the keys that this compiler knows.")
            elif _is_misplaced(key, node):
                yield child.mistake(f"{key} is not used here.")


def _is_misplaced(key: str, node: Node) -> bool:
    if key in _AT_THE_TOP:
        return node.path != ()
    if key == "x-order" and node.path[:2] == ("components", "schemas") and len(node.path) == 3:
        return node["type"].text != "object"
    return key in _AT_CSV and node.path[-1:] != (CSV,)


def check_top(root: Node) -> Iterator[Mistake]:
    """Yield the mistakes in versions, tiers, the session cookie and tags."""
    versions = root["x-versions"].texts
    if not versions:
        yield root.mistake("x-versions is missing: the versions of the middleware, oldest first.")
    elif not all(map(_VERSION.match, versions)) or len(set(versions)) != len(versions):
        yield root["x-versions"].mistake("x-versions must be different strings of digits and dots.")
    limit = root["x-text-scalars-until"]
    if "x-text-scalars-until" in root and limit.text not in versions:
        yield limit.mistake(
            f"x-text-scalars-until must be one of x-versions ({', '.join(versions)})."
        )
    for tier, quota in root["x-tiers"].entries():
        if type(quota.value) is not int:
            yield quota.mistake(f"the tier {tier!r} needs a number of tickets.")
    schemes = [scheme for _, scheme in root["components"]["securitySchemes"].entries()]
    if len(schemes) != 1 or schemes[0]["in"].text != "cookie" or not schemes[0]["name"].text:
        yield root["components"]["securitySchemes"].mistake(
            "there must be one security scheme, a cookie."
        )
    elif not schemes[0]["x-token-page"].text.startswith("/"):
        yield schemes[0].mistake("the security scheme needs x-token-page, the path of a page.")
    names = [tag["name"].text for tag in root["tags"].items()]
    for tag, name in zip(root["tags"].items(), names, strict=True):
        if not is_parameter_name(name) or names.count(name) > 1:
            yield tag.mistake(f"the tag {name!r} is not a unique snake_case name.")
        if not tag["description"].text:
            yield tag.mistake(f"the tag {name!r} needs a description.")


def check_errors(definitions: Node) -> Iterator[Mistake]:
    """Yield the mistakes in the error classes."""
    known = [name for name, _ in definitions.entries()]
    for index, (name, error) in enumerate(definitions.entries()):
        if not is_class_name(name):
            yield error.mistake(f"the error {name!r} is not named LikeThis.")
        if is_taken(name):
            yield error.mistake(
                f"the name {name} is taken; give the error a name that is not taken."
            )
        for key in ("description", "advice"):
            if not error[key].text:
                yield error.mistake(f"the error {name} needs the key `{key}`.")
        if "outcome" in error and error["outcome"].text != "unknown":
            yield error["outcome"].mistake("the `outcome` of an error is `unknown`, or left out.")
        if "extends" in error:
            if error["extends"].text not in known[:index]:
                yield error.mistake(f"the error {name} must extend an error that is defined above.")
        else:
            builtin = getattr(builtins, error["builtin"].text, None)
            if not (isinstance(builtin, type) and issubclass(builtin, Exception)):
                yield error.mistake(f"the error {name} must derive from a built-in exception.")


def check_response_names(responses: Node) -> Iterator[Mistake]:
    """Yield the named responses with failures whose constants would have the same name."""
    named: dict[str, str] = {}
    for name, response in responses.entries():
        if "x-errors" not in response or not is_class_name(name):
            continue
        other = named.setdefault(make_constant_name(name), name)
        if other != name:
            yield response.mistake(f"the responses {other} and {name} have too similar names.")
