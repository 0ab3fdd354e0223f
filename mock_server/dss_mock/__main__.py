"""`python -m dss_mock` is the command `dss-mock`."""

import sys


def main() -> None:
    """Run the command, or say what it lacks."""
    try:
        from .command import main as command  # noqa: PLC0415  # needs what the next lines name
    except ModuleNotFoundError as error:
        sys.exit(f"dss-mock needs {error.name}: pip install 'itksnap-dss-kit[mock]'")
    command(prog_name="dss-mock")


if __name__ == "__main__":
    main()
