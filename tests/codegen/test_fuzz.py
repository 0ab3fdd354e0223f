"""Tests with random damage to the contract: it compiles, or the compiler names the mistakes."""

from __future__ import annotations

import ast
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from spec.codegen.mistakes import SpecError
from spec.codegen.write import fill
from tests.codegen.support import CONTRACT, Mapped, build_model, load_contract, save_spec

pytestmark = pytest.mark.no_cover  # it would take four times as long

REPLACEMENTS: list[object] = [
    None, True, 0, -1, 7, 1.5, "", "x", "A", "class", "a b", '"', "{", "{}", "{x}{x}", "\\", "(",
    "é", "#/components/schemas/Ticket", "line\nline", 'ends with "quotes"', [], ["x"], [[]], {},
    {"x": 1},
    {"$ref": "#/components/schemas/Ticket"}, {"$ref": "#/components/schemas/Githashes"},
    {"$ref": "#/components/parameters/Format"}, {"$ref": "#/nowhere"}, {"$ref": 3},
    {"type": "array", "items": {"type": "string"}}, {"type": "string", "enum": ["a-b"]},
    {"type": ["string", "null"], "description": "A text."}, {"const": 1},
    {"type": "string", "description": "A text.", "default": []},
]  # fmt: skip


def list_paths(data: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every part of a document except the top."""
    found = [path] if path else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += list_paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += list_paths(value, (*path, index))
    return found


PLACES = list_paths(load_contract())


def damage(document: Mapped, path: tuple[str | int, ...], how: str, new: object) -> None:
    """Delete, replace, rename or copy the part at a path, if it still exists."""
    holder: Any = document
    try:
        for key in path[:-1]:
            holder = holder[key]
        last = path[-1]
        if isinstance(holder, list):
            assert isinstance(last, int)
            value = holder.pop(last)
            if how == "replace":
                holder.insert(last, new)
            elif how == "double":
                holder += [value, value]
        elif isinstance(holder, dict):
            value = holder.pop(last)
            if how == "replace":
                holder[last] = new
            elif how == "rename":
                holder[str(new)] = value
            elif how == "double":
                holder[last] = value
                holder[f"{last}2"] = value
    except (KeyError, IndexError, TypeError, AttributeError):
        return  # an earlier change has removed it


changes = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from(["delete", "replace", "rename", "double"]),
        st.sampled_from(REPLACEMENTS),
    ),
    min_size=1,
    max_size=4,
)


def assert_compiled_or_refused(file: Path) -> None:
    # The end of a file that ends with a newline is on an empty last line.
    lines = file.read_bytes().count(b"\n") + 1
    try:
        files = fill(build_model(file))
    except SpecError as error:
        assert error.mistakes
        for mistake in error.mistakes:
            assert mistake.file == file
            assert 1 <= mistake.line <= lines
            assert re.fullmatch(r"[^\n]+\.", mistake.sentence), mistake.sentence
    else:
        for name, text in files.items():
            ast.parse(text, name)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(changes)
def test_damaged_contract_compiles_or_raises_mistakes_with_lines_and_sentences(
    damages: list[tuple[tuple[str | int, ...], str, object]],
) -> None:
    document = load_contract()
    for path, how, new in damages:
        damage(document, path, how, new)
    with tempfile.TemporaryDirectory() as folder:
        assert_compiled_or_refused(save_spec(document, Path(folder)))


def test_contract_with_mangled_text_compiles_or_raises_mistakes(tmp_path: Path) -> None:
    dice = random.Random(20)
    text = CONTRACT.read_bytes()
    for _ in range(25):
        begin = dice.randrange(len(text))
        end = begin + dice.choice([0, 1, 5, 40, 2000])
        noise = dice.choice(
            [b"", b"\x00", b"\xff", b": ", b"- ", b"&a ", b"*a ", b"\n", b"\t", b"{["]
        )
        assert_compiled_or_refused(save_spec(text[:begin] + noise + text[end:], tmp_path))
