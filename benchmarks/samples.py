"""Repeated measurements of one thing."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import attrs


@attrs.frozen
class Samples:
    """What was measured, again and again.

    Attributes:
        values: in the order in which they were measured.
        unit: what they are counted in.
    """

    values: Sequence[float]
    unit: str = ""

    @property
    def median(self) -> float:
        """The value in the middle."""
        return median(self.values)

    def over(self, other: Samples) -> Samples:
        """How many times the other's values these are, each beside the one measured next to it."""
        pairs = zip(self.values, other.values, strict=True)
        return Samples([mine / others for mine, others in pairs])

    def against(self, other: Samples) -> Samples:
        """The same where the other was not measured as often: the ratio of the medians."""
        if len(self.values) == len(other.values):
            return self.over(other)
        return Samples([self.median / other.median])

    def __str__(self) -> str:
        """Median, and from the smallest to the largest."""
        unit = f" {self.unit}" if self.unit else ""
        if len(self.values) == 1:
            return f"{shown(self.median)}{unit}"
        spread = f"{shown(min(self.values))}..{shown(max(self.values))}"
        return f"{shown(self.median)}{unit} ({spread})"


def shown(value: float) -> str:
    """A number with three digits that count."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
