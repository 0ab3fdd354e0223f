"""The rules of the house that no other tool checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = {
    "dss_api": ROOT / "generated" / "dss_api",
    "dss_client": ROOT / "dss_client",
    "dss_mock": ROOT / "mock_server" / "dss_mock",
    "itksnap_dss": ROOT / "itksnap_dss",
    "spec": ROOT / "spec",
}
MAY_IMPORT = {
    "dss_api": set(),
    "dss_client": {"dss_api"},
    "dss_mock": {"dss_api"},
    "itksnap_dss": {"dss_client"},
    "spec": set(),
}


def modules(package: str) -> list[Path]:
    return sorted(CODE[package].rglob("*.py"))


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", CODE)
def test_a_package_imports_only_what_stands_below_it(package: str) -> None:
    others = set(CODE) - {package}
    for module in modules(package):
        assert set(imported(module)) & others <= MAY_IMPORT[package], module


@pytest.mark.parametrize("package", ["dss_client", "dss_mock", "itksnap_dss"])
def test_paths_of_the_wire_stand_only_in_the_contract(package: str) -> None:
    for module in modules(package):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.match(r"/?(api|blobs)/", node.value), (module, node.lineno)


@pytest.mark.parametrize("package", ["dss_api", "dss_client", "dss_mock", "itksnap_dss"])
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (CODE[package] / "py.typed").is_file()


def test_every_method_of_the_client_has_a_test() -> None:
    methods = {
        node.name
        for module in ("client", "provider", "user", "admin")
        for cls in ast.parse((CODE["dss_client"] / f"{module}.py").read_text("utf-8")).body
        if isinstance(cls, ast.ClassDef)
        for node in cls.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "dss_client").rglob("*.py")
    )

    untested = {name for name in methods if f".{name}(" not in tests}
    assert not untested, f"no test calls {', '.join(sorted(untested))}"
