import pytest

from benchmarks.samples import Samples


def test_a_ratio_is_that_of_measurements_made_beside_each_other() -> None:
    ratio = Samples([10.0, 20.0, 90.0]).over(Samples([10.0, 10.0, 30.0]))

    assert ratio.values == [1.0, 2.0, 3.0]
    assert f"{ratio}" == "2.00 (1.00..3.00)"


def test_those_that_were_not_measured_beside_each_other_have_no_such_ratio() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Samples([1.0, 2.0]).over(Samples([1.0]))


def test_what_was_measured_once_is_compared_by_the_medians() -> None:
    ratio = Samples([10.0, 20.0, 60.0]).against(Samples([10.0]))

    assert f"{ratio}" == "2.00"


def test_as_many_measurements_are_compared_one_by_one() -> None:
    assert Samples([1.0, 4.0]).against(Samples([1.0, 2.0])).values == [1.0, 2.0]
