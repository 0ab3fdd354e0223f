"""Text templates: a text with `{field}` for each part that varies."""

from __future__ import annotations

import re
from functools import cache


@cache
def compile_template(template: str) -> re.Pattern[str]:
    """Compile a template into a regular expression with one named group for each field.

    The group for a `{}` without a name is called `value`.
    """
    parts = re.split(r"\{(\w*)\}", template)
    return re.compile(
        "".join(
            re.escape(part) if index % 2 == 0 else f"(?P<{part or 'value'}>.*)"
            for index, part in enumerate(parts)
        ),
        re.DOTALL,
    )


def list_fields(template: str) -> frozenset[str]:
    """Return the names of the fields of a template."""
    return frozenset(re.findall(r"\{(\w+)\}", template))
