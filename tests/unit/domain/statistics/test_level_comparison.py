"""Judging a latency or a memory."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
from handlers.domain.statistics.comparison import PairedSamples, Sample
from handlers.domain.statistics.level_comparison import compare_levels
from tests.support.judged_series import MULTIPLICITY, latency, levels

EFFECT = Effect(times=1.25, by=20)


def judge(measured, effect=EFFECT, at_most=None, at_least=None):
    return compare_levels(
        measured,
        effect=effect,
        at_most=at_most,
        at_least=at_least,
        multiplicity=MULTIPLICITY,
        unit="ms",
    )


def test_the_same_latency_is_healthy():
    found = judge(latency())

    assert found.verdict is Verdict.HEALTHY
    assert found.value == pytest.approx(200, rel=0.02)
    assert found.control == pytest.approx(200, rel=0.02)


def test_half_as_much_again_is_unhealthy():
    found = judge(latency(color=300))

    assert found.verdict is Verdict.UNHEALTHY
    assert "49 % more against the control (201 ms), beyond doubt 3" in found.detail


def test_what_has_always_set_the_colors_apart_is_no_difference():
    assert judge(latency(color=300, before=300)).verdict is Verdict.HEALTHY
    assert judge(latency(color=300, before=200, control=300)).verdict is Verdict.HEALTHY


def test_a_color_that_used_to_be_faster_and_is_not_now_is_unhealthy():
    assert judge(latency(color=300, control=300, control_before=450)).verdict is Verdict.UNHEALTHY


def test_a_quarter_more_of_little_does_not_matter():
    small = latency(color=13, control=10, before=10, control_before=10)

    assert judge(small).verdict is Verdict.HEALTHY
    assert judge(small, effect=Effect(times=1.25, by=1)).verdict is Verdict.UNHEALTHY


def test_a_difference_that_just_matters_is_not_passed():
    assert judge(latency(color=246)).verdict is Verdict.INCONCLUSIVE


def test_a_leak_is_not_averaged_away():
    leak = latency(growing=0.045)

    found = judge(leak)

    assert found.verdict is Verdict.UNHEALTHY
    assert "in the last 4 periods" in found.detail


def test_a_growth_that_would_matter_in_as_much_time_again_is_not_passed():
    found = judge(latency(growing=0.018))

    assert found.verdict is Verdict.INCONCLUSIVE
    assert "growing" in found.detail


def test_one_long_pause_is_not_held_against_a_release():
    measured = latency()
    values = [*measured.color.values]
    values[4] = 5_000

    assert judge(replace(measured, color=Sample(values=values))).verdict is Verdict.HEALTHY


def test_three_long_pauses_in_ten_minutes_are_not_passed():
    measured = latency()
    values = [
        value * (8 if at in {2, 5, 8} else 1) for at, value in enumerate(measured.color.values)
    ]

    assert judge(replace(measured, color=Sample(values=values))).verdict is not Verdict.HEALTHY


def test_beyond_its_limit_a_level_is_unhealthy_without_a_control():
    found = judge(latency(color=600, control=None), effect=None, at_most=500)

    assert found.verdict is Verdict.UNHEALTHY
    assert "limit of 500 ms" in found.detail


def test_close_below_its_limit_a_level_is_not_passed():
    assert judge(latency(color=498), effect=None, at_most=500).verdict is Verdict.INCONCLUSIVE
    assert judge(latency(color=300), effect=None, at_most=500).verdict is Verdict.HEALTHY


def test_a_lower_limit_is_held_too():
    assert judge(latency(color=20), effect=None, at_least=50).verdict is Verdict.UNHEALTHY
    assert judge(latency(color=50), effect=None, at_least=50).verdict is Verdict.INCONCLUSIVE
    assert judge(latency(color=90), effect=None, at_least=50).verdict is Verdict.HEALTHY


def test_worse_than_its_own_past_alone_never_condemns():
    found = judge(latency(color=600, control=None), at_most=1_000)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert "against its own past" in found.detail


def test_without_a_control_and_with_a_limit_that_holds_it_is_healthy():
    assert judge(latency(control=None), at_most=1_000).verdict is Verdict.HEALTHY


def test_without_a_control_or_a_limit_its_own_past_shows_it_healthy_and_is_named():
    found = judge(latency(control=None))
    noisy = judge(latency(color=246, control=None))

    assert found.verdict is Verdict.HEALTHY
    assert "against its own past" in found.detail
    assert noisy.verdict is Verdict.INCONCLUSIVE


def test_without_any_past_a_small_sample_passes_nothing():
    measured = replace(latency(), before=Sample(values=()), control_before=None)

    assert judge(measured).verdict is Verdict.INCONCLUSIVE
    assert judge(latency(color=900)).verdict is Verdict.UNHEALTHY


def test_with_nothing_to_hold_it_against_nothing_is_healthy():
    assert judge(latency(), effect=None).verdict is Verdict.INCONCLUSIVE


def test_a_level_of_nought_can_be_judged():
    idle = PairedSamples(
        color=levels(0), control=levels(0), before=levels(0, 60), control_before=levels(0, 60)
    )

    assert judge(idle, effect=None, at_most=80).verdict is Verdict.HEALTHY
    assert judge(idle, effect=None, at_least=1).verdict is Verdict.UNHEALTHY


@given(some.floats(0.8, 3), some.floats(1, 2))
def test_a_slower_release_is_never_found_healthier(color, more):
    better = judge(latency(color=200 * color)).verdict
    worse = judge(latency(color=200 * color * more)).verdict

    order = [Verdict.HEALTHY, Verdict.INCONCLUSIVE, Verdict.UNHEALTHY]
    assert order.index(better) <= order.index(worse)


@given(some.floats(0.8, 2), some.floats(0.001, 1000))
def test_the_unit_does_not_matter(color, scale):
    measured = latency(color=200 * color)
    scaled = latency(200 * color * scale, 200 * scale, 200 * scale, 200 * scale)

    found = judge(measured)
    other = judge(scaled, effect=Effect(times=1.25, by=20 * scale))

    assert other.verdict is found.verdict
    assert math.isclose(other.value, found.value * scale, rel_tol=1e-6)


@given(some.lists(some.floats(1, 1e6) | some.none(), max_size=25))
def test_judging_never_fails(values):
    judge(replace(latency(), color=Sample(values=values)), at_most=100, at_least=1)
