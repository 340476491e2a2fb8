"""Rolling back now, withdrawing, cancelling and putting back: who may, when, and what it ends."""

from dataclasses import replace

import pytest

from handlers import runtime
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.history.audit import Actor, EventKind
from handlers.domain.model.errors import SlackUnavailable
from handlers.domain.model.prerequisite import Awaits, turn_wait
from handlers.domain.model.rollout import Stage
from handlers.services import approvals, rollout_actions
from handlers.services.approvals import Reply
from tests.support.builders import (
    NOW,
    a_color,
    a_decision,
    a_deploying_color,
    a_released_color,
    a_returning_color,
    a_rollout,
    a_wait,
    after,
    an_application,
    an_approval,
    an_awaited,
    an_ended_rollout,
    service_arn,
)
from tests.support.handler_gateways import Light

NOTHING_MORE = Reply(counts=True)


def by(person):
    return Actor(id=person, source="slack")


def slack_is_silent(monkeypatch):
    def members(self, group):
        raise SlackUnavailable("usergroups.users.list: timed out")

    monkeypatch.setattr(Light, "members", members)


def decision(outside, question):
    return outside.approvals.get(question).decision


def kinds(outside):
    return [entry.kind for entry in outside.audit.entries("api-v1.42.0-1")]


def open_rollout(outside, *colors, **given):
    """Have an open rollout of api, and bob alone to approve it."""
    rules = dict.fromkeys(("red", "yellow", "green"), ApprovalRules(users=("U0BOB",)))
    outside.apps = {"api": an_application(rules=rules)}
    return outside.hold(a_rollout(*colors, **given))


def rolled_back(person="U0BOB"):
    return rollout_actions.roll_back_now(runtime.context(), "api-v1.42.0-1", by(person))


def test_rolling_back_while_a_color_is_asked_about_ends_the_question(outside):
    yellow = a_color("yellow", approval="question-yellow", stage=Stage.ASKING)
    open_rollout(outside, a_released_color("red"), yellow)
    outside.approvals.ask(an_approval(id="question-yellow", color="yellow", token="token-2"))

    assert rolled_back() == NOTHING_MORE

    assert decision(outside, "question-yellow").outcome == "roll_back"
    assert outside.executions.answers == {"token-2": {"outcome": "roll_back"}}
    assert outside.rollout.roll_back_asked == a_decision("roll_back", by="U0BOB")
    assert kinds(outside) == [EventKind.ROLL_BACK_ASKED]


def test_rolling_back_while_a_color_is_deployed_ends_the_wait(outside):
    open_rollout(outside, a_deploying_color("red", service_arn=service_arn("api-red")))
    outside.waits.put(a_wait("red", token="token-3"))

    assert rolled_back() == NOTHING_MORE

    assert outside.executions.answers == {"token-3": {"outcome": "roll_back"}}


def test_rolling_back_while_a_color_is_verified_leaves_word_for_the_next_step(outside):
    open_rollout(outside, a_released_color("red", stage=Stage.VERIFYING, decision=a_decision()))

    assert rolled_back() == NOTHING_MORE

    assert outside.executions.answers == {}
    assert outside.rollout.roll_back_asked.by == "U0BOB"


@pytest.mark.parametrize(
    "wait",
    [
        a_wait("red", rollout="api-of-someone-else"),
        a_wait("red", returning=True),
    ],
)
def test_rolling_back_ends_no_wait_of_another_rollout_or_of_going_back(outside, wait):
    open_rollout(outside, a_returning_color("red", service_arn=service_arn("api-red")))
    outside.waits.put(wait)

    rolled_back()

    assert outside.executions.answers == {}


def test_rolling_back_goes_on_though_a_token_is_gone(outside):
    open_rollout(outside, a_deploying_color("red", service_arn=service_arn("api-red")))
    outside.waits.put(a_wait("red", token="token-3"))
    outside.executions.gone.add("token-3")

    assert rolled_back() == NOTHING_MORE
    assert outside.rollout.roll_back_asked.by == "U0BOB"


def test_rolling_back_is_for_those_who_may_approve(outside):
    open_rollout(outside, a_released_color("red"))

    reply = rolled_back("U0EVE")

    assert reply == Reply(counts=False, text="You may not roll back api. <@U0BOB> may.")
    assert outside.rollout.roll_back_asked is None


def test_rolling_back_needs_slack_where_groups_are_named(outside, monkeypatch):
    open_rollout(outside, a_released_color("red"))
    outside.apps = {"api": an_application(rules={"red": ApprovalRules(groups=("S0SRE",))})}
    slack_is_silent(monkeypatch)

    assert rolled_back() == Reply(counts=False, text=approvals.NO_GROUPS)
    assert outside.rollout.roll_back_asked is None


def test_there_is_nothing_to_roll_back_before_a_color_was_changed(outside):
    open_rollout(outside)

    assert not rolled_back().counts
    assert outside.rollout.roll_back_asked is None


@pytest.mark.parametrize("act", [rollout_actions.roll_back_now, rollout_actions.withdraw_rollout])
def test_an_ended_or_unknown_rollout_cannot_be_ended_again(outside, act):
    outside.rollouts.create(an_ended_rollout())

    for rollout in ("api-v1.42.0-1", "never-begun"):
        assert act(runtime.context(), rollout, by("U0CAROL")) == Reply(
            counts=False, text="This rollout has ended."
        )


