"""Plays long random sequences of requests on the mock and on the real middleware, side by side.

    python -m tests.conformance.random_walk --steps 50000 --seed 7

Each sequence has a seed of its own, and middlewares of its own. At the first difference the walk
ends: it is printed with the fewest steps that were found to lead there, and with the seed that
replays it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs

from .real import Zygote
from .walk.generator import Generator
from .walk.material import Sources
from .walk.pair import Difference, Pair, play_all, shrunk

LENGTH = 300
"""How many steps a sequence has."""
SHRINKING = 30.0
"""Seconds that go into finding a shorter way to a difference."""


@attrs.frozen
class Found:
    """A difference in a walk.

    Attributes:
        seed: of the sequence.
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
    zygote: Zygote, sources: Sources, seed: int, steps: int, shrinking: float = SHRINKING
) -> Iterator[Found | None]:
    """Walk that many steps, in sequences with this seed and the next ones.

    Yields:
        For each sequence, the difference that ended it early, if there was one.
    """
    while steps > 0:
        length = min(LENGTH, steps)
        difference = _sequence(zygote, sources, seed, length)
        if difference is None:
            yield None
        else:
            best = shrunk(difference, lambda shorter: play_all(zygote, shorter), shrinking)
            yield Found(seed, difference, best)
        steps -= length
        seed += 1


def _sequence(zygote: Zygote, sources: Sources, seed: int, length: int) -> Difference | None:
    generator = Generator(seed, sources)
    pair = Pair(zygote)
    try:
        for step, _ in zip(generator.steps(), range(length), strict=False):
            answer, difference = pair.play(step)
            if difference is not None:
                return difference
            generator.learn(step, answer, pair.blobs)
        return None
    finally:
        pair.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=5000, help="how many, over all sequences")
    parser.add_argument("--seed", type=int, default=0, help="of the first sequence")
    parser.add_argument("--shrink", type=float, default=SHRINKING, help="seconds for that")
    parser.add_argument(
        "--keep-going", action="store_true", help="look for more than one difference"
    )
    options = parser.parse_args()
    differences = 0
    with tempfile.TemporaryDirectory(prefix="dss_walk_") as folder, Zygote() as zygote:
        sources = Sources.create(Path(folder))
        for found in walk(zygote, sources, options.seed, options.steps, options.shrink):
            if found:
                differences += 1
                print(f"{found}\n", flush=True)
                if not options.keep_going:
                    break
    print(f"{options.steps} steps from seed {options.seed}: {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
