"""The usual noise of a series, and how much of it the mean of some minutes keeps."""

import math
from random import Random
from statistics import fmean, variance

import pytest

from handlers.domain.statistics.autocorrelation import (
    assume_noise,
    detrended_variance,
    estimate_noise,
    winsorized,
)


def ar1_series(autocorrelation, count, seed):
    random = Random(seed)  # noqa: S311  (noise)
    value, values = random.gauss(0, 1), []
    for _ in range(count):
        values.append(value)
        value = autocorrelation * value + random.gauss(0, math.sqrt(1 - autocorrelation**2))
    return values


@pytest.mark.parametrize("autocorrelation", [0, 0.5, 0.8])
def test_the_variance_of_a_mean_is_not_underrated_for_minutes_that_resemble_each_other(
    autocorrelation,
):
    means = [fmean(ar1_series(autocorrelation, 10, f"mean {seed}")) for seed in range(2000)]

    said = [
        estimate_noise(ar1_series(autocorrelation, 60, f"learn {seed}")).variance_of_mean(10)
        for seed in range(300)
    ]

    assert 0.9 * variance(means) < fmean(said) < 1.8 * variance(means)


def test_independent_minutes_average_out():
    noise = estimate_noise(ar1_series(0, 5000, "long"))

    assert noise.variance == pytest.approx(1, abs=0.1)
    assert noise.variance_of_mean(10) == pytest.approx(0.1, rel=0.2)


def test_minutes_that_resemble_each_other_count_as_fewer():
    assert (
        estimate_noise(ar1_series(0.8, 600, "one")).degrees_of_freedom
        < 200
        < estimate_noise(ar1_series(0, 600, "one")).degrees_of_freedom
    )


def test_gaps_do_not_make_strangers_neighbours():
    values = ar1_series(0.8, 600, "gaps")
    holed = [None if at % 7 == 3 else value for at, value in enumerate(values)]

    assert estimate_noise(holed).autocorrelation == pytest.approx(
        estimate_noise(values).autocorrelation, abs=0.05
    )


def test_from_eleven_values_no_noise_is_learned():
    assert estimate_noise([1.0] * 11) is None
    assert estimate_noise([1.0] * 11 + [None] * 50) is None
    assert estimate_noise([1.0] * 12) is not None


def test_a_leak_is_not_noise():
    assert detrended_variance([float(at) for at in range(10)]) == pytest.approx(0, abs=1e-12)
    assert detrended_variance([0.0, 1.0] * 5) > 0.2
    assert detrended_variance([1.0, 5.0]) == 0


def test_supposed_noise_allows_for_minutes_that_resemble_each_other():
    values = ar1_series(0, 10, "few")

    assert assume_noise(values, autocorrelation=0.5).variance_of_mean(10) > assume_noise(
        values, autocorrelation=0.1
    ).variance_of_mean(10)


def test_one_pause_in_ten_minutes_is_pulled_in():
    values = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 9.0, 1.1, 0.9]

    assert max(winsorized(values)) < 1.5
    assert winsorized(values)[:7] == values[:7]


def test_three_bad_minutes_in_ten_are_no_outliers():
    values = [1.0, 1.1, 9.0, 1.0, 9.5, 0.95, 1.0, 9.0, 1.1, 0.9]

    assert winsorized(values) == values


def test_a_series_that_never_changes_is_left_alone():
    assert winsorized([5.0] * 10) == [5.0] * 10
    assert estimate_noise([5.0] * 60).variance_of_mean(10) == 0
