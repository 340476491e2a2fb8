"""Preparing refuses an application that is unwell, unless that is why it is started."""

import pytest

from handlers import runtime
from handlers.domain.model.measurements import Alarm
from handlers.domain.model.rollout import Stage
from tests.support.builders import (
    GROUP,
    OLD,
    a_color,
    a_release,
    a_rollout,
    a_target,
    a_verification,
    after,
    an_application,
)
from tests.support.fakes import FakeMetrics
from tests.support.preparing import TAG, all_is_well, prepared
from tests.support.steps import put_back

DESPITE = TAG | {"despite": "it mends the outage"}


def firing(outside, **alarm):
    verification = a_verification(alarms=("{service}-5xx",))
    outside.apps = {"api": an_application(verification=verification)}
    names = [f"api-{color}-5xx" for color in ("red", "yellow", "green")]
    quiet = {name: Alarm(name=name, state="OK") for name in names}
    outside.metrics = FakeMetrics(**quiet)
    if alarm:
        outside.metrics.alarm_states["api-green-5xx"] = Alarm(name="api-green-5xx", **alarm)


def unhealthy(outside):
    all_is_well(runtime.context().gateways)
    outside.balancers.groups[GROUP][0] = a_target("i-api-red-0:32768", "unhealthy", "502s")


def found_bad(outside):
    bad = a_color("red", stage=Stage.PUT_BACK, outcome="unhealthy")
    earlier = a_rollout(bad, id="api-0", release=a_release(revision=OLD), outcome="unhealthy")
    outside.rollouts.create(earlier)


UNWELL = {
    "an alarm fires": (lambda o: firing(o, state="ALARM"), "alarm api-green-5xx: It is firing."),
    "an alarm is blind": (lambda o: firing(o, state="OK", blind="PARTIAL_DATA"), "It is blind"),
    "a color is unhealthy": (unhealthy, "red is not healthy: 1 of 2 targets"),
    "what runs was found bad": (found_bad, "api:41 was found unhealthy by an earlier rollout."),
}


@pytest.mark.parametrize(("make", "said"), UNWELL.values(), ids=UNWELL)
def test_an_application_that_is_unwell_is_refused_and_says_the_way(preparing, make, said):
    make(preparing)

    answer = prepared()

    assert answer["outcome"] == "already_unhealthy"
    assert said in answer["cause"]
    assert '"despite"' in answer["cause"]


@pytest.mark.parametrize(("make", "said"), UNWELL.values(), ids=UNWELL)
def test_it_starts_all_the_same_where_somebody_says_why(preparing, make, said):
    make(preparing)

    assert prepared(DESPITE)["outcome"] == "ready"
    assert preparing.rollouts.read("api-1").despite == "it mends the outage"


def test_quiet_alarms_let_it_start(preparing):
    firing(preparing)

    assert prepared(DESPITE)["outcome"] == "ready"
    assert preparing.rollouts.read("api-1").despite == ""


def test_a_revision_that_a_later_rollout_completed_is_not_bad_any_more(preparing):
    found_bad(preparing)
    good = {"release": a_release(revision=OLD), "outcome": "completed"}
    preparing.rollouts.create(a_rollout(id="api-00", started=after(minutes=1), **good))

    assert prepared()["outcome"] == "ready"


def test_nothing_is_put_back_to_a_revision_that_is_known_to_be_bad(at_rest):
    left = a_color("red", stage=Stage.FAILED, changed=True, outcome="unhealthy")
    rollout = a_rollout(left, known_bad=(OLD,))
    at_rest.rollouts.overwrite(rollout)

    put_back("token-1")

    red = at_rest.rollout.colors["red"]
    assert at_rest.ecs.updates == []
    assert red.stage is Stage.STRANDED
    assert red.detail == "api:41 was found unhealthy by an earlier rollout."
    assert at_rest.executions.answers["token-1"] == {"outcome": "stranded"}
