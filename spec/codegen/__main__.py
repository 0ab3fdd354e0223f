"""The command of the compiler: `python -m spec.codegen [--check]`.

The command writes the package. With `--check` it writes nothing: if the package differs from the
compiled spec, it shows the difference and fails.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from spec.codegen.build import build
from spec.codegen.check import check
from spec.codegen.mistakes import SpecError
from spec.codegen.read import read
from spec.codegen.write import find_difference, render, write


def compile_spec(spec: Path) -> dict[str, str]:
    """Return the files that a spec compiles to, by name.

    Raises:
        SpecError: the spec has mistakes. The error lists all of them.
    """
    document = read(spec)
    mistakes = check(document)
    if mistakes:
        raise SpecError(mistakes)
    return render(build(document))


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on a difference.")
@click.option(
    "--spec",
    type=click.Path(path_type=Path),
    default=Path("spec/dss.yaml"),
    show_default=True,
    help="The contract.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("generated/dss_api"),
    show_default=True,
    help="The folder of the package.",
)
def main(only_check: bool, spec: Path, output: Path) -> None:
    """Compile the contract into a Python package."""
    try:
        files = compile_spec(spec)
    except SpecError as error:
        click.echo(error, err=True)
        count = len(error.mistakes)
        click.echo(f"{count} mistake{'s' if count > 1 else ''}; nothing was written.", err=True)
        sys.exit(1)
    if not only_check:
        write(files, output)
    elif shown := find_difference(files, output):
        click.echo(shown, nl=False)
        click.echo(f"{output} is not what {spec} compiles to; run `make generate`.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
