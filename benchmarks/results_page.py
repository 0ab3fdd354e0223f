"""The page of results: a section for each comparison, with tables."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"

_SECTION = re.compile(r"^# ", re.MULTILINE)


def write_section(page: Path, text: str) -> None:
    """Write a section into a page, and replace the section with the same heading if there is one.

    Args:
        text: the section; its first line is the heading, `# ...`.
    """
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    starts = [match.start() for match in _SECTION.finditer(before)]
    sections = [before[start:end] for start, end in pairwise([*starts, len(before)])]
    heading, _, _ = text.partition("\n")
    headings = [section.partition("\n")[0] for section in sections]
    if heading in headings:
        sections[headings.index(heading)] = text
    else:
        sections.append(text)
    page.write_text("\n".join(f"{section.strip()}\n" for section in sections), encoding="utf-8")


def format_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Format a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(f'{cell}' for cell in line)} |" for line in lines)


def format_missed_aims(missed_aims: Sequence[str]) -> str:
    """Format the list of missed aims in Markdown."""
    if not missed_aims:
        return "All aims are met."
    rows = "\n".join(f"* {text}" for text in missed_aims)
    return f"Missed aims:\n\n{rows}"


def describe_machine() -> str:
    """Describe the machine that all measurements run on."""
    processor = _search("/proc/cpuinfo", r"model name\s*: (.+)") or platform.machine()
    memory = int(_search("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / 1e6
    system = platform.platform(aliased=True, terse=True)
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB of memory, {system}"


def _search(path: str, pattern: str) -> str:
    match = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    return match[1] if match else ""
