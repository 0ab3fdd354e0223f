"""Random walks that compare the mock with the real middleware."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .random_walk import walk
from .real_middleware import MiddlewareLauncher
from .walk.inputs import ServiceSources
from .walk.middleware_pair import Difference, shrink_difference
from .walk.steps import Step

STEPS = 900
"""The number of steps in each walk; at least 5,000 in all walks."""
SEEDS = range(0, 60, 10)
"""The seed of the first sequence of each walk; later sequences have the following seeds."""


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> ServiceSources:
    """Create repositories that services are registered from."""
    return ServiceSources.create(tmp_path_factory.mktemp("sources"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_walk_finds_no_difference(
    launcher: MiddlewareLauncher, sources: ServiceSources, seed: int
) -> None:
    for difference in walk(launcher, sources, seed, STEPS):
        assert difference is None, f"The mock differs from the real middleware: {difference}"


def test_random_walks_have_at_least_5000_steps() -> None:
    assert STEPS * len(SEEDS) >= 5000


def test_difference_is_shown_with_the_steps_that_reproduce_it() -> None:
    steps = tuple(Step("user", target=b"/%d" % number) for number in range(100))
    needed = {steps[17], steps[80], steps[-1]}

    def replay(shorter: Sequence[Step]) -> Difference | None:
        differs = needed <= set(shorter)
        return Difference(tuple(shorter), {"body": (b"a", b"b")}) if differs else None

    shortest = shrink_difference(Difference(steps, {"body": (b"a", b"b")}), replay, seconds=30)
    assert set(shortest.steps) == needed
    assert "3 steps" in str(shortest)
    assert "user: GET /80" in str(shortest)
