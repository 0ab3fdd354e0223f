"""Random walk that sends the same requests to the mock and to the real middleware.

    python -m tests.conformance.random_walk --steps 50000 --seed 7

Each sequence has its own seed and new middlewares. The walk ends at the first difference. It prints
the difference with the fewest steps that reproduce it, and the seed that replays it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs

from .real_middleware import MiddlewareLauncher
from .walk.generator import Generator
from .walk.inputs import ServiceSources
from .walk.middleware_pair import Difference, MiddlewarePair, replay_steps, shrink_difference

LENGTH = 300
"""The number of steps in a sequence."""
SHRINKING = 30.0
"""Seconds to search for fewer steps that show a difference."""


@attrs.frozen
class WalkDifference:
    """A difference in a walk.

    Attributes:
        seed: the seed of the sequence.
        difference: the difference with all steps of the sequence.
        shortest: the same difference with the fewest steps.
    """

    seed: int
    difference: Difference
    shortest: Difference

    def __str__(self) -> str:
        return (
            f"seed {self.seed}, step {len(self.difference.steps)}; to replay it:\n"
            f"  python -m tests.conformance.random_walk --seed {self.seed} "
            f"--steps {len(self.difference.steps)}\n{self.shortest}"
        )


def walk(
    launcher: MiddlewareLauncher,
    sources: ServiceSources,
    seed: int,
    steps: int,
    shrinking: float = SHRINKING,
) -> Iterator[WalkDifference | None]:
    """Run a number of steps, in sequences with this seed and the following ones.

    Yields:
        For each sequence, the difference that ended it; `None` if it ran to its end.
    """
    while steps > 0:
        length = min(LENGTH, steps)
        difference = _walk_sequence(launcher, sources, seed, length)
        if difference is None:
            yield None
        else:
            best = shrink_difference(
                difference, lambda shorter: replay_steps(launcher, shorter), shrinking
            )
            yield WalkDifference(seed, difference, best)
        steps -= length
        seed += 1


def _walk_sequence(
    launcher: MiddlewareLauncher, sources: ServiceSources, seed: int, length: int
) -> Difference | None:
    generator = Generator(seed, sources)
    pair = MiddlewarePair(launcher)
    try:
        for step, _ in zip(generator.steps(), range(length), strict=False):
            response, difference = pair.run(step)
            if difference is not None:
                return difference
            generator.learn(step, response, pair.blobs)
        return None
    finally:
        pair.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=5000, help="number of steps in all sequences")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first sequence")
    parser.add_argument(
        "--shrink", type=float, default=SHRINKING, help="seconds to search for fewer steps"
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="do not stop at the first difference"
    )
    options = parser.parse_args()
    differences = 0
    with (
        tempfile.TemporaryDirectory(prefix="dss_walk_") as folder,
        MiddlewareLauncher() as launcher,
    ):
        sources = ServiceSources.create(Path(folder))
        for difference in walk(launcher, sources, options.seed, options.steps, options.shrink):
            if difference:
                differences += 1
                print(f"{difference}\n", flush=True)
                if not options.keep_going:
                    break
    print(f"{options.steps} steps from seed {options.seed}: {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
