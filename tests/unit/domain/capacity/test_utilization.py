"""What tasks use, worked out of hours; what was not measured is never called used."""

import math
from datetime import timedelta
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.capacity.utilization import (
    HOUR,
    Utilization,
    utilization_of,
)
from handlers.domain.model.measurements import Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
from tests.support.builders import NOW

NOTHING = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
REFUSED = Unmeasured(verdict=Verdict.ERROR, why="CloudWatch could not be asked: denied.")


def points(*values, period=HOUR):
    return Points(values={NOW - (n + 1) * period: value for n, value in enumerate(values)})


def test_use_is_the_median_of_averages_and_the_high_and_highest_of_maxima():
    averages = points(*([20.0] * 60 + [40.0] * 40))
    maxima = points(*([30.0] * 98 + [70.0, 90.0]))

    assert utilization_of(averages, maxima, HOUR) == Utilization(
        p50=20.0, p99=70.0, peak=90.0, measured=timedelta(hours=100)
    )


@pytest.mark.parametrize(("hours", "high"), [(1, 1.0), (99, 99.0), (100, 99.0), (336, 333.0)])
def test_the_high_value_is_the_one_that_a_hundredth_exceeds_at_most(hours, high):
    values = points(*map(float, range(1, hours + 1)))

    assert utilization_of(values, values, HOUR).p99 == high


HOURS = st.lists(
    st.lists(st.floats(0, 400), min_size=5, max_size=5),
    min_size=1,
    max_size=40,
)


@given(HOURS)
def test_the_high_value_of_hours_is_never_below_that_of_their_samples(hours):
    samples = sorted(sample for hour in hours for sample in hour)
    found = utilization_of(points(*map(mean, hours)), points(*map(max, hours)), HOUR)

    assert found.p99 >= samples[math.ceil(0.99 * len(samples)) - 1]
    assert found.peak == samples[-1]


@pytest.mark.parametrize(
    ("averages", "maxima"),
    [(NOTHING, points(9)), (points(9), NOTHING), (REFUSED, REFUSED), (points(), points())],
)
def test_what_was_not_measured_is_not_used(averages, maxima):
    assert isinstance(utilization_of(averages, maxima, HOUR), Unmeasured)