@pytest.mark.parametrize("name", ["api@v1.42.0", "api+1", "deploy=1", "é", "(" * 80])
def test_a_rollout_of_any_name_that_aws_allows_can_be_ended(outside, name):
    outside.hold(a_rollout(id=name))

    act = rollout_actions.withdraw_rollout(runtime.context(), name, by("U0CAROL"))

    assert act == Reply(counts=True)
    assert outside.rollouts.read(name).roll_back_asked.by == "U0CAROL"


def withdrawn(person="U0CAROL"):
    return rollout_actions.withdraw_rollout(runtime.context(), "api-v1.42.0-1", by(person))


def asked_about_red(outside):
    """Have an open rollout that asks about red."""
    open_rollout(outside, a_color("red", approval="question-red", stage=Stage.ASKING))
    outside.approvals.ask(an_approval(id="question-red"))


def test_whoever_asked_withdraws_before_anything_was_changed(outside):
    asked_about_red(outside)

    assert withdrawn() == NOTHING_MORE

    assert decision(outside, "question-red").outcome == "withdrawn"
    assert outside.executions.answers == {"token-1": {"outcome": "withdrawn"}}
    assert outside.rollout.roll_back_asked == a_decision("withdrawn", by="U0CAROL")


def test_nobody_else_withdraws(outside):
    asked_about_red(outside)

    reply = withdrawn("U0BOB")

    assert reply.text == "Only <@U0CAROL>, who asked for it, may withdraw it."
    assert outside.rollout.roll_back_asked is None


def test_withdrawing_after_a_change_points_to_roll_back_now(outside):
    open_rollout(outside, a_released_color("red"))

    reply = withdrawn()

    assert not reply.counts
    assert "*Roll back now*" in reply.text
    assert outside.rollout.roll_back_asked is None


def test_cancel_withdraws_before_a_change_and_rolls_back_after_one(outside):
    rollout = open_rollout(outside)

    assert (
        rollout_actions.cancel_rollout(runtime.context(), "api", "U0CAROL")
        == "api v1.42.0 is being ended."
    )
    assert outside.rollout.roll_back_asked.outcome == "withdrawn"

    red = {**rollout.colors, "red": a_released_color("red")}
    outside.rollouts.overwrite(replace(rollout, colors=red))
    assert (
        rollout_actions.cancel_rollout(runtime.context(), "api", "U0BOB")
        == "api v1.42.0 is being ended."
    )
    assert outside.rollout.roll_back_asked.outcome == "roll_back"


def test_cancel_finds_the_rollout_however_many_starts_were_refused_since(outside):
    open_rollout(outside)
    for number in range(20):
        refused = an_ended_rollout(id=f"refused-{number}", outcome="busy", started=after(hours=1))
        outside.rollouts.create(refused)

    assert (
        rollout_actions.cancel_rollout(runtime.context(), "api", "U0CAROL")
        == "api v1.42.0 is being ended."
    )


def test_cancel_finds_one_that_waits_its_turn_behind_one_that_has_ended(outside):
    open_rollout(outside, outcome="rejected", ended=NOW)
    turn = an_awaited(kind=Awaits.TURN, what="api-v1.42.0-1")
    outside.rollouts.create(a_rollout(id="api-2", colors={}, awaits=turn))
    outside.waits.put(replace(a_wait(), id=turn_wait("api"), rollout="api-2"))

    assert (
        rollout_actions.cancel_rollout(runtime.context(), "api", "U0CAROL")
        == "api v1.42.0 is being ended."
    )
    assert outside.rollouts.read("api-2").roll_back_asked.outcome == "withdrawn"


def test_cancel_says_why_not(outside):
    assert (
        rollout_actions.cancel_rollout(runtime.context(), "api", "U0BOB")
        == "api has no open rollout."
    )
    open_rollout(outside)
    assert rollout_actions.cancel_rollout(runtime.context(), "api", "U0EVE").startswith(
        "Only <@U0CAROL>"
    )


def put_back(person="U0BOB", trigger="1.2.3"):
    return rollout_actions.start_put_back(runtime.context(), "api-v1.42.0-1", by(person), trigger)


def stopped(outside, *colors):
    open_rollout(outside, *colors, outcome="aborted", cause="Stopped.", ended=NOW)


def test_what_a_stopped_rollout_changed_is_put_back_by_a_rollout_of_its_own(outside):
    stopped(outside, a_released_color("red"))

    reply = put_back()

    assert reply.counts
    (document,) = outside.executions.started.values()
    assert document == {
        "application": "api",
        "rollBack": "api-v1.42.0-1",
        "requestedBy": "U0BOB",
    }


def test_the_same_click_puts_back_once(outside):
    stopped(outside, a_released_color("red"))

    put_back()
    put_back()

    assert len(outside.executions.started) == 1


def test_putting_back_is_for_those_who_may_approve(outside):
    stopped(outside, a_released_color("red"))

    assert put_back("U0EVE").text == "You may not roll back api. <@U0BOB> may."
    assert outside.executions.started == {}


@pytest.mark.parametrize("colors", [(), (a_released_color("red", stage=Stage.PUT_BACK),)])
def test_what_was_never_changed_or_is_back_already_is_not_put_back(outside, colors):
    stopped(outside, *colors)

    assert put_back() == Reply(counts=False, text="There is nothing left to put back.")
    assert outside.executions.started == {}
