"""What is missing or broken is never healthy, in whatever way it is missing."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Effect
from handlers.domain.statistics.comparison import PairedSamples, Sample
from handlers.domain.statistics.level_comparison import compare_levels
from handlers.domain.statistics.proportion_comparison import compare_proportions
from tests.support.judged_series import MULTIPLICITY, errors, latency

BROKEN = {"nan": math.nan, "infinite": math.inf, "minus infinite": -math.inf, "negative": -1.0}
HOLES = {
    "nothing at all": range(10),
    "all but three minutes": range(3, 10),
    "a third": (1, 4, 7),
    "the last two minutes": (8, 9),
}


def judged_level(measured):
    effect = Effect(times=1.25, by=20)
    return compare_levels(
        measured, effect=effect, at_most=1000, at_least=None, multiplicity=MULTIPLICITY
    )


def judged_proportion(measured):
    effect = Effect(times=2, by=0.005, at_least=5)
    return compare_proportions(measured, effect=effect, at_most=0.05, multiplicity=MULTIPLICITY)


def with_values(side, minutes, value, what="values"):
    held = [*getattr(side, what)]
    for minute in minutes:
        held[minute] = value
    return replace(side, **{what: held})


BOTH = pytest.mark.parametrize(
    ("judge", "measured"), [(judged_level, latency()), (judged_proportion, errors())]
)


@BOTH
def test_whole_measurements_are_healthy(judge, measured):
    assert judge(measured).verdict is Verdict.HEALTHY


@BOTH
@pytest.mark.parametrize("minutes", HOLES.values(), ids=HOLES)
def test_a_color_with_holes_is_no_data(judge, measured, minutes):
    holed = replace(measured, color=with_values(measured.color, minutes, None))

    assert judge(holed).verdict is Verdict.NO_DATA


@BOTH
@pytest.mark.parametrize("minutes", [range(10), range(3, 10), range(5)], ids=str)
def test_a_control_with_holes_is_no_data(judge, measured, minutes):
    holed = replace(measured, control=with_values(measured.control, minutes, None))

    assert judge(holed).verdict is Verdict.NO_DATA


@BOTH
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("minutes", [(0,), (4,), (9,), range(10)], ids=str)
@pytest.mark.parametrize("side", ["color", "control"])
def test_one_value_that_cannot_be_true_is_enough_not_to_pass(judge, measured, value, minutes, side):
    broken = replace(measured, **{side: with_values(getattr(measured, side), minutes, value)})

    assert judge(broken).verdict is Verdict.NO_DATA


@pytest.mark.parametrize("value", [None, *BROKEN.values()], ids=["none", *BROKEN])
def test_requests_that_are_missing_or_broken_pass_no_errors(value):
    measured = errors()
    broken = replace(measured, color=with_values(measured.color, range(10), value, "totals"))

    assert judged_proportion(broken).verdict is Verdict.NO_DATA


def test_more_errors_than_requests_are_not_passed():
    measured = errors()
    broken = replace(measured, color=with_values(measured.color, (3,), 601.0))

    assert judged_proportion(broken).verdict is Verdict.NO_DATA


def test_requests_of_fewer_minutes_than_errors_are_not_passed():
    measured = errors()
    short = replace(measured.color, totals=measured.color.totals[:5])

    assert judged_proportion(replace(measured, color=short)).verdict is Verdict.NO_DATA


@BOTH
def test_empty_sides_are_no_data(judge, measured):
    empty = Sample(values=())

    assert judge(replace(measured, color=empty)).verdict is Verdict.NO_DATA
    assert judge(replace(measured, control=empty)).verdict is Verdict.NO_DATA
    everything = PairedSamples(color=empty, control=empty, before=empty, control_before=empty)
    assert judge(everything).verdict is Verdict.NO_DATA


def test_what_is_left_of_a_bad_release_may_still_condemn_it():
    slow = latency(color=400)
    holed = replace(slow, color=with_values(slow.color, (1, 4, 7), None))

    assert judged_level(holed).verdict is Verdict.UNHEALTHY


@pytest.mark.parametrize("control", [(), (None,) * 10], ids=["empty", "nothing"])
def test_beyond_its_limit_a_color_is_unhealthy_though_its_control_is_not_measured(control):
    side = Sample(values=control, totals=control)

    assert judged_level(replace(latency(color=2000), control=side)).verdict is Verdict.UNHEALTHY
    assert judged_proportion(replace(errors(color=0.2), control=side)).verdict is Verdict.UNHEALTHY


@BOTH
@given(some.sets(some.integers(0, 9), min_size=3), some.sampled_from([None, *BROKEN.values()]))
def test_three_minutes_in_ten_missing_or_broken_never_pass(judge, measured, minutes, value):
    holed = replace(measured, color=with_values(measured.color, minutes, value))

    assert judge(holed).verdict is not Verdict.HEALTHY
