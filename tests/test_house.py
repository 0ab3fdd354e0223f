"""The rules of the house that no other tool checks."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = {
    "dss_wire": ROOT / "dss_wire",
    "dss_api": ROOT / "generated" / "dss_api",
    "dss_client": ROOT / "dss_client",
    "dss_mock": ROOT / "mock_server" / "dss_mock",
    "itksnap_dss": ROOT / "itksnap_dss",
    "spec": ROOT / "spec",
}
MAY_IMPORT = {
    "dss_wire": set(),
    "dss_api": {"dss_wire"},
    "dss_client": {"dss_api", "dss_wire"},
    "dss_mock": {"dss_api", "dss_wire"},
    "itksnap_dss": {"dss_client"},
    "spec": set(),
}


def modules(package: str) -> list[Path]:
    return sorted(CODE[package].rglob("*.py"))


def dotted_names(package: str) -> dict[str, Path]:
    """Map the dotted name of each module of a package to its file."""
    names = {}
    for path in modules(package):
        parts = path.relative_to(CODE[package].parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def internal_imports(package: str) -> dict[str, set[str]]:
    """Map each module to the modules of the same package that it imports, wherever it does."""
    names = dotted_names(package)
    imports: dict[str, set[str]] = {name: set() for name in names}
    for name, path in names.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imports[name] |= {alias.name for alias in node.names} & names.keys()
            elif isinstance(node, ast.ImportFrom):
                within = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
                base = within[: len(within) - node.level + 1] if node.level else []
                source = ".".join([*base, *filter(None, [node.module])])
                targets = {f"{source}.{alias.name}" for alias in node.names}
                imports[name] |= targets & names.keys()
                if source in names and not targets <= names.keys():
                    imports[name].add(source)
        imports[name].discard(name)
    return imports


def list_imported_packages(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", CODE)
def test_package_imports_only_lower_packages(package: str) -> None:
    others = set(CODE) - {package}
    for module in modules(package):
        assert set(list_imported_packages(module)) & others <= MAY_IMPORT[package], module


@pytest.mark.parametrize("package", CODE)
def test_package_has_no_import_circle(package: str) -> None:
    TopologicalSorter(internal_imports(package)).prepare()  # raises an error that names a circle


# What may import what inside dss_client: a group imports from its own and from those above it here.
CLIENT_GROUPS = [
    {"version", "errors"},
    {"atomic_write", "progress", "tables", "validation"},
    {"auth", "images"},
    {"transport"},
    {"transfers"},
    {"workspace"},
    {"export", "snapshots"},
    {"tickets"},
    {"group"},
    {"admin", "provider", "user"},
    {"client"},
]
UPWARDS = {("dss_client.workspace.workspace", "dss_client.export")}
"""`Workspace.export` is a documented method, so this one import goes the other way."""


def test_groups_of_the_client_import_only_lower_groups() -> None:
    rank = {group: rank for rank, groups in enumerate(CLIENT_GROUPS) for group in groups}
    for importer, targets in internal_imports("dss_client").items():
        for target in targets:
            if importer == "dss_client" or (importer, target) in UPWARDS:
                continue
            group, other = importer.split(".")[1], target.split(".")[1]
            assert group == other or rank[other] < rank[group], (importer, target)


def test_modules_of_the_client_lie_in_their_groups() -> None:
    flat = {path.stem for path in CODE["dss_client"].glob("*.py")}
    groups = {path.parent.name for path in CODE["dss_client"].glob("*/__init__.py")}
    known = set().union(*CLIENT_GROUPS)

    assert (flat - {"__init__"}) | groups == known


def test_transfers_and_tickets_know_nothing_of_tables() -> None:
    for importer, targets in internal_imports("dss_client").items():
        if importer.startswith(("dss_client.transfers", "dss_client.tickets")):
            assert "dss_client.tables" not in targets, importer


@pytest.mark.parametrize("package", ["dss_client", "dss_mock", "dss_wire", "itksnap_dss"])
def test_paths_of_the_api_are_only_in_the_contract(package: str) -> None:
    for module in modules(package):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.match(r"/?(api|blobs)/", node.value), (module, node.lineno)


@pytest.mark.parametrize(
    "package", ["dss_wire", "dss_api", "dss_client", "dss_mock", "itksnap_dss"]
)
def test_every_package_has_a_typing_marker(package: str) -> None:
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
