"""Check of a built wheel in a clean virtual environment.

`make release-check` runs it. The wheel must hold every package of the checkout, and the code blocks
of README.md must work with it. `tests/test_readme.py` runs in another folder, so that it cannot
import the checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "dss_api": ROOT / "generated" / "dss_api",
    "dss_client": ROOT / "dss_client",
    "dss_mock": ROOT / "mock_server" / "dss_mock",
    "dss_wire": ROOT / "dss_wire",
    "itksnap_dss": ROOT / "itksnap_dss",
}
TIMEOUT = 600
LOCATE = """
import importlib, json, sys
print(json.dumps({name: importlib.import_module(name).__file__ for name in sys.argv[1:]}))
"""


def main(wheel: Path) -> None:
    """Check a wheel, and exit with a message if something is wrong.

    Args:
        wheel: the path of the wheel.
    """
    packages = list(PACKAGES)
    check_contents(wheel, packages)
    with TemporaryDirectory(prefix="release-check-") as name:
        folder = Path(name).resolve()
        python = install(wheel, folder / "venv")
        check_locations(python, packages, folder)
        run_readme(python, folder)
    print(f"{wheel.name} is complete, and the README's code works with it.")


def check_contents(wheel: Path, packages: list[str]) -> None:
    """Compare the wheel's files with the checkout's.

    Raises:
        SystemExit: a file is missing, `py.typed` included.
    """
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    missing = []
    for name in packages:
        source = PACKAGES[name]
        files = {f"{name}/{path.relative_to(source).as_posix()}" for path in _files(source)}
        missing += sorted((files | {f"{name}/py.typed"}) - packed)
    if missing:
        sys.exit(f"{wheel.name} lacks {', '.join(missing)}. See [tool.hatch.build.targets.wheel].")


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel and pytest in a new virtual environment, and return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pins = ROOT / "constraints.txt"
    packages = [f"{wheel}[mock,images]", "pytest"]
    _run([python, "-m", "pip", "install", "--quiet", "--constraint", pins, *packages], folder)
    return python


def check_locations(python: Path, packages: list[str], folder: Path) -> None:
    """Import the packages.

    Raises:
        SystemExit: a package comes from outside the virtual environment.
    """
    found: dict[str, str] = json.loads(_run([python, "-c", LOCATE, *packages], folder))
    for name, file in found.items():
        if not Path(file).resolve().is_relative_to(folder / "venv"):
            sys.exit(f"{name} was imported from {file}, not from the installed wheel.")


def run_readme(python: Path, folder: Path) -> None:
    """Run the README's code against the mock, with an empty home folder and no keyring."""
    home = {"HOME": f"{folder}", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "README.md", folder)
    shutil.copy(ROOT / "tests" / "test_readme.py", folder / "tests")
    options: list[str | Path] = ["-q", "-W", "error", "--rootdir", folder, "--confcutdir", folder]
    print(_run([python, "-m", "pytest", *options, "tests/test_readme.py"], folder, **home))


def _files(package: Path) -> list[Path]:
    return [
        path for path in package.rglob("*") if path.is_file() and path.parent.name != "__pycache__"
    ]


def _run(command: list[str | Path], folder: Path, **extra: str) -> str:
    """Run a command in a folder, without the caller's Python settings, and return its output."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    # `make` sets a path that is relative to the checkout.
    environ.pop("PIP_CONSTRAINT", None)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ | extra,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"This failed: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
