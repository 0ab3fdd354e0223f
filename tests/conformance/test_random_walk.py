"""Long random sequences of requests find no difference between the mock and the real middleware."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .random_walk import walk
from .real import Zygote
from .walk.material import Sources
from .walk.pair import Difference, shrunk
from .walk.steps import Step

STEPS = 900
"""Steps of each walk; all of them together at least 5,000."""
SEEDS = range(0, 60, 10)
"""Of the first sequence of each walk; the others have the numbers behind it."""


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Repositories that services can be registered from."""
    return Sources.create(tmp_path_factory.mktemp("sources"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_walk(zygote: Zygote, sources: Sources, seed: int) -> None:
    for found in walk(zygote, sources, seed, STEPS):
        assert found is None, f"the mock differs from the real middleware: {found}"


def test_the_walks_are_long_enough() -> None:
    assert STEPS * len(SEEDS) >= 5000


def test_a_difference_is_told_with_the_steps_that_lead_there() -> None:
    steps = tuple(Step("user", target=b"/%d" % number) for number in range(100))
    needed = {steps[17], steps[80], steps[-1]}

    def again(shorter: Sequence[Step]) -> Difference | None:
        differs = needed <= set(shorter)
        return Difference(tuple(shorter), {"body": (b"a", b"b")}) if differs else None

    shortest = shrunk(Difference(steps, {"body": (b"a", b"b")}), again, seconds=30)
    assert set(shortest.steps) == needed
    assert "3 steps" in str(shortest)
    assert "user: GET /80" in str(shortest)
