from pathlib import Path

from benchmarks.results_page import format_table, write_section


def test_writing_the_first_section_creates_the_page(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"

    write_section(page, "# One\n\nfirst\n")

    assert page.read_text(encoding="utf-8") == "# One\n\nfirst\n"


def test_writing_a_section_replaces_only_the_section_with_the_same_heading(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    write_section(page, "# One\n\nfirst\n\n## Deeper\n\ndetail\n")
    write_section(page, "# Two\n\nother\n")

    write_section(page, "# One\n\nsecond\n")

    assert page.read_text(encoding="utf-8") == "# One\n\nsecond\n\n# Two\n\nother\n"


def test_writing_the_same_section_twice_does_not_change_the_page(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    for text in ("# One\n\nfirst\n", "# Two\n\nother\n"):
        write_section(page, text)
    before = page.read_bytes()

    write_section(page, "# Two\n\nother\n")

    assert page.read_bytes() == before


def test_markdown_table_has_one_line_per_row() -> None:
    assert format_table(("", "a"), [("x", 1)]) == "|  | a |\n| --- | --- |\n| x | 1 |"
