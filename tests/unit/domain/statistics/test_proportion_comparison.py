"""Judging errors of requests."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
from handlers.domain.statistics.comparison import PairedSamples, Sample
from handlers.domain.statistics.counts import Counts, variance_ratio
from handlers.domain.statistics.proportion_comparison import compare_proportions
from tests.support.judged_series import MULTIPLICITY, counts, errors

EFFECT = Effect(times=2, by=0.005, at_least=5)


def judge(measured, effect=EFFECT, at_most=None, at_least=None):
    return compare_proportions(
        measured, effect=effect, at_most=at_most, at_least=at_least, multiplicity=MULTIPLICITY
    )


def test_the_same_errors_are_healthy():
    found = judge(errors())

    assert found.verdict is Verdict.HEALTHY
    assert found.value == pytest.approx(0.002, rel=0.2)
    assert found.control == pytest.approx(0.002, rel=0.2)


def test_no_errors_anywhere_are_healthy():
    assert judge(errors(color=0, control=0, before=0)).verdict is Verdict.HEALTHY


def test_five_times_the_errors_are_unhealthy():
    found = judge(errors(color=0.01))

    assert found.verdict is Verdict.UNHEALTHY
    assert "against the control (0.2" in found.detail


def test_errors_where_there_were_none_are_unhealthy_after_four_minutes():
    assert judge(errors(0.01, 0, 0, minutes=4)).verdict is Verdict.UNHEALTHY


def test_twice_the_errors_are_no_failure_while_half_a_point_is_not_exceeded():
    doubled = errors(color=0.0008, control=0.0004, before=0.0004, requests=6000)

    assert judge(doubled).verdict is Verdict.HEALTHY


def test_half_a_point_more_is_no_failure_while_it_is_not_twice_as_much():
    assert judge(errors(0.11, 0.1, 0.1, requests=6000)).verdict is Verdict.HEALTHY


def test_at_the_effect_itself_nothing_is_passed():
    assert judge(errors(0.01, 0.005, 0.005)).verdict is not Verdict.HEALTHY


def test_four_errors_never_condemn_a_release():
    few = errors(color=0, control=0, before=0, requests=60)
    values = [0.0] * 6 + [1.0] * 4

    found = judge(replace(few, color=Sample(values=values, totals=few.color.totals)))

    assert found.verdict is Verdict.INCONCLUSIVE


def test_too_few_requests_are_not_passed_without_a_single_error():
    assert judge(errors(0, 0, 0, requests=20)).verdict is Verdict.INCONCLUSIVE


def test_no_requests_are_no_data():
    assert judge(errors(0, 0, 0, requests=0)).verdict is Verdict.NO_DATA


def test_errors_that_begin_late_in_the_bake_are_not_averaged_away():
    measured = errors(requests=2000)
    values = [value + (40 if at > 6 else 0) for at, value in enumerate(measured.color.values)]

    found = judge(replace(measured, color=Sample(values=values, totals=measured.color.totals)))

    assert found.verdict is Verdict.UNHEALTHY


def test_errors_that_both_sides_share_are_nobodys_fault():
    assert judge(errors(color=0.05, control=0.05)).verdict is Verdict.HEALTHY


def test_a_limit_condemns_what_the_control_excuses():
    assert judge(errors(color=0.2, control=0.2), at_most=0.05).verdict is Verdict.UNHEALTHY


def successes(failing):
    """Measure what did not fail."""

    def rest(sample):
        values = [all_ - failed for failed, all_ in zip(sample.values, sample.totals, strict=True)]
        return replace(sample, values=values)

    measured = errors(color=failing, control=None)
    return replace(measured, color=rest(measured.color), before=rest(measured.before))


@pytest.mark.parametrize(
    ("failing", "verdict", "said"),
    [
        (0.9, Verdict.UNHEALTHY, "beyond doubt below the limit of 95 %"),
        (0.1, Verdict.UNHEALTHY, "beyond doubt below the limit of 95 %"),
        (0.002, Verdict.HEALTHY, "within the limit of 95 %"),
        (0.05, Verdict.INCONCLUSIVE, "too close to the limit of 95 %"),
    ],
)
def test_a_lower_limit_of_a_proportion_is_held(failing, verdict, said):
    found = judge(successes(failing), effect=None, at_least=0.95)

    assert found.verdict is verdict
    assert said in found.detail


def test_a_limit_that_cannot_be_shown_to_hold_is_not_passed():
    alone = errors(color=0.004, control=None)

    assert judge(alone, effect=None, at_most=0.005).verdict is Verdict.INCONCLUSIVE
    assert judge(alone, effect=None, at_most=0.05).verdict is Verdict.HEALTHY


def test_worse_than_its_own_past_alone_never_condemns():
    found = judge(errors(color=0.03, control=None), at_most=0.1)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert "against its own past" in found.detail


def test_without_a_control_its_past_may_show_it_healthy():
    assert judge(errors(color=0.0001, control=None)).verdict is Verdict.HEALTHY


def test_with_nothing_to_hold_it_against_nothing_is_healthy():
    assert judge(errors(), effect=None).verdict is Verdict.INCONCLUSIVE


def test_having_always_been_far_worse_excuses_nobody():
    measured = replace(errors(color=0.02, before=0.02), control_before=counts(0.002, 60, 1200.0))

    assert judge(measured).verdict is Verdict.UNHEALTHY


def test_bursts_of_errors_are_overdispersed():
    steady = variance_ratio([1.0, -1.0] * 30, 60.0, 10)
    dispersion = variance_ratio([3.0] * 5 + [-1.0] * 15 + [3.0] * 5 + [-1.0] * 15, 40.0, 10)

    assert steady == 1
    assert dispersion > 5


def test_ten_errors_against_none_in_twice_the_requests_are_beyond_doubt():
    """P(X = 10 of 10 | p = 1/3) is 1.7e-5 by hand."""
    ten = Counts(errors=10, requests=1000, control_requests=2000)

    assert ten.exceeds(1, 1.8e-5)
    assert not ten.exceeds(1, 1.6e-5)


@given(
    some.lists(some.integers(0, 60), min_size=10, max_size=10),
    some.integers(0, 9),
    some.integers(1, 300),
    some.sampled_from([0.0, 0.002, 0.02]),
)
def test_more_errors_never_make_a_release_healthier(values, at, more, control):
    measured = errors(control=control, before=control)
    worse = [value + (more if minute == at else 0) for minute, value in enumerate(values)]

    found = [
        judge(
            replace(
                measured, color=Sample(values=[*map(float, each)], totals=measured.color.totals)
            )
        )
        for each in (values, worse)
    ]

    order = [Verdict.HEALTHY, Verdict.INCONCLUSIVE, Verdict.UNHEALTHY]
    first, second = (order.index(each.verdict) for each in found)
    assert second >= min(first, 1)


@given(some.lists(some.floats(0, 1e4) | some.none(), max_size=25), some.floats(0, 1e4))
def test_judging_never_fails(values, requests):
    side = Sample(values=values, totals=[requests] * len(values))

    judge(PairedSamples(color=side, control=side, before=side, control_before=side), at_most=0.1)
    judge(PairedSamples(color=side, control=None, before=side), at_most=0.1)
