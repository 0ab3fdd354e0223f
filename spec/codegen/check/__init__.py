"""Checks of a spec. They find all mistakes at once, each with its line."""

from __future__ import annotations

from spec.codegen.check.document import (
    check_errors,
    check_extensions,
    check_openapi,
    check_references,
    check_response_names,
    check_top,
)
from spec.codegen.check.extra_sections import check_extra_sections
from spec.codegen.check.operations import check_operations
from spec.codegen.check.schemas import check_schemas
from spec.codegen.mistakes import Mistake
from spec.codegen.read import Document


def check(document: Document) -> list[Mistake]:
    """Return the mistakes of a spec. The list is empty if the spec can be compiled."""
    root = document.root
    return [
        *check_references(root),
        *check_openapi(document),
        *check_extensions(root),
        *check_top(root),
        *check_errors(root["components"]["x-errors"]),
        *check_response_names(root["components"]["responses"]),
        *check_schemas(root["components"]["schemas"], root["components"]["x-errors"]),
        *check_operations(root),
        *check_extra_sections(root),
    ]
