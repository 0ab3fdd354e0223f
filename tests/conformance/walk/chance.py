"""What is left to chance in a walk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SELDOM = 0.03
SOMETIMES = 0.12


class Chance:
    """Choices that are the same each time for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def maybe(self, probability: float) -> bool:
        return self._random.random() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to below the limit."""
        return self._random.randrange(limit)

    def one(self, usual: Sequence[T], odd: Sequence[T] = (), probability: float = SOMETIMES) -> T:
        """One of those that are usual, or with some probability of those that are odd."""
        if odd and self.maybe(probability):
            return self._random.choice(odd)
        return self._random.choice(usual)

    def weighted(self, choices: Sequence[tuple[int, T]]) -> T:
        """One of those with weights."""
        (chosen,) = self._random.choices(
            [choice for _, choice in choices], [weight for weight, _ in choices]
        )
        return chosen
