import pytest

from benchmarks.results import Samples


def test_ratio_of_samples_divides_measurements_pair_by_pair() -> None:
    ratio = Samples([10.0, 20.0, 90.0]).over(Samples([10.0, 10.0, 30.0]))

    assert ratio.values == [1.0, 2.0, 3.0]
    assert f"{ratio}" == "2.00 (1.00..3.00)"


def test_pairwise_ratio_of_samples_with_different_lengths_raises_value_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Samples([1.0, 2.0]).over(Samples([1.0]))


def test_samples_with_different_lengths_are_compared_by_their_medians() -> None:
    ratio = Samples([10.0, 20.0, 60.0]).against(Samples([10.0]))

    assert f"{ratio}" == "2.00"


def test_samples_with_equal_lengths_are_compared_pair_by_pair() -> None:
    assert Samples([1.0, 4.0]).against(Samples([1.0, 2.0])).values == [1.0, 2.0]
