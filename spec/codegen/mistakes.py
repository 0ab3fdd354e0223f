"""Mistakes in a spec, which are collected and shown together."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake, with its file and line."""

    file: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class SpecError(Exception):
    """The spec cannot be compiled.

    Attributes:
        mistakes: all mistakes that were found (at least one), in the order of the file.
    """

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
