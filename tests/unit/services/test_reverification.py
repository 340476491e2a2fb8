"""Verification goes on: a color that turns bad while people are asked about the next one."""

import pytest

from handlers import follow_alarm, request_approval
from handlers.domain.history.audit import EventKind
from handlers.domain.model.errors import Transient
from handlers.domain.model.measurements import Alarm
from handlers.domain.model.rollout import Stage
from tests.support.builders import (
    GROUP,
    NOW,
    OLD,
    a_color,
    a_deployment,
    a_released_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
    a_verification,
    after,
    an_application,
    an_approval,
    an_evidence,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers, FakeMetrics

ROLLOUT = "api-v1.42.0-1"


NEXT = "token-2"


def ask_again(token=NEXT):
    payload = {"rollout": ROLLOUT, "color": "yellow", "about": "release", "token": token}
    request_approval.lambda_handler(payload, None)


def alarm_goes_off(name="api-red-5xx"):
    detail = {"alarmName": name, "state": {"value": "ALARM"}}
    follow_alarm.lambda_handler({"source": "aws.cloudwatch", "detail": detail}, None)


def colors(outside):
    return outside.rollout.colors


@pytest.fixture
def waiting(outside):
    """Have red on the release and well, yellow asked about by `token-1`, and an alarm for red."""
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    released = a_released_color("red", evidence=an_evidence(), times={Stage.VERIFYING: NOW})
    asking = a_color("yellow", stage=Stage.ASKING, approval="question-yellow")
    outside.hold(a_rollout(released, asking))
    outside.approvals.ask(an_approval(id="question-yellow", color="yellow"))
    before = a_deployment(id="ecs-svc/before", task_definition=OLD)
    others = (a_service(before, color=color) for color in ("yellow", "green"))
    outside.ecs = FakeEcs(a_service(a_deployment(id="ecs-svc/red")), *others)
    places = ("i-0a:32768", "i-0b:32768")
    outside.ecs.running["api-red"] = [a_task(place, endpoints=(place,)) for place in places]
    outside.balancers = FakeBalancers(**{GROUP: [a_target(place) for place in places]})
    verification = a_verification(alarms=("{service}-5xx",))
    outside.apps = {"api": an_application(verification=verification)}
    outside.metrics = alarms("OK")
    outside.time = after(minutes=30)
    return outside


def alarms(state):
    name = "api-red-5xx"
    return FakeMetrics(**{name: Alarm(name=name, state=state, reason="Threshold Crossed.")})


@pytest.mark.parametrize("look", [ask_again, alarm_goes_off])
def test_a_color_that_turned_bad_withdraws_the_question_and_is_rolled_back(waiting, look):
    waiting.metrics = alarms("ALARM")

    look()

    assert (colors(waiting)["red"].stage, colors(waiting)["red"].outcome) == (
        Stage.FAILED,
        "unhealthy",
    )
    assert "Threshold Crossed" in colors(waiting)["red"].failure
    assert colors(waiting)["yellow"].decision.outcome == "withdrawn"
    assert {"outcome": "withdrawn"} in waiting.executions.answers.values()


def test_it_is_told_in_the_thread_and_noted(waiting):
    waiting.metrics = alarms("ALARM")

    ask_again()

    assert any("red turned unhealthy" in line for line in waiting.slack.said(in_thread=True))
    (noted,) = waiting.audit.details(EventKind.LATE_FAILURE)
    assert noted.startswith("unhealthy: ")


@pytest.mark.parametrize("look", [ask_again, alarm_goes_off])
def test_a_color_that_is_well_keeps_the_question_open(waiting, look):
    look()

    assert colors(waiting)["red"].stage is Stage.RELEASED
    assert colors(waiting)["red"].evidence.at == after(minutes=30)
    assert waiting.executions.answers == {}


def test_a_look_that_fails_changes_nothing(waiting):
    def fail(*_, **__):
        raise Transient("list tasks: ThrottlingException")

    before = colors(waiting)["red"]
    waiting.ecs.tasks = fail

    ask_again()

    assert colors(waiting)["red"] == before
    assert waiting.executions.answers == {}


def test_a_blind_alarm_withdraws_nothing(waiting):
    waiting.metrics = FakeMetrics()

    ask_again()

    assert colors(waiting)["red"].stage is Stage.RELEASED
    assert waiting.executions.answers == {}


def test_an_alarm_of_nobodys_changes_nothing(waiting):
    before = waiting.rollout

    alarm_goes_off("billing")

    assert waiting.rollout == before


def test_an_alarm_where_nothing_waits_changes_nothing(waiting):
    waiting.rollouts.close(ROLLOUT, outcome="completed", cause="", now=NOW)
    before = waiting.rollout

    alarm_goes_off()

    assert waiting.rollout == before


def test_the_same_alarm_twice_is_told_once(waiting):
    waiting.metrics = alarms("ALARM")

    alarm_goes_off()
    told = len(waiting.slack.messages)
    alarm_goes_off()

    assert len(waiting.slack.messages) == told
    assert len(waiting.audit.details(EventKind.LATE_FAILURE)) == 1
