"""The site is complete, agrees with the code, and needs no other host."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.hooks import errors
from dss_api import OPERATIONS, TicketNotClaimed
from dss_client import DSSClient, TagMissing, Workspace
from dss_mock.faults import KINDS
from tests.docs.conftest import World
from tests.docs.pages import DOCS, ROOT, name, pages

FILE_NAME = re.compile(r"`((?:examples|spec|tests|benchmarks|docs)/[\w./-]+)`")
NAME_IN_FILE = re.compile(r"`(\w+)(?:\(\))?` (?:in|of|from) `([\w./-]+\.py)`")
LINK = re.compile(r"\]\(([^)#\s]+)")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a broken link fails the build."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def html(site: Path, page: str) -> str:
    return (site / page).read_text(encoding="utf-8")


class Loads(HTMLParser):
    """The addresses that a browser loads by itself when it shows a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {
            "script",
            "link",
            "img",
            "iframe",
            "source",
            "video",
            "audio",
            "object",
            "embed",
        }:
            names = {"src", "href", "srcset", "data", "poster"}
            self.found += [value for key, value in attrs if key in names and value]


def loaded(site: Path) -> Iterator[tuple[str, str]]:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        yield from ((page.name, address) for address in Loads(text).found)
        yield from ((page.name, address) for address in re.findall(r"url\(([^)]*)\)", text))
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        yield from ((sheet.name, address) for address in re.findall(r"url\(([^)]*)\)", text))
        yield from ((sheet.name, address) for address in re.findall(r"@import\s+(\S+)", text))


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    found = list(loaded(site))

    assert len(found) > 100
    foreign = [one for one in found if re.match(r"""["']?\s*(https?:)?//""", one[1])]
    assert foreign == []


def test_every_page_is_built(site: Path) -> None:
    built = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}

    assert built - {"404.md"} == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}


@pytest.mark.parametrize(
    ("prefix", "page"),
    [("dssp_", "provider"), ("dss_", "user"), ("dssa_", "admin"), ("", "client")],
)
def test_every_method_of_the_client_is_documented(site: Path, prefix: str, page: str) -> None:
    methods = [
        method
        for method, _ in inspect.getmembers(DSSClient, inspect.isfunction)
        if method.startswith(prefix or tuple("abcdefghijklmnopqrstuvwxyz"))
        and (prefix or not re.match("dss[pa]?_", method))
    ]
    text = html(site, f"reference/{page}.html")

    assert methods
    missing = [one for one in methods if f'id="dss_client.DSSClient.{one}"' not in text]
    assert missing == []


def test_methods_show_their_parameters_and_errors(site: Path) -> None:
    text = html(site, "reference/provider.html")

    assert "provider_code" in text
    assert "Raises:" in text
    assert "TicketNotClaimed" in text


def test_every_operation_of_the_contract_is_documented(site: Path) -> None:
    for operation in OPERATIONS:
        group = "" if operation.group == "session" else f"-{operation.group}"
        text = html(site, f"reference/operations{group}.html")
        assert f'id="{operation.name}"' in text
        assert f"{operation.method} {operation.path}" in text


def test_every_error_is_drawn_and_explained(site: Path) -> None:
    text = html(site, "reference/errors.html")

    known = [error.__name__ for error in errors.public()]
    assert len(known) > 60
    for error in known:
        assert f'id="{error}"' in text
        assert re.search(rf"(── )?\b{error}\b", errors.tree())


def test_errors_can_be_found_by_the_words_of_their_messages(world: World) -> None:
    with pytest.raises(TagMissing) as of_the_client:
        Workspace.open("study.itksnap").tagged("Other")
    with pytest.raises(TicketNotClaimed) as of_the_middleware:
        world.client.dssp_log(7, "info", "hello")

    for raised in (of_the_client, of_the_middleware):
        [section] = [
            one
            for one in errors.sections().split("\n### ")
            if one.startswith(f"`{raised.typename}`")
        ]
        [shown] = re.findall(r"```text\n(.*?)\n```", section, re.DOTALL)
        patterns = (re.escape(line).replace("…", ".*") for line in shown.splitlines())
        assert any(re.search(pattern, str(raised.value)) for pattern in patterns)


def test_help_of_the_mock_is_shown(site: Path) -> None:
    text = html(site, "reference/mock-command.html")

    assert "--data-dir" in text
    assert "Usage: dss-mock serve" in text


def test_every_kind_of_fault_is_documented() -> None:
    text = (DOCS / "reference/faults.md").read_text(encoding="utf-8")

    for key, kind in KINDS.items():
        assert f"| `{kind.__name__}` | `{key}` |" in text
        calls = re.findall(rf"^faults\.{kind.__name__}\((.*)\)$", text, re.MULTILINE)
        assert len(calls) == bool(inspect.signature(kind).parameters)
        for call in calls:
            given = ast.parse(f"f({call})", mode="eval").body
            assert isinstance(given, ast.Call)
            values = {word.arg or "": ast.literal_eval(word.value) for word in given.keywords}
            assert set(values) == set(inspect.signature(kind).parameters)
            assert kind(**values) == kind()


@pytest.mark.parametrize("page", [name(page) for page in pages()])
def test_methods_that_a_page_names_exist(page: str) -> None:
    named = set(re.findall(r"\b(dss[pa]?_[a-z_]+)\b", (ROOT / page).read_text(encoding="utf-8")))

    packages = {"dss_api", "dss_client", "dss_mock", "dss_server", "dss_wire"}
    unknown = {one for one in named - packages if not hasattr(DSSClient, one)}
    assert unknown == set()


@pytest.mark.parametrize("page", [name(page) for page in pages()])
def test_files_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(FILE_NAME.findall(text))

    assert [one for one in named if not (ROOT / one).exists()] == []


def test_pages_name_files_of_the_repository() -> None:
    assert sum(len(FILE_NAME.findall(page.read_text(encoding="utf-8"))) for page in pages()) >= 5


@pytest.mark.parametrize("page", [name(page) for page in pages()])
def test_functions_that_a_page_names_exist_in_their_file(page: str) -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())

    missing = [one for one in NAME_IN_FILE.findall(text) if not defines(*one)]
    assert missing == []


def test_some_pages_name_functions_of_the_examples() -> None:
    texts = (" ".join(page.read_text(encoding="utf-8").split()) for page in pages())

    assert sum(len(NAME_IN_FILE.findall(text)) for text in texts) >= 2


def defines(thing: str, file: str) -> bool:
    """Return whether a Python file defines a function, class or constant."""
    source = (ROOT / file).read_text(encoding="utf-8")
    return bool(
        re.search(rf"^(def {thing}\(|class {thing}\b|{thing}\b.* = )", source, re.MULTILINE)
    )


def test_readme_is_short_and_the_targets_of_its_links_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 150
    targets = [target for target in LINK.findall(text) if not target.startswith("http")]
    assert len(targets) > 20
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_picture_of_the_result_is_small() -> None:
    picture = (DOCS / "images/brain.png").read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
