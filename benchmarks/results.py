"""Results of measurements, and ratios between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

import attrs


@attrs.frozen
class Samples:
    """Repeated measurements of one thing.

    Attributes:
        values: the measured values, in the order of the measurements.
        unit: the unit of the values.
    """

    values: Sequence[float]
    unit: str = ""

    @property
    def median(self) -> float:
        """The median of the values."""
        return median(self.values)

    def over(self, other: Samples) -> Samples:
        """Divide each value by the value of `other` that was measured next to it."""
        pairs = zip(self.values, other.values, strict=True)
        return Samples([mine / others for mine, others in pairs])

    def against(self, other: Samples) -> Samples:
        """Divide as `over` does, or divide the medians if the numbers of values differ."""
        if len(self.values) == len(other.values):
            return self.over(other)
        return Samples([self.median / other.median])

    def __str__(self) -> str:
        """Return the median, then the smallest and the largest value."""
        unit = f" {self.unit}" if self.unit else ""
        if len(self.values) == 1:
            return f"{format_number(self.median)}{unit}"
        spread = f"{format_number(min(self.values))}..{format_number(max(self.values))}"
        return f"{format_number(self.median)}{unit} ({spread})"


class Results:
    """All measured values, by the row of the results and the name of the contestant."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, row: str, name: str, value: float) -> None:
        """Add a value."""
        self._values[row, name].append(value)

    def of(self, row: str, name: str) -> Samples:
        """Return all values of a contestant in a row."""
        return Samples(self._values[row, name])

    def total(self, row: str, name: str) -> int:
        """Return the sum of counted values."""
        return int(sum(self._values[row, name]))


def format_number(value: float) -> str:
    """Format a number with three significant digits."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
