"""Tests of the command that compiles and compares."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spec.codegen.__main__ import compile_spec, main
from spec.codegen.write import find_difference, write
from tests.codegen.support import (
    COMMITTED,
    CONTRACT,
    ROOT,
    SMALL,
    find_line,
    make_small_spec,
    save_spec,
)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Compile the contract."""
    return compile_spec(CONTRACT)


def run(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run_in_process(*arguments: str | Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the command in another process."""
    return subprocess.run(
        [sys.executable, "-m", "spec.codegen", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the content of each file below a folder, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_committed_package_equals_the_compiled_contract(files: dict[str, str]) -> None:
    assert find_difference(files, COMMITTED) == ""
    assert read_files(COMMITTED) == {name: text.encode() for name, text in files.items()}


def test_check_of_the_committed_package_passes_without_output() -> None:
    done = run_in_process("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_compiling_with_another_hash_seed_writes_the_same_bytes(
    files: dict[str, str], tmp_path: Path
) -> None:
    for seed in ("1", "20"):
        done = run_in_process("--output", tmp_path / seed, seed=seed)
        assert done.returncode == 0, done.stderr
        assert read_files(tmp_path / seed) == {name: text.encode() for name, text in files.items()}


def test_compiling_ignores_settings_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\n", encoding="utf-8")
    spec = save_spec(SMALL, tmp_path)
    options = ["--spec", str(spec), "--output", str(tmp_path / "a")]
    command = [sys.executable, "-m", "spec.codegen", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=60)
    assert read_files(tmp_path / "a") == {n: t.encode() for n, t in compile_spec(spec).items()}


def test_compiling_twice_writes_the_same_files(tmp_path: Path) -> None:
    spec = save_spec(SMALL, tmp_path)
    assert run("--spec", spec, "--output", tmp_path / "a").exit_code == 0
    before = read_files(tmp_path / "a")
    assert run("--spec", spec, "--output", tmp_path / "a").exit_code == 0
    assert read_files(tmp_path / "a") == before


def test_compiling_removes_files_without_a_template(tmp_path: Path) -> None:
    spec = save_spec(SMALL, tmp_path)
    package = tmp_path / "a"
    (package / "deep").mkdir(parents=True)
    (package / "old_operations.py").write_text("", encoding="utf-8")
    (package / "deep" / "old.bin").write_bytes(b"\xff")
    assert run("--spec", spec, "--output", package).exit_code == 0
    assert set(read_files(package)) == set(compile_spec(spec))


def test_writing_keeps_python_cache_files(tmp_path: Path) -> None:
    cache = tmp_path / "__pycache__" / "api.cpython-311.pyc"
    cache.parent.mkdir()
    cache.write_bytes(b"")
    write({"a.py": ""}, tmp_path)
    assert cache.exists()


@pytest.fixture
def package_copy(tmp_path: Path) -> Path:
    """A copy of the committed package."""
    package = tmp_path / "dss_api"
    shutil.copytree(COMMITTED, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def test_check_shows_changed_lines_of_a_file(package_copy: Path) -> None:
    module = package_copy / "models.py"
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace("class Ticket(", "class Tickets("), encoding="utf-8")
    result = run("--check", "--spec", CONTRACT, "--output", package_copy)
    assert result.exit_code == 1
    assert "-class Tickets(Record):\n+class Ticket(Record):\n" in result.stdout
    assert "models.py (as it is)" in result.stdout
    assert "run `make generate`" in result.stderr
    assert "class Tickets(" in module.read_text(encoding="utf-8"), "a check writes nothing"


def test_check_shows_a_missing_file(package_copy: Path) -> None:
    (package_copy / "models.py").unlink()
    result = run("--check", "--spec", CONTRACT, "--output", package_copy)
    assert result.exit_code == 1
    assert f"{package_copy / 'models.py'}: this file is missing\n" in result.stdout
    assert not (package_copy / "models.py").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\x00"])
def test_check_shows_an_extra_file(content: bytes, package_copy: Path) -> None:
    (package_copy / "notes.txt").write_bytes(content)
    result = run("--check", "--spec", CONTRACT, "--output", package_copy)
    assert result.exit_code == 1
    assert f"{package_copy / 'notes.txt'}: no template makes this file\n" in result.stdout
    assert (package_copy / "notes.txt").exists()


def test_check_fails_if_line_ends_were_changed(package_copy: Path) -> None:
    module = package_copy / "api.py"
    module.write_bytes(module.read_bytes().replace(b"\n", b"\r\n"))
    assert run("--check", "--spec", CONTRACT, "--output", package_copy).exit_code == 1


def test_check_of_a_missing_folder_fails(tmp_path: Path) -> None:
    result = run("--check", "--spec", CONTRACT, "--output", tmp_path / "gone")
    assert result.exit_code == 1
    assert "api.py: this file is missing\n" in result.stdout
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_compiling_a_spec_with_mistakes_prints_all_mistakes_and_fails(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    package = tmp_path / "package"
    spec = save_spec(make_small_spec(*[
        ("x-columns: [name, watts]", "x-columns: [name, watts, volts]"),
        ("error: LampNotFound}", "error: LampGone}"),
        ("operationId: rename_lamp", "operationId: get_lamp"),
        ("lamp is {name} now", "lamp is {name} {now}"),
        ("watts: {type: number, ", "watts: {type: decimal, "),
    ]), tmp_path)  # fmt: skip
    done = run_in_process(*options, "--spec", spec, "--output", package)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    *told, last = done.stderr.splitlines()
    assert last == "5 mistakes; nothing was written."
    assert len(told) == 5
    text = spec.read_text(encoding="utf-8")
    for piece in ("x-columns", "LampGone", "lamp is", "watts: {"):
        assert [one for one in told if one.startswith(f"{spec}:{find_line(text, piece)}: ")], piece
    assert not package.exists()


def test_compiling_a_spec_with_a_mistake_keeps_the_existing_files(
    package_copy: Path, tmp_path: Path
) -> None:
    before = read_files(package_copy)
    spec = save_spec(make_small_spec(("x-columns: [name, watts]", "x-columns: [volts]")), tmp_path)
    assert run("--spec", spec, "--output", package_copy).exit_code == 1
    assert read_files(package_copy) == before


@pytest.mark.parametrize("content", [b"", b"a: [", b"\xff", b"a: &a [*a]", b"a: 1\na: 2\n", b"[]"])
def test_compiling_an_invalid_file_fails_without_a_traceback(
    content: bytes, tmp_path: Path
) -> None:
    spec = save_spec(content, tmp_path)
    result = run("--spec", spec, "--output", tmp_path / "package")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith(f"{spec}:")
    assert result.stderr.endswith("nothing was written.\n")
    assert not (tmp_path / "package").exists()


def test_compiling_a_missing_file_fails_without_a_traceback(tmp_path: Path) -> None:
    result = run("--spec", tmp_path / "gone.yaml", "--output", tmp_path / "package")
    assert result.exit_code == 1
    told = (
        f"{tmp_path / 'gone.yaml'}:1: the file does not exist.\n1 mistake; nothing was written.\n"
    )
    assert result.stderr == told
