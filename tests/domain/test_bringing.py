"""Bringing a color to a revision: once, whatever dies in between, and never over someone else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.domain.bringing import Errand, look, set_out, settle
from handlers.domain.conclusion import conclude
from handlers.domain.deployment import Settled
from handlers.domain.errors import Refused, Transient
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Stage
from tests.builders import (
    GROUP,
    NEW,
    NOW,
    OLD,
    OTHER,
    a_color,
    a_deploying_color,
    a_deployment,
    a_returning_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
    after,
)
from tests.fake_ecs import FakeEcs
from tests.fakes import FakeBalancers, FakeRollouts

ALLOWED = timedelta(minutes=30)


def at_rest(revision=OLD, **given):
    return a_service(a_deployment(id="ecs-svc/before", task_definition=revision), **given)


def errand_of(rollouts, *, returning=False):
    rollout = next(iter(rollouts.records.values()))
    return Errand(rollout=rollout, color="red", returning=returning, allowed=ALLOWED)


def deploying(service, **given):
    """Set the color out on its way to the release; return all there is."""
    ecs, rollouts = FakeEcs(service), FakeRollouts(a_rollout(a_color("red"), **given))
    return ecs, rollouts, set_out(errand_of(rollouts), ecs, rollouts, NOW)


def test_setting_out_deploys_the_release_and_notes_which_deployment_does_it():
    ecs, rollouts, begun = deploying(at_rest())

    red = rollouts.get(begun.rollout.id).colors["red"]
    assert ecs.updates == [("api-red", NEW)]
    assert red.deployment == ecs.known["api-red"].primary.id
    assert (red.stage, red.changed, red.times[Stage.DEPLOYING]) == (Stage.DEPLOYING, True, NOW)
    assert begun.is_under_way


def test_setting_out_twice_deploys_once():
    ecs, rollouts, begun = deploying(at_rest())

    again = set_out(errand_of(rollouts), ecs, rollouts, after(minutes=10))

    assert ecs.updates == [("api-red", NEW)]
    assert again.progress.deployment == begun.progress.deployment


class DiesAfter:
    """Lets so many calls through, and dies after the last of them has had its effect."""

    def __init__(self, calls):
        self.left = calls

    def around(self, thing):
        guard = self

        class Mortal:
            def __getattr__(self, name):
                method = getattr(thing, name)

                def call(*args, **kwargs):
                    done = method(*args, **kwargs)
                    guard.left -= 1
                    if guard.left == 0:
                        raise Transient("the function died")
                    return done

                return call

        return Mortal()


@pytest.mark.parametrize("returning", [False, True], ids=["deploying", "going back"])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_a_run_that_dies_after_any_call_is_taken_up_again_without_deploying_twice(calls, returning):
    target = OLD if returning else NEW
    red = a_returning_color("red", stage=Stage.FAILED) if returning else a_color("red")
    ecs, rollouts = FakeEcs(at_rest(NEW if returning else OLD)), FakeRollouts(a_rollout(red))
    death = DiesAfter(calls)
    with pytest.raises(Transient):
        set_out(
            errand_of(rollouts, returning=returning), death.around(ecs), death.around(rollouts), NOW
        )

    begun = set_out(errand_of(rollouts, returning=returning), ecs, rollouts, after(seconds=2))

    assert ecs.updates == [("api-red", target)]
    assert begun.progress.deployment == ecs.known["api-red"].primary.id
    assert begun.progress.changed


def test_a_service_is_never_touched_before_the_intention_is_on_record():
    ecs, rollouts = FakeEcs(at_rest()), FakeRollouts(a_rollout(a_color("red")))

    def refuse(*_args):
        raise Refused("update service api-red: AccessDenied")

    ecs.deploy = refuse
    with pytest.raises(Refused):
        set_out(errand_of(rollouts), ecs, rollouts, NOW)

    assert errand_of(rollouts).progress.changed


def test_a_service_that_is_on_the_release_already_is_not_deployed_again():
    ecs, _, begun = deploying(at_rest(NEW))

    assert ecs.updates == []
    assert begun.progress.deployment == "ecs-svc/before"


def test_a_release_is_not_deployed_over_someone_elses():
    ecs, rollouts, refused = deploying(at_rest(OTHER))

    assert refused.outcome is Outcome.SUPERSEDED
    assert refused.detail == "Since the rollout began, someone deployed api:99."
    assert ecs.updates == []
    assert not errand_of(rollouts).progress.changed


def test_a_release_is_not_deployed_to_a_service_scaled_to_zero():
    ecs, _, refused = deploying(at_rest(desired=0))

    assert refused == Settled(outcome=Outcome.SCALED_TO_ZERO, detail="Its desired count is 0.")
    assert ecs.updates == []


@pytest.mark.parametrize("returning", [False, True])
def test_a_service_that_is_gone_is_told(returning):
    rollouts = FakeRollouts(a_rollout(a_color("red", changed=True)))

    gone = set_out(errand_of(rollouts, returning=returning), FakeEcs(), rollouts, NOW)

    assert gone == Settled(outcome=Outcome.FAILED, detail="The service does not exist any more.")


def test_going_back_is_deploying_the_recorded_revision():
    ecs = FakeEcs(at_rest(NEW))
    rollouts = FakeRollouts(a_rollout(a_color("red", changed=True, stage=Stage.VERIFYING)))

    begun = set_out(errand_of(rollouts, returning=True), ecs, rollouts, NOW)

    assert ecs.updates == [("api-red", OLD)]
    assert begun.progress.stage is Stage.GOING_BACK


def test_going_back_takes_up_the_rollback_that_ecs_itself_began():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.roll_back("api-red")
    settle(errand_of(rollouts), Settled(outcome=Outcome.ROLLED_BACK), rollouts, NOW)

    begun = set_out(errand_of(rollouts, returning=True), ecs, rollouts, after(minutes=4))

    assert ecs.updates == [("api-red", NEW)]
    assert begun.progress.deployment == ecs.known["api-red"].primary.id


def test_going_back_does_not_mistake_the_failed_deployment_for_its_own():
    ecs, rollouts, begun = deploying(at_rest())
    ecs.fail("api-red", "tasks failed to start")
    settle(errand_of(rollouts), Settled(outcome=Outcome.FAILED), rollouts, NOW)

    back = set_out(errand_of(rollouts, returning=True), ecs, rollouts, after(minutes=4))

    assert back.progress.deployment != begun.progress.deployment
    assert ecs.updates == [("api-red", NEW), ("api-red", OLD)]


# Looking.


def looked(ecs, rollouts, *, returning=False, now=NOW, balancers=None):
    errand = errand_of(rollouts, returning=returning)
    return look(errand, ecs, balancers or FakeBalancers(), now)


def test_a_deployment_on_its_way_is_looked_at_with_one_call():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.calls.clear()

    assert looked(ecs, rollouts) is None
    assert ecs.calls == ["DescribeServices"]


def test_a_completed_deployment_is_settled_with_one_call():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.complete("api-red")
    ecs.calls.clear()

    assert looked(ecs, rollouts) == Settled(outcome=Outcome.COMPLETED)
    assert ecs.calls == ["DescribeServices"]


def test_what_ecs_rolled_back_is_told_with_its_tasks_and_targets_reasons():
    ecs, rollouts, begun = deploying(at_rest())
    ecs.roll_back("api-red", "ECS deployment circuit breaker: tasks failed to start.")
    ecs.stopped["api-red"] = [
        a_task(
            status="STOPPED",
            started_by=begun.progress.deployment,
            stopped_reason="Essential container in task exited (app: exit code 1)",
        )
    ] * 3
    ecs.running["api-red"] = [a_task("task-9", endpoints=("i-0a:32768",))]
    sick = a_target("i-0a:32768", "unhealthy", "Health checks failed")
    balancers = FakeBalancers(**{GROUP: [sick, a_target("i-0z:32768", "unhealthy", "not ours")]})

    settled = looked(ecs, rollouts, balancers=balancers)

    assert settled.outcome is Outcome.ROLLED_BACK
    assert settled.detail == (
        "ECS deployment circuit breaker: tasks failed to start. "
        "Essential container in task exited (app: exit code 1) (3x). "
        "target unhealthy: Health checks failed (1x)."
    )


def test_an_outcome_does_not_wait_for_reasons_that_cannot_be_read():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.roll_back("api-red", "tasks failed to start.")

    def refuse(*_args, **_kwargs):
        raise Transient("list tasks of api-red: ThrottlingException")

    ecs.tasks = refuse
    settled = looked(ecs, rollouts)

    assert settled.outcome is Outcome.ROLLED_BACK
    assert settled.detail == "tasks failed to start. Its tasks' reasons could not be read."


def test_once_ours_is_listed_no_more_its_history_tells_how_it_ended():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.histories["api-red"] = [
        (after(hours=-2), "SUCCESSFUL"),
        (NOW, "ROLLBACK_SUCCESSFUL"),
    ]
    rolled_back = a_deployment(id="ecs-svc/again", task_definition=OLD)
    ecs.known["api-red"] = replace(ecs.known["api-red"], deployments=(rolled_back,))

    assert looked(ecs, rollouts).outcome is Outcome.ROLLED_BACK


def test_a_deployment_that_someone_overtook_is_superseded():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.overtake("api-red", OTHER)
    ecs.complete("api-red")

    assert looked(ecs, rollouts).outcome is Outcome.SUPERSEDED


def test_time_counts_from_when_the_color_set_out():
    ecs, rollouts, _ = deploying(at_rest())

    assert looked(ecs, rollouts, now=after(minutes=29)) is None
    assert looked(ecs, rollouts, now=after(minutes=30)).outcome is Outcome.OVERDUE


def test_a_way_back_has_a_time_of_its_own():
    ecs, rollouts, _ = deploying(at_rest())
    settle(errand_of(rollouts), Settled(outcome=Outcome.OVERDUE), rollouts, after(minutes=30))
    set_out(errand_of(rollouts, returning=True), ecs, rollouts, after(minutes=31))

    assert looked(ecs, rollouts, returning=True, now=after(minutes=60)) is None
    late = looked(ecs, rollouts, returning=True, now=after(minutes=61))
    assert late.outcome is Outcome.OVERDUE


def test_a_color_that_went_back_is_settled_when_the_recorded_revision_completed():
    rollouts = FakeRollouts(a_rollout(a_returning_color("red")))
    back = a_deployment(id="ecs-svc/back", task_definition=OLD)

    assert looked(FakeEcs(a_service(back)), rollouts, returning=True) == Settled(
        outcome=Outcome.COMPLETED
    )


def test_a_way_back_is_not_rolled_back():
    rollouts = FakeRollouts(a_rollout(a_returning_color("red")))
    ours = a_deployment(
        id="ecs-svc/back", task_definition=OLD, primary=False, state="FAILED", reason="no hosts"
    )
    theirs = a_deployment(id="ecs-svc/theirs", task_definition=NEW)

    settled = looked(FakeEcs(a_service(theirs, ours)), rollouts, returning=True)

    assert settled.outcome is not Outcome.COMPLETED
    assert settled.detail


def test_a_service_scaled_to_zero_counts_as_put_back():
    rollouts = FakeRollouts(a_rollout(a_returning_color("red")))
    back = a_deployment(id="ecs-svc/back", task_definition=OLD, running=0, desired=0)

    settled = looked(FakeEcs(a_service(back, desired=0)), rollouts, returning=True)

    assert settled.outcome is Outcome.COMPLETED


# Settling.


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (Outcome.COMPLETED, Stage.VERIFYING),
        (Outcome.ROLLED_BACK, Stage.FAILED),
        (Outcome.SUPERSEDED, Stage.FAILED),
        (Outcome.OVERDUE, Stage.FAILED),
    ],
)
def test_how_a_deployment_ended_is_recorded(outcome, stage):
    rollouts = FakeRollouts(a_rollout(a_deploying_color("red")))

    rollout = settle(errand_of(rollouts), Settled(outcome=outcome, detail="why"), rollouts, NOW)

    red = rollout.colors["red"]
    assert (red.stage, red.outcome, red.detail) == (stage, outcome, "why")
    assert red.times[stage] == NOW


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [(Outcome.COMPLETED, Stage.PUT_BACK), (Outcome.FAILED, Stage.STRANDED)],
)
def test_how_a_way_back_ended_is_recorded_without_forgetting_why_it_was_taken(outcome, stage):
    rollouts = FakeRollouts(a_rollout(a_returning_color("red", outcome="unhealthy")))

    rollout = settle(errand_of(rollouts, returning=True), Settled(outcome=outcome), rollouts, NOW)

    assert (rollout.colors["red"].stage, rollout.colors["red"].outcome) == (stage, "unhealthy")


def test_what_began_a_rollback_is_still_told_when_the_color_is_back():
    ecs, rollouts, _ = deploying(at_rest())
    began = Settled(outcome=Outcome.ROLLED_BACK, detail="tasks failed to start: exit code 1.")
    settle(errand_of(rollouts), began, rollouts, NOW)

    set_out(errand_of(rollouts, returning=True), ecs, rollouts, NOW)
    errand = errand_of(rollouts, returning=True)
    rollout = settle(errand, Settled(outcome=Outcome.COMPLETED), rollouts, NOW)

    conclusion = conclude(rollout, {"outcome": "ready", "rollback": [{"outcome": "put_back"}]})
    assert conclusion.outcome is Outcome.ROLLED_BACK
    assert "tasks failed to start: exit code 1." in conclusion.cause


def test_settling_twice_is_settling_once():
    rollouts = FakeRollouts(a_rollout(a_deploying_color("red")))
    errand, completed = errand_of(rollouts), Settled(outcome=Outcome.COMPLETED)

    first = settle(errand, completed, rollouts, NOW)
    again = settle(errand, completed, rollouts, after(seconds=2))

    assert again == first
