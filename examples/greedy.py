"""Greedy, the registration tool of ITK-SNAP's makers, in a child process for each command.

The package `picsl_greedy` contains Greedy as a library. A call of that library blocks all threads,
cannot be interrupted, and prints without Python. A child process can be stopped, and its output can
be saved.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DEADLINE = 6 * 60 * 60.0
"""Maximum seconds for one command."""


class GreedyFailed(RuntimeError):
    """The error if a command of Greedy fails; its text is the reason."""


def run_greedy(command: str, folder: Path, name: str) -> Path:
    """Run a command of Greedy and wait for its end.

    Args:
        command: the options, as in a shell after ``greedy``.
        folder: the folder for relative file names.
        name: the purpose of the command, in one word.

    Returns:
        The file with the output of Greedy, ``NAME.txt`` in the folder.

    Raises:
        GreedyFailed: the command failed, or took longer than `DEADLINE`.
    """
    output = folder / f"{name}.txt"
    with output.open("wb") as stream:
        try:
            subprocess.run(  # noqa: S603  # a fixed list of arguments, no shell
                [sys.executable, __file__, command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.PIPE,
                check=True,
                timeout=DEADLINE,
            )
        except subprocess.TimeoutExpired as error:
            raise GreedyFailed(f"Greedy ({name}) took more than {DEADLINE:g} s") from error
        except subprocess.CalledProcessError as error:
            errors: bytes = error.stderr
            reason = errors.decode(errors="replace").strip() or f"exit status {error.returncode}"
            raise GreedyFailed(f"Greedy ({name}) failed: {reason}") from error
    return output


def main() -> None:
    """Execute the command in this process, which is the child."""
    # The library is large, so only the child loads it. It does not have types.
    from picsl_greedy import Greedy3D  # type: ignore[import-not-found]  # noqa: PLC0415

    try:
        Greedy3D().execute(sys.argv[1])
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
