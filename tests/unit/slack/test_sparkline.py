"""Sparklines: short, true to the values, and never drawn where nothing was measured."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.sparkline import BARS, MAX_BARS, sparkline


def test_values_are_drawn_from_the_least_to_the_greatest():
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert sparkline([8, 1]) == "█▁"


def test_what_does_not_change_is_flat():
    assert sparkline([5, 5, 5]) == "▁▁▁"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([7]) == "▁"


def test_ordinary_noise_is_drawn_lower_than_a_jump():
    noise = sparkline([208, 212, 210, 209])
    jump = sparkline([208, 212, 210, 912])

    assert "█" not in noise
    assert jump.endswith("█")


def test_what_was_not_measured_leaves_a_gap():
    assert sparkline([1, None, 8]) == "▁·█"
    assert sparkline([1, math.nan, math.inf, 8]) == "▁··█"


@pytest.mark.parametrize("values", [[], [None], [math.nan, None]])
def test_without_values_nothing_is_drawn(values):
    assert sparkline(values) == ""


def test_a_long_series_is_averaged_into_as_many_bars_as_fit():
    assert sparkline([1] * 30 + [8] * 30) == "▁" * 10 + "█" * 10
    assert sparkline([1, 1, 8, 8], most=2) == "▁█"


def test_a_gap_in_a_long_series_is_filled_by_its_neighbor():
    assert sparkline([1, None, 8, None], most=2) == "▁█"


numbers = st.none() | st.floats() | st.integers(-(10**6), 10**6)


@given(st.lists(numbers, max_size=70))
def test_every_series_is_drawn(values):
    drawn = sparkline(values)

    assert len(drawn) <= min(len(values), MAX_BARS)
    assert set(drawn) <= {*BARS, "·"}


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=MAX_BARS))
def test_a_greater_value_is_never_a_lower_bar(values):
    drawn = sparkline(values)

    ordered = sorted(zip(values, drawn, strict=True))
    assert [BARS.index(bar) for _, bar in ordered] == sorted(BARS.index(b) for b in drawn)
