"""Every way in which a measurement can be missing or broken: none of them ever passes."""

import math

import pytest

from handlers.domain.model.errors import Transient
from handlers.domain.model.measurements import Alarm, Answer, Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Reaction
from tests.support.builders import GROUP, a_target
from tests.support.observations import (
    AT_ITS_LONGEST,
    AT_THE_END_OF_THE_BAKE,
    COLORS,
    World,
    looked,
    with_values,
)

NO_DATA = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
ERROR = Unmeasured(verdict=Verdict.ERROR, why="CloudWatch said InternalError.")
DECIDING = ("requests", "errors", "latency", "memory")
BAKE_BEGINS = 70
"""Index of the first minute on the release."""


def during_the_bake(change):
    return lambda n, value: change(n - BAKE_BEGINS) if n >= BAKE_BEGINS else value


def gone(check, color, how):
    def break_it(world):
        world.unmeasured[check, color] = how

    return break_it


def values(check, color, change):
    return lambda world: with_values(world, check, color, during_the_bake(change))


def ecs_fails(world):
    def fail(*_, **__):
        raise Transient("describe tasks: ThrottlingException")

    world.ecs.tasks = fail


def revisions_unreadable(world):
    def fail(_):
        raise Transient("describe task definition: ServerException")

    world.ecs.task_definition = fail


def put(name, value):
    return lambda world: setattr(world, name, value)


def lines(color, found):
    return lambda world: world.lines.update({color: found})


def targets(*states):
    return lambda world: world.balancers.groups.update({GROUP: list(states)})


def dry(world):
    everything = {name: {"dry_run": True} for name in (*DECIDING, "cpu")}
    world.settings = world.settings | {
        "verification": {"metrics": everything, "logs": {"errors": {"dry_run": True}}}
    }
    world.unmeasured |= dict.fromkeys([(c, "red") for c in DECIDING], ERROR)
    world.ecs.running["api-red"] = []


HOLES = {
    "all of it": lambda _: None,
    "but three minutes": lambda n: 1.0 if n < 3 else None,
    "every second minute": lambda n: None if n % 2 else 1.0,
    "the last six minutes": lambda n: None if n > 5 else 1.0,
}
BROKEN = {
    "no number": lambda _: math.nan,
    "infinite": lambda _: math.inf,
    "negative": lambda _: -5.0,
}
ALARMS = {
    "with too little data": Alarm(name="a", state="INSUFFICIENT_DATA"),
    "of an unknown state": Alarm(name="a", state="TOMORROW"),
    "of no state": Alarm(name="a", state=""),
    "missing": ERROR,
    "firing": Alarm(name="a", state="ALARM"),
    **{
        f"blind by {why}": Alarm(name="a", state="OK", blind=why)
        for why in ("PARTIAL_DATA", "EVALUATION_ERROR", "EVALUATION_FAILURE")
    },
}
WAYS = {
    **{
        f"{check} of {color} is {how.verdict}": gone(check, color, how)
        for check in DECIDING
        for color in ("red",)
        for how in (NO_DATA, ERROR)
    },
    **{
        f"{check} of the control {color} is {how.verdict}": gone(check, color, how)
        for check in ("errors", "latency", "memory")
        for color in COLORS[1:]
        for how in (NO_DATA, ERROR)
    },
    **{
        f"{check} lacks {hole}": values(check, "red", change)
        for check in ("latency", "memory", "errors")
        for hole, change in HOLES.items()
    },
    **{
        f"{check} is {name}": values(check, "red", change)
        for check in ("latency", "memory", "errors")
        for name, change in BROKEN.items()
    },
    **{f"an alarm {name}": put("alarm", alarm) for name, alarm in ALARMS.items()},
    "the control's minutes are missing": values("latency", "green", HOLES["all of it"]),
    "the denominator is missing": gone("requests", "red", ERROR),
    "there are more errors than requests": values("errors", "red", lambda _: 900.0),
    "there are no requests": values("requests", "red", lambda _: 0.0),
    "there are too few requests": values("requests", "red", lambda _: 3.0),
    "requests are no number": values("requests", "red", lambda _: math.nan),
    "the log group is unknown": lines("red", ERROR),
    "the log streams are missing": lines("red", NO_DATA),
    "the control's logs cannot be read": lines("yellow", ERROR),
    "the logs were not read whole": lines("red", Lines(count=0, is_whole=False)),
    "where it logs cannot be read": revisions_unreadable,
    "the color does not answer": put("answer", ERROR),
    "the color answers something else": put("answer", Answer(status=503, body="ok")),
    "the color says something else": put("answer", Answer(status=200, body="maintenance")),
    "ECS cannot be asked": ecs_fails,
    "no task runs": lambda world: world.ecs.running.update({"api-red": []}),
    "its target is not registered": targets(a_target("i-green:32768")),
    "its target is unhealthy": targets(a_target("i-red:32768", "unhealthy")),
    "its target's state is not known": targets(a_target("i-red:32768", "tomorrow")),
    "all metrics are dry runs and no task runs": dry,
}


@pytest.mark.parametrize("now", [AT_THE_END_OF_THE_BAKE, AT_ITS_LONGEST], ids=["bake", "longest"])
def test_everything_measured_and_good_passes(now):
    evidence = looked(World(), now)

    assert (evidence.verdict, evidence.reaction) == (Verdict.HEALTHY, Reaction.GO_ON)
    assert {each.check for each in evidence.results} == {
        *("tasks", "restarts", "alarm api-red-5xx", "requests", "errors", "latency", "memory"),
        *("cpu", "log errors", "smoke"),
    }


@pytest.mark.parametrize("break_it", WAYS.values(), ids=WAYS)
def test_nothing_that_is_missing_or_broken_passes(break_it):
    world = World()
    break_it(world)

    evidence = looked(world)

    assert evidence.verdict is not Verdict.HEALTHY
    assert evidence.reaction is not Reaction.GO_ON


@pytest.mark.parametrize("break_it", WAYS.values(), ids=WAYS)
def test_what_stays_missing_or_broken_is_asked_about_or_rolled_back(break_it):
    world = World()
    break_it(world)

    assert looked(world, AT_ITS_LONGEST).reaction in {Reaction.ASK, Reaction.ROLL_BACK}


def test_the_period_that_is_still_filling_says_nothing():
    world = World()
    with_values(world, "latency", "red", lambda n, v: 9000.0 if n >= BAKE_BEGINS + 11 else v)

    assert looked(world).result("latency").verdict is Verdict.HEALTHY


def test_a_clear_failure_ends_the_bake_and_a_success_does_not():
    good, bad = World(), World()
    with_values(bad, "errors", "red", during_the_bake(lambda _: 90.0))
    soon = AT_THE_END_OF_THE_BAKE.replace(minute=7)

    assert looked(good, soon).reaction is Reaction.LOOK_AGAIN
    assert looked(bad, soon).reaction is Reaction.ROLL_BACK
