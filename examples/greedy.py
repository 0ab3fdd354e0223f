"""Greedy, the registration tool of ITK-SNAP's makers, each command in a process of its own.

The package `picsl_greedy` brings it as a library, which cannot be interrupted, holds up all other
threads, and prints past Python. As a process it can be stopped, and what it prints can be kept.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DEADLINE = 6 * 60 * 60.0
"""How long one command may take, in seconds."""


class GreedyFailed(RuntimeError):
    """Greedy did not do what it was told to; says why."""


def greedy(command: str, folder: Path, name: str) -> Path:
    """Run a command of Greedy and wait for its end.

    Args:
        command: its options, as one writes them behind ``greedy`` in a shell.
        folder: where relative file names begin.
        name: what the command is for, in a word.

    Returns:
        The file with what it printed, ``NAME.txt`` in the folder.

    Raises:
        GreedyFailed: it gave up, or took longer than `DEADLINE`.
    """
    printed = folder / f"{name}.txt"
    with printed.open("wb") as output:
        try:
            subprocess.run(  # noqa: S603  # a list of our own, no shell
                [sys.executable, __file__, command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                check=True,
                timeout=DEADLINE,
            )
        except subprocess.TimeoutExpired as error:
            raise GreedyFailed(f"Greedy ({name}) took more than {DEADLINE:g} s") from error
        except subprocess.CalledProcessError as error:
            said: bytes = error.stderr
            reason = said.decode(errors="replace").strip() or f"exit status {error.returncode}"
            raise GreedyFailed(f"Greedy ({name}) failed: {reason}") from error
    return printed


def main() -> None:
    """Be the process."""
    # Compiled, without types; and large, so that who only starts the process is spared it.
    from picsl_greedy import Greedy3D  # type: ignore[import-not-found]  # noqa: PLC0415

    try:
        Greedy3D().execute(sys.argv[1])
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
