from pathlib import Path

from benchmarks.page import put_section, table


def test_the_first_section_makes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"

    put_section(page, "# One\n\nfirst\n")

    assert page.read_text(encoding="utf-8") == "# One\n\nfirst\n"


def test_a_section_replaces_only_the_one_with_its_heading(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    put_section(page, "# One\n\nfirst\n\n## Deeper\n\ndetail\n")
    put_section(page, "# Two\n\nother\n")

    put_section(page, "# One\n\nsecond\n")

    assert page.read_text(encoding="utf-8") == "# One\n\nsecond\n\n# Two\n\nother\n"


def test_the_same_section_again_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    for text in ("# One\n\nfirst\n", "# Two\n\nother\n"):
        put_section(page, text)
    before = page.read_bytes()

    put_section(page, "# Two\n\nother\n")

    assert page.read_bytes() == before


def test_a_table_has_a_line_for_each_row() -> None:
    assert table(("", "a"), [("x", 1)]) == "|  | a |\n| --- | --- |\n| x | 1 |"
