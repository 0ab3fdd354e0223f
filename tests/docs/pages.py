"""The pages of the documentation, and the Python blocks in them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADDRESS = "https://dss.itksnap.org"
"""The middleware that the pages name; the tests put a mock in its place."""

_BLOCK = re.compile(r"^( *)```(python|yaml)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')


@attrs.frozen
class Block:
    """A block of code in a page.

    Attributes:
        language: `python` or `yaml`.
        title: the name of the file that it is; empty for one that is not a file.
        code: with as many lines before it as the page has, so that errors name the page's line.
    """

    page: Path
    language: str
    title: str
    code: str

    @property
    def is_test(self) -> bool:
        """Return whether pytest has to run it."""
        return bool(re.search(r"^def test_|^@pytest\.fixture", self.code, re.MULTILINE))


def pages() -> list[Path]:
    """Return the README and all pages of the site."""
    return [ROOT / "README.md", *site_pages()]


def site_pages() -> list[Path]:
    """Return all pages of the site."""
    return sorted(DOCS.rglob("*.md"))


def name(page: Path) -> str:
    """Return a page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            language=found[2],
            title=title[1] if (title := _TITLE.search(found[3])) else "",
            code="\n" * (text.count("\n", 0, found.start()) + 1) + textwrap.dedent(found[4]),
        )
        for found in _BLOCK.finditer(text)
    ]
