"""The MkDocs hook that writes generated text into pages.

A line `<!-- insert: NAME -->` in a page is replaced by the text of that name. The text comes from
the contract, the classes or the command itself, so that each fact is written down once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from docs.hooks import command, errors, methods, operations

INSERTS: dict[str, Callable[[], str]] = {
    "error-tree": errors.tree,
    "errors": errors.sections,
    "methods-admin": partial(methods.sections, "dssa_"),
    "methods-provider": partial(methods.sections, "dssp_"),
    "methods-user": partial(methods.sections, "dss_"),
    "mock-help": command.mock_help,
    **{
        f"operations-{group}": partial(operations.sections, group)
        for group in ("session", "provider", "user", "admin")
    },
}
MARK = re.compile(r"^<!-- insert: (\S+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page's Markdown with all marks replaced.

    Raises:
        KeyError: a mark has an unknown name.
    """
    return MARK.sub(lambda mark: INSERTS[mark[1]](), markdown)
