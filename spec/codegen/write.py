"""Writer of a package: it fills the templates, formats the files, and compares or writes them."""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from spec.codegen.model import Api

TEMPLATES = Path(__file__).parent / "templates"
_PER_GROUP = "group.py.jinja"


def render(api: Api) -> dict[str, str]:
    """Return the formatted text of every file of the package, by file name."""
    return _format_files(fill(api)) | {"py.typed": ""}


def fill(api: Api) -> dict[str, str]:
    """Return the filled templates by file name, not yet formatted."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # what is written is Python, not HTML
    )
    environment.filters.update(
        prose=_wrap_prose, literal=repr, raw=_quote_raw, dialect=_format_dialect
    )
    names = sorted(path.name for path in TEMPLATES.glob("*.jinja"))
    files = {
        name.removesuffix(".jinja"): environment.get_template(name).render(api=api)
        for name in names
        if name != _PER_GROUP
    }
    for group in api.groups:
        text = environment.get_template(_PER_GROUP).render(api=api, group=group)
        files[f"{group.name}_operations.py"] = text
    return files


def find_difference(files: dict[str, str], folder: Path) -> str:
    """Return the differences between a folder and the expected files; empty if equal."""
    present = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode(errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    chunks: list[str] = []
    for name in sorted(present.keys() | files.keys()):
        if name not in files:
            chunks.append(f"{folder / name}: no template makes this file\n")
        elif name not in present:
            chunks.append(f"{folder / name}: this file is missing\n")
        else:
            chunks += difflib.unified_diff(
                present[name].splitlines(keepends=True),
                files[name].splitlines(keepends=True),
                fromfile=f"{folder / name} (as it is)",
                tofile=f"{folder / name} (as the contract compiles)",
            )
    return "".join(chunks)


def write(files: dict[str, str], folder: Path) -> None:
    """Write the files into a folder, and remove all other files there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.rglob("*")):
        known = path.relative_to(folder).as_posix() in files
        if path.is_file() and "__pycache__" not in path.parts and not known:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _wrap_prose(text: str, indent: int = 0, *, first: int = 0) -> str:
    """Wrap a text for a docstring, paragraph by paragraph.

    Args:
        text: a text of the contract.
        indent: the columns in front of every line except the first.
        first: the columns already used on the first line.
    """
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    paragraphs = [" ".join(paragraph.split()) for paragraph in escaped.split("\n\n")]
    wrapped = [
        textwrap.fill(
            paragraph,
            width=96,
            initial_indent=" " * (first if number == 0 else indent),
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        for number, paragraph in enumerate(paragraphs)
    ]
    shown = "\n\n".join(wrapped).lstrip()
    # A quotation mark at the end would join the end of the docstring.
    return shown[:-1] + '\\"' if shown.endswith('"') else shown


def _quote_raw(text: str) -> str:
    """Return the Python source of a string: a raw string if that avoids escapes."""
    literal = repr(text)
    raw = f"r{literal[0]}{text}{literal[0]}"
    readable = "\\" in text and text.isprintable() and literal[0] not in text and text[-1] != "\\"
    return raw if readable else literal


def _format_dialect(version: str) -> str:
    """Return the Python source of the enum member of a version."""
    return "Dialect.V" + version.replace(".", "_")


def _format_files(files: dict[str, str]) -> dict[str, str]:
    """Format the files with ruff, and remove the imports that the files do not use."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        _run_ruff("check", "--select", "F401,I,RUF022", "--fix", folder)
        _run_ruff("format", folder)
        return {file: (folder / file).read_text(encoding="utf-8") for file in sorted(files)}


def _run_ruff(*arguments: str | Path) -> None:
    # Settings in the working folder must not change the output.
    settings = (
        *("--isolated", "--no-cache", "--line-length", "100", "--target-version", "py311"),
        *("--config", "lint.isort.known-first-party = ['dss_wire']"),
        *("--config", "lint.isort.split-on-trailing-comma = false"),
        *("--config", "format.skip-magic-trailing-comma = true"),
    )
    command = [sys.executable, "-m", "ruff", arguments[0], *settings, *arguments[1:]]
    done = subprocess.run(  # noqa: S603  # ruff, on files that were just made
        command,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(f"a template does not make valid Python:\n{done.stdout}{done.stderr}")
