{% include "header" %}
"""Sentences of the wire: a text with `{field}` where something varies."""

from __future__ import annotations

import re
from functools import cache


@cache
def pattern(template: str) -> re.Pattern[str]:
    """What finds the fields in a text made from the template; `{}` is the field `value`."""
    parts = re.split(r"\{(\w*)\}", template)
    return re.compile(
        "".join(
            re.escape(part) if index % 2 == 0 else f"(?P<{part or 'value'}>.*)"
            for index, part in enumerate(parts)
        ),
        re.DOTALL,
    )


def fields(template: str) -> frozenset[str]:
    """The names of the fields of a template."""
    return frozenset(re.findall(r"\{(\w+)\}", template))
