"""The distributions, held against SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import special, stats

from handlers.domain.statistics.quantiles import (
    beta_cdf,
    gamma_cdf,
    poisson_lower_limit,
    poisson_upper_limit,
    t_cdf,
    t_quantile,
)

counts = some.floats(0.1, 50_000)
chances = some.floats(1e-7, 0.4)


@given(some.floats(0.001, 0.999), counts, counts)
def test_the_beta_distribution_is_scipys(x, a, b):
    assert beta_cdf(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-7, abs=1e-9)


@given(some.floats(0, 1e5), counts)
def test_the_gamma_distribution_is_scipys(x, shape):
    assert gamma_cdf(x, shape) == pytest.approx(special.gammainc(shape, x), rel=1e-7, abs=1e-9)


@given(some.floats(-50, 50), some.floats(1, 1e8))
def test_students_t_is_scipys(t, freedom):
    assert t_cdf(t, freedom) == pytest.approx(stats.t.cdf(t, freedom), rel=1e-6, abs=1e-9)


@given(chances, some.floats(1, 1e8))
def test_the_quantile_of_students_t_is_scipys(alpha, freedom):
    assert t_quantile(alpha, freedom) == pytest.approx(stats.t.isf(alpha, freedom), rel=1e-6)


@given(counts, chances)
def test_the_limits_of_a_poisson_count_are_garwoods(events, alpha):
    low, high = special.gammaincinv(events, alpha), special.gammainccinv(events + 1, alpha)

    assert poisson_lower_limit(events, alpha) == pytest.approx(low, rel=1e-6, abs=1e-8)
    assert poisson_upper_limit(events, alpha) == pytest.approx(high, rel=1e-6)


def test_after_no_event_at_all_about_three_in_so_many_are_believable():
    assert poisson_upper_limit(0, 0.05) == pytest.approx(2.9957, abs=1e-4)
    assert poisson_lower_limit(0, 0.05) == 0


def test_what_cannot_be_is_nought_or_one():
    assert beta_cdf(0, 1, 1) == 0
    assert beta_cdf(1, 1, 1) == 1
    assert gamma_cdf(0, 1) == 0


@pytest.mark.parametrize("events", [2e7, 1e9, 1e12])
@pytest.mark.parametrize("alpha", [1e-5, 0.01])
def test_of_very_many_events_the_approximation_is_scipys_too(events, alpha):
    assert poisson_lower_limit(events, alpha) == pytest.approx(
        special.gammaincinv(events, alpha), rel=1e-8
    )
    assert poisson_upper_limit(events, alpha) == pytest.approx(
        special.gammainccinv(events, alpha), rel=1e-7
    )
    middle = events / (events + 1e9)
    assert beta_cdf(middle, events, 1e9) == pytest.approx(
        special.betainc(events, 1e9, middle), abs=1e-5
    )
