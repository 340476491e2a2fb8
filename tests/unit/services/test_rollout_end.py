"""How a rollout ends, by its last step or by an event from outside."""

from dataclasses import replace

import pytest

from handlers import finish_rollout, follow_execution
from handlers.domain.model.colors import COLORS
from handlers.domain.model.errors import Refused
from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryLocks
from simulator.recorded_events import recorded
from tests.support.builders import (
    NEW,
    NOW,
    OLD,
    OTHER,
    a_color,
    a_decision,
    a_deploying_color,
    a_deployment,
    a_lock,
    a_released_color,
    a_rollout,
    a_service,
    after,
    an_approval,
    an_ended_rollout,
    execution,
)
from tests.support.fake_ecs import FakeEcs

ROLLOUT = "api-v1.42.0-1"
HEALTHY = {"outcome": "ready", "verification": {"verdict": "healthy"}}


def finish(state, name=ROLLOUT):
    event = {
        "state": state,
        "execution": {"arn": execution(name), "name": name, "startedAt": "2026-11-23T09:00:00Z"},
    }
    return finish_rollout.lambda_handler(event, None)


def happens(name):
    follow_execution.lambda_handler(recorded(f"execution_{name}"), None)


def begun(outside, *colors, **given):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.rollouts.create(a_rollout(*colors, **given))
    outside.locks = InMemoryLocks(a_lock(ROLLOUT))
    outside.time = after(minutes=30)
    return outside


def all_on_the_release():
    deployed = {c: a_deployment(id=f"ecs-svc/{c}", task_definition=NEW) for c in COLORS}
    return FakeEcs(*(a_service(each, color=color) for color, each in deployed.items()))


@pytest.fixture
def complete(outside):
    outside.ecs = all_on_the_release()
    return begun(outside, *(a_released_color(color) for color in COLORS))


# The machine's last step.


def test_a_completed_rollout_succeeds(complete):
    answer = finish(HEALTHY)

    assert answer == {
        "outcome": "completed",
        "error": "",
        "cause": "Every color runs api:42.",
        "colors": {"red": NEW, "yellow": NEW, "green": NEW},
    }


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (lambda ecs: ecs.overtake("api-red", OTHER), "Someone changed red: it runs api:99."),
        (lambda ecs: ecs.scale("api-green", 0), "Someone scaled green to zero."),
        (lambda ecs: ecs.known.pop("api-yellow"), "Someone changed yellow: it runs nothing."),
    ],
)
def test_a_success_that_is_not_true_any_more_is_not_said(complete, happens, told):
    happens(complete.ecs)

    answer = finish(HEALTHY)

    assert (answer["outcome"], answer["error"]) == ("superseded", "Superseded")
    assert answer["cause"].startswith(told)
    assert "the others run api:42" in answer["cause"]


def test_it_is_recorded_announced_and_shown(complete):
    finish(HEALTHY)

    assert (complete.rollout.outcome, complete.rollout.ended) == ("completed", after(minutes=30))
    (announced,) = complete.slack.said(in_thread=False)
    assert announced == (
        "<@U0CAROL> api v1.42.0: *Completed.* Every color runs api:42. · "
        "<https://slack.com/archives/C0ROLLOUTS/p1000001|board>"
    )
    (board,) = complete.slack.boards()
    assert "*Completed.*" in str(board["blocks"])
    assert complete.locks.held == {}


def test_a_rejection_fails_by_its_own_name_and_says_what_every_color_runs(outside):
    back = a_released_color("red", stage=Stage.PUT_BACK)
    refused = a_color(
        "yellow",
        stage=Stage.ASKING,
        approval="question-yellow",
        decision=a_decision("rejected", by="U0BOB", reason="502s"),
    )
    begun(outside, back, refused)

    answer = finish(HEALTHY | {"approval": {"outcome": "rejected"}, "rollback": []})

    assert (answer["outcome"], answer["error"]) == ("rejected", "Rejected")
    assert answer["cause"].startswith("U0BOB rejected yellow: 502s")
    assert answer["cause"].endswith("Put back: red to api:41.")
    assert answer["colors"] == {"red": OLD, "yellow": OLD, "green": OLD}


def test_a_refused_rollout_ends_with_the_refusal(outside):
    outside.rollouts.create(a_rollout(colors={}))

    answer = finish({"outcome": "busy", "cause": "api is being rolled out by api-0."})

    assert answer["error"] == "ApplicationBusy"
    assert answer["cause"] == "api is being rolled out by api-0."
    assert answer["colors"] == {}


def test_a_refused_rollout_does_not_free_the_lock_of_the_other(outside):
    outside.rollouts.create(a_rollout(colors={}))
    outside.locks = InMemoryLocks(a_lock("api-0"))

    finish({"outcome": "busy", "cause": "api is being rolled out by api-0."})

    assert outside.locks.held["api"] == a_lock("api-0")


def test_a_fault_before_anything_was_recorded_is_told_as_one(outside):
    answer = finish({"application": "api", "tag": "v1", "fault": {"Error": "Refused"}})

    assert (answer["outcome"], answer["error"]) == ("fault", "Fault")
    assert answer["cause"].startswith("A step failed (Refused).")
    assert answer["colors"] == {}


def test_finishing_twice_is_finishing_once(complete):
    first = finish(HEALTHY)
    ended = complete.rollout
    complete.time = after(hours=1)

    assert finish(HEALTHY) == first
    assert complete.rollout == ended
    assert len(complete.slack.said(in_thread=False)) == 1


