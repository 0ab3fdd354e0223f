"""The entry point of the command `dss-mock` and of `python -m dss_mock`."""

import sys


def main() -> None:
    """Run the command. If a dependency is missing, print its name."""
    try:
        from .command import main as command  # noqa: PLC0415  # imports optional dependencies
    except ModuleNotFoundError as error:
        sys.exit(f"dss-mock needs {error.name}: pip install 'itksnap-dss-kit[mock]'")
    command(prog_name="dss-mock")


if __name__ == "__main__":
    main()
