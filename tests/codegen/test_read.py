"""Tests of reading a spec: lines, references, and malformed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from spec.codegen.mistakes import SpecError
from spec.codegen.read import DEEPEST, read
from tests.codegen.support import SMALL, find_line, make_small_spec, save_spec


def read_mistakes(text: str | bytes, folder: Path) -> list[tuple[int, str]]:
    """Return lines and sentences of the mistakes in a file that cannot be read."""
    with pytest.raises(SpecError) as caught:
        read(save_spec(text, folder))
    return [(mistake.line, mistake.sentence) for mistake in caught.value.mistakes]


def test_mistake_at_a_part_of_a_spec_has_its_line(tmp_path: Path) -> None:
    root = read(save_spec(SMALL, tmp_path)).root
    place = root["components"]["schemas"]["Lamp"]["properties"]["watts"].mistake("x")
    assert place.line == find_line(SMALL, "watts: {type: number")


def test_mistake_at_a_missing_part_has_the_line_of_its_parent(tmp_path: Path) -> None:
    root = read(save_spec(SMALL, tmp_path)).root
    place = root["components"]["schemas"]["Lamp"]["nothing"]["at all"].mistake("x")
    assert place.line == find_line(SMALL, "    Lamp:")


def test_reference_resolves_to_the_part_that_it_names(tmp_path: Path) -> None:
    root = read(save_spec('a: {$ref: "#/b~1c/d"}\nb/c: {d: {e: 1}}\n', tmp_path)).root
    assert root["a"].resolve()["e"].value == 1


def test_circular_references_resolve_to_nothing(tmp_path: Path) -> None:
    root = read(save_spec('a: {$ref: "#/b"}\nb: {$ref: "#/a"}\n', tmp_path)).root
    assert not root["a"].resolve()


def test_reading_a_missing_file_raises_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"gone\.yaml:1: the file does not exist\."):
        read(tmp_path / "gone.yaml")


def test_reading_a_folder_raises_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r":1: this cannot be read: Is a directory\."):
        read(tmp_path)


def test_reading_bytes_that_are_not_utf8_raises_a_mistake(tmp_path: Path) -> None:
    [(line, sentence)] = read_mistakes(b"a: \xff\xfe\n", tmp_path)
    assert (line, sentence[:22]) == (1, "this is not UTF-8 text")


def test_reading_a_null_character_raises_a_mistake_of_one_line(tmp_path: Path) -> None:
    [(line, sentence)] = read_mistakes("a: b\nc: \x00\n", tmp_path)
    assert line >= 1
    assert sentence.startswith("this is not YAML: ")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# a comment\n", "---\n", "- a\n- b\n", "just a text\n", "3\n"]
)
def test_reading_a_file_without_a_mapping_at_the_top_raises_a_mistake(
    text: str, tmp_path: Path
) -> None:
    assert read_mistakes(text, tmp_path) == [(1, "the top of a spec must be a mapping.")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b\nc: [d\n", 3),
        ("a: b\n c: d\n", 2),
        ("a: 'b\n", 2),
        ("a: b\n\tc: d\n", 2),
        ("a: *nowhere\n", 1),
        ("a: b\n---\nc: d\n", 2),
        ("a: {b: c, d\n", 2),
    ],
)
def test_reading_invalid_yaml_raises_a_mistake_at_its_line(
    text: str, line: int, tmp_path: Path
) -> None:
    [(found, sentence)] = read_mistakes(text, tmp_path)
    assert sentence.startswith("this is not YAML: ")
    assert found == line


def test_reading_a_duplicate_key_raises_a_mistake_at_the_second(tmp_path: Path) -> None:
    text = "a: 1\nb: {c: 1, d: 2}\ne:\n  f: 1\n  g: 2\n  f: 3\na: 4\n"
    assert read_mistakes(text, tmp_path) == [
        (6, "the key 'f' appears twice in one mapping."),
        (7, "the key 'a' appears twice in one mapping."),
    ]


def test_reading_a_key_that_is_not_text_raises_a_mistake(tmp_path: Path) -> None:
    assert read_mistakes("a: 1\n? [b, c]\n: 2\n", tmp_path) == [(2, "a key must be a string.")]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "a: &a {b: 1}\nc: {d: {e: *a}}\n",
        "a: &a x\nb: *a\n",
    ],
)
def test_reading_an_alias_raises_a_mistake(text: str, tmp_path: Path) -> None:
    [(_, sentence)] = read_mistakes(text, tmp_path)
    assert sentence.startswith("an alias is not supported")


def test_reading_exponentially_growing_aliases_raises_mistakes(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    mistakes = read_mistakes("\n".join(rows) + "\n", tmp_path)
    assert [line for line, _ in mistakes] == [n for n in range(2, 31) for _ in range(9)][
        : len(mistakes)
    ]
    assert all("an alias is not supported" in sentence for _, sentence in mistakes)


@pytest.mark.parametrize("depth", [DEEPEST + 1, 300, 900, 20_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_reading_deep_nesting_raises_a_mistake(
    depth: int, opening: str, closing: str, tmp_path: Path
) -> None:
    [(line, sentence), *_] = read_mistakes(f"a: {opening * depth}1{closing * depth}\n", tmp_path)
    assert line == 1
    assert "nested" in sentence or "not YAML" in sentence


@pytest.mark.parametrize("value", ["!thing x", "2020-13-45", "!!int x", "!!float y", "!!binary é"])
def test_reading_an_invalid_scalar_raises_a_mistake_at_its_line(value: str, tmp_path: Path) -> None:
    [(line, sentence)] = read_mistakes(f"a: 1\nb: {value}\n", tmp_path)
    assert line == 2
    assert sentence.startswith("this is not a value of YAML: ")


def test_reading_reports_all_mistakes_together(tmp_path: Path) -> None:
    text = "a: &x 1\na: 2\nb: *x\nc: !thing 3\n? {d: e}\n: f\n"
    assert [line for line, _ in read_mistakes(text, tmp_path)] == [2, 3, 4, 5]


def test_reading_the_small_spec_succeeds(tmp_path: Path) -> None:
    assert read(save_spec(make_small_spec(), tmp_path)).root["info"]["title"].text == "Lamps"