def test_an_open_question_is_withdrawn(outside):
    begun(outside, a_color("red", stage=Stage.ASKING, approval="question-red"))
    outside.approvals.ask(an_approval(id="question-red"))

    finish({"outcome": "ready", "fault": {"Error": "States.Runtime"}})

    assert outside.approvals.get("question-red").decision.outcome == "withdrawn"


def test_a_board_of_what_was_put_back_is_behind_until_it_is_drawn(outside, monkeypatch):
    outside.rollouts.create(an_ended_rollout(id="api-0", outcome="aborted", is_mended=True))
    back = a_color("red", stage=Stage.PUT_BACK, changed=True)
    begun(outside, back, rolls_back="api-0")

    def refused(*_, **__):
        raise Refused("change the color: AccessDeniedException")

    monkeypatch.setattr(outside.rollouts, "change_color", refused)
    finish({"outcome": "roll_back", "rollback": []})

    assert outside.rollouts.read("api-0").board_is_behind


def test_a_rollout_is_ended_though_slack_is_down(complete):
    complete.slack.is_down = True

    assert finish(HEALTHY)["outcome"] == "completed"
    assert complete.rollout.outcome == "completed"
    assert complete.locks.held == {}


def test_how_it_ended_and_how_long_it_took_is_counted_once(complete, metrics):
    finish(HEALTHY)
    finish(HEALTHY)

    (took,) = metrics("RolloutDuration")
    assert (took["RolloutDuration"], took["application"]) == ([1800.0], "api")


# Ended from outside: stopped, timed out, or broken where nothing of ours ran.


@pytest.mark.parametrize(
    ("name", "outcome", "said"),
    [
        ("aborted", "aborted", "Wrong tag."),
        ("failed", "fault", "An error occurred while executing the state 'Approve red'."),
        ("timed_out", "timed_out", ""),
    ],
)
def test_an_execution_that_ended_from_outside_is_recorded_as_it_ended(outside, name, outcome, said):
    begun(outside, a_released_color("red"), a_deploying_color("yellow"))

    happens(name)

    assert outside.rollout.outcome == outcome
    assert outside.rollout.cause == " ".join(
        filter(
            None,
            [
                said,
                "red runs api:42, yellow runs neither release for sure, green runs api:41.",
            ],
        )
    )


def test_nothing_stays_open_held_or_clickable(outside):
    begun(outside, a_color("red", stage=Stage.ASKING, approval="question-red"))
    outside.approvals.ask(an_approval(id="question-red"))

    happens("aborted")

    assert outside.approvals.get("question-red").decision.outcome == "withdrawn"
    assert outside.locks.held == {}
    (board,) = outside.slack.boards()
    assert "question-red" not in str(board["blocks"])
    (announced,) = outside.slack.said(in_thread=False)
    assert "*The execution was stopped.* Wrong tag." in announced


@pytest.mark.parametrize("how", ["aborted", "timed_out", "failed"])
def test_a_rollout_that_its_steps_did_not_end_offers_to_put_back_what_it_changed(outside, how):
    begun(outside, a_released_color("red"))

    happens(how)

    (board,) = outside.slack.boards()
    values = [e["value"] for b in board["blocks"] for e in b.get("elements", ()) if "value" in e]
    assert values == [ROLLOUT]


def test_a_rollout_that_ended_by_itself_keeps_its_outcome(outside):
    ended = an_ended_rollout(outcome="rejected", cause="U0BOB rejected red.", board=None)
    outside.rollouts.create(ended)

    happens("failed")

    assert replace(outside.rollout, board=None) == ended
    assert outside.slack.said(in_thread=False) == []


def test_an_execution_without_a_rollout_is_passed_over(outside):
    happens("failed")

    assert outside.rollouts.records == {}
    assert outside.slack.messages == []


def test_an_execution_that_succeeded_is_passed_over(complete):
    event = recorded("execution_failed")
    event["detail"]["status"] = "SUCCEEDED"

    follow_execution.lambda_handler(event, None)

    assert complete.rollout.is_open


def test_an_event_that_comes_twice_counts_once(outside):
    begun(outside, a_released_color("red"))
    happens("aborted")
    ended = outside.rollout
    outside.time = after(hours=1)

    happens("aborted")

    assert outside.rollout == ended
    assert len(outside.slack.said(in_thread=False)) == 1


def test_what_it_was_stopped_for_is_shown_without_its_markup(outside):
    begun(outside)
    event = recorded("execution_aborted")
    event["detail"]["cause"] = "<!channel> oops"

    follow_execution.lambda_handler(event, None)

    assert "&lt;!channel&gt; oops" in outside.slack.said(in_thread=False)[0]
    assert outside.rollout.cause.startswith("<!channel> oops")


def test_the_end_is_noted_with_when_it_came(outside):
    begun(outside)

    happens("timed_out")

    assert outside.rollout.ended == outside.time != NOW


def test_an_execution_that_was_stopped_before_its_record_frees_the_application(outside):
    event = recorded("execution_aborted")
    detail = event["detail"] | {"input": '{"application": "api", "tag": "v1.42.0"}'}
    holder = replace(a_lock(ROLLOUT), execution=detail["executionArn"])
    outside.locks = InMemoryLocks(holder)

    follow_execution.lambda_handler(event | {"detail": detail}, None)

    assert outside.locks.held == {}
