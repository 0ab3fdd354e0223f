"""Random choices of a walk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SELDOM = 0.03
SOMETIMES = 0.12


class RandomSource:
    """A source of random choices that are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def decide(self, probability: float) -> bool:
        """Return true with the given probability."""
        return self._random.random() < probability

    def draw_below(self, limit: int) -> int:
        """Return an integer from 0 to `limit - 1`."""
        return self._random.randrange(limit)

    def pick(self, usual: Sequence[T], odd: Sequence[T] = (), probability: float = SOMETIMES) -> T:
        """Return a usual value, or with the given probability an odd one."""
        if odd and self.decide(probability):
            return self._random.choice(odd)
        return self._random.choice(usual)

    def pick_weighted(self, choices: Sequence[tuple[int, T]]) -> T:
        """Return one of the weighted choices."""
        (chosen,) = self._random.choices(
            [choice for _, choice in choices], [weight for weight, _ in choices]
        )
        return chosen
