"""Looking at how far a color has come, why it got no further, and recording how it ended."""

from dataclasses import replace

import pytest

from handlers import deploy_color
from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.history.outcome_resolution import resolve_outcome
from handlers.domain.model.errors import Transient
from handlers.domain.model.outcomes import DeploymentOutcome, RolloutOutcome
from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.builders import (
    GROUP,
    NEW,
    NOW,
    OLD,
    OTHER,
    a_deploying_color,
    a_deployment,
    a_returning_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
    after,
)
from tests.support.color_deployments import (
    at_rest,
    deploying,
    deployment_of,
    poll,
    record_end,
    start,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers


def looked(ecs, rollouts, *, returning=False, now=NOW, balancers=None):
    of_red = deployment_of(rollouts, returning=returning)
    return poll(of_red, ecs, balancers, now)


def test_a_deployment_on_its_way_is_looked_at_with_one_call():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.calls.clear()

    assert looked(ecs, rollouts) is None
    assert ecs.calls == ["DescribeServices"]


def test_a_completed_deployment_is_settled_with_one_call():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.complete("api-red")
    ecs.calls.clear()

    assert looked(ecs, rollouts) == DeploymentEnd(outcome=DeploymentOutcome.COMPLETED)
    assert ecs.calls == ["DescribeServices"]


def test_old_tasks_that_serve_on_are_counted_on_the_board_until_they_are_gone(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.hold(a_rollout(a_deploying_color()))
    new = a_deployment(id="ecs-svc/ours", task_definition=NEW, state="COMPLETED", running=1)
    for left in (4, 2):
        old = a_deployment(id="ecs-svc/0", primary=False, task_definition=OLD, running=left)
        outside.ecs = FakeEcs(a_service(new, old))

        deploy_color.lambda_handler(
            {"rollout": outside.rollout.id, "color": "red", "token": "t"}, None
        )

        assert outside.executions.answers == {}
        said = f"{left} tasks of another revision still serve."
        assert said in str(outside.slack.boards()[-1]["blocks"])

    outside.ecs = FakeEcs(a_service(new))
    deploy_color.lambda_handler({"rollout": outside.rollout.id, "color": "red", "token": "t"}, None)

    assert outside.executions.answers["t"] == {"outcome": "completed"}
    assert "still serve" not in str(outside.slack.boards()[-1]["blocks"])


def crashed(begun, code="EssentialContainerExited"):
    return a_task(
        status="STOPPED",
        started_by=begun.progress.deployment,
        stop_code=code,
        stopped_reason="Essential container in task exited",
        stopped_at=after(minutes=1),
    )


@pytest.mark.parametrize(
    ("crashes", "desired", "fails"), [(9, 2, False), (10, 2, True), (10, 11, False)]
)
def test_a_crash_loop_that_no_breaker_ends_has_failed(crashes, desired, fails):
    service = at_rest(has_lasting_breaker=False, desired=desired)
    ecs, rollouts, begun = deploying(service)
    ecs.stopped["api-red"] = [crashed(begun)] * crashes

    end = looked(ecs, rollouts)

    assert (end is not None) is fails
    if end is not None:
        assert end.outcome is DeploymentOutcome.FAILED
        assert end.detail == (
            "10 of its tasks failed, and no circuit breaker of ECS ends that. "
            "Essential container in task exited (10x)."
        )


def test_a_crash_loop_that_is_first_seen_at_the_deadline_has_failed_all_the_same():
    ecs, rollouts, begun = deploying(at_rest(has_lasting_breaker=False))
    ecs.stopped["api-red"] = [crashed(begun)] * 10

    assert looked(ecs, rollouts, now=after(hours=1)).outcome is DeploymentOutcome.FAILED


def test_tasks_that_did_not_fail_by_themselves_are_no_crash_loop():
    ecs, rollouts, begun = deploying(at_rest(has_lasting_breaker=False))
    ecs.stopped["api-red"] = [crashed(begun, "SpotInterruption")] * 20

    assert looked(ecs, rollouts) is None


def test_where_the_breaker_decides_crashes_are_left_to_it():
    ecs, rollouts, begun = deploying(at_rest())
    ecs.stopped["api-red"] = [crashed(begun)] * 20

    assert looked(ecs, rollouts) is None


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

    assert settled.outcome is DeploymentOutcome.ROLLED_BACK
    assert settled.detail == (
        "ECS deployment circuit breaker: tasks failed to start. "
        "Essential container in task exited (app: exit code 1) (3x). "
        "target unhealthy: Health checks failed (1x)."
    )


def test_what_ecs_could_not_do_is_told_too():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.fail("api-red", "tasks failed to start.")
    events = ("(service api-red) was unable to place a task.", "(service api-red) is steady.")
    ecs.known["api-red"] = replace(ecs.known["api-red"], events=events)

    settled = looked(ecs, rollouts)

    assert settled.detail == "tasks failed to start. was unable to place a task."


def test_an_outcome_does_not_wait_for_reasons_that_cannot_be_read():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.roll_back("api-red", "tasks failed to start.")

    def refuse(*_args, **_kwargs):
        raise Transient("list tasks of api-red: ThrottlingException")

    ecs.tasks = refuse
    settled = looked(ecs, rollouts)

    assert settled.outcome is DeploymentOutcome.ROLLED_BACK
    assert settled.detail == "tasks failed to start. Its tasks' reasons could not be read."


def test_once_ours_is_listed_no_more_its_history_tells_how_it_ended():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.histories["api-red"] = [
        (after(hours=-2), "SUCCESSFUL"),
        (NOW, "ROLLBACK_SUCCESSFUL"),
    ]
    rolled_back = a_deployment(id="ecs-svc/again", task_definition=OLD)
    ecs.known["api-red"] = replace(ecs.known["api-red"], deployments=(rolled_back,))

    assert looked(ecs, rollouts).outcome is DeploymentOutcome.ROLLED_BACK


def test_a_deployment_that_someone_overtook_is_superseded():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.overtake("api-red", OTHER)
    ecs.complete("api-red")

    assert looked(ecs, rollouts).outcome is DeploymentOutcome.SUPERSEDED


def test_time_counts_from_when_the_color_set_out():
    ecs, rollouts, _ = deploying(at_rest())

    assert looked(ecs, rollouts, now=after(minutes=29)) is None
    assert looked(ecs, rollouts, now=after(minutes=30)).outcome is DeploymentOutcome.OVERDUE


def test_a_way_back_has_a_time_of_its_own():
    ecs, rollouts, _ = deploying(at_rest())
    record_end(
        deployment_of(rollouts),
        DeploymentEnd(outcome=DeploymentOutcome.OVERDUE),
        rollouts,
        after(minutes=30),
    )
    start(deployment_of(rollouts, returning=True), ecs, rollouts, after(minutes=31))

    assert looked(ecs, rollouts, returning=True, now=after(minutes=60)) is None
    late = looked(ecs, rollouts, returning=True, now=after(minutes=61))
    assert late.outcome is DeploymentOutcome.OVERDUE


def test_a_color_that_went_back_is_settled_when_the_recorded_revision_completed():
    rollouts = InMemoryRollouts(a_rollout(a_returning_color("red")))
    back = a_deployment(id="ecs-svc/back", task_definition=OLD)

    assert looked(FakeEcs(a_service(back)), rollouts, returning=True) == DeploymentEnd(
        outcome=DeploymentOutcome.COMPLETED
    )


def test_a_way_back_is_not_rolled_back():
    rollouts = InMemoryRollouts(a_rollout(a_returning_color("red")))
    ours = a_deployment(
        id="ecs-svc/back", task_definition=OLD, primary=False, state="FAILED", reason="no hosts"
    )
    theirs = a_deployment(id="ecs-svc/theirs", task_definition=NEW)

    settled = looked(FakeEcs(a_service(theirs, ours)), rollouts, returning=True)

    assert settled.outcome is not DeploymentOutcome.COMPLETED
    assert settled.detail


def taken_over_by_the_release():
    """Have red go back, and a late call deploy the release to it once more."""
    ecs, rollouts, _ = deploying(at_rest())
    start(deployment_of(rollouts, returning=True), ecs, rollouts, NOW)
    ecs.overtake("api-red", NEW)
    return ecs, rollouts


def test_a_way_back_that_a_late_run_of_the_release_replaced_begins_anew():
    ecs, rollouts = taken_over_by_the_release()

    assert looked(ecs, rollouts, returning=True) is None
    start(deployment_of(rollouts, returning=True), ecs, rollouts, after(minutes=1))
    ecs.complete("api-red")

    assert ecs.updates == [("api-red", NEW), ("api-red", OLD), ("api-red", OLD)]
    assert looked(ecs, rollouts, returning=True) == DeploymentEnd(
        outcome=DeploymentOutcome.COMPLETED
    )


def test_a_way_back_that_is_replaced_again_and_again_is_given_up_in_time():
    ecs, rollouts = taken_over_by_the_release()
    late = after(minutes=31)

    assert looked(ecs, rollouts, returning=True, now=late).outcome is DeploymentOutcome.SUPERSEDED
    start(deployment_of(rollouts, returning=True), ecs, rollouts, late)
    assert ecs.updates == [("api-red", NEW), ("api-red", OLD)]


def test_a_way_back_that_someone_elses_deployment_replaced_is_left_to_them():
    ecs, rollouts = taken_over_by_the_release()
    ecs.overtake("api-red", OTHER)

    assert looked(ecs, rollouts, returning=True).outcome is DeploymentOutcome.SUPERSEDED
    start(deployment_of(rollouts, returning=True), ecs, rollouts, NOW)
    assert ecs.updates == [("api-red", NEW), ("api-red", OLD)]


def test_a_service_scaled_to_zero_counts_as_put_back():
    rollouts = InMemoryRollouts(a_rollout(a_returning_color("red")))
    back = a_deployment(id="ecs-svc/back", task_definition=OLD, running=0, desired=0)

    settled = looked(FakeEcs(a_service(back, desired=0)), rollouts, returning=True)

    assert settled.outcome is DeploymentOutcome.COMPLETED


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (DeploymentOutcome.COMPLETED, Stage.VERIFYING),
        (DeploymentOutcome.ROLLED_BACK, Stage.FAILED),
        (DeploymentOutcome.SUPERSEDED, Stage.FAILED),
        (DeploymentOutcome.OVERDUE, Stage.FAILED),
    ],
)
def test_how_a_deployment_ended_is_recorded(outcome, stage):
    rollouts = InMemoryRollouts(a_rollout(a_deploying_color("red")))

    rollout, _ = record_end(
        deployment_of(rollouts), DeploymentEnd(outcome=outcome, detail="why"), rollouts, NOW
    )

    red = rollout.colors["red"]
    assert (red.stage, red.outcome, red.detail) == (stage, outcome, "why")
    assert red.times[stage] == NOW


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [(DeploymentOutcome.COMPLETED, Stage.PUT_BACK), (DeploymentOutcome.FAILED, Stage.STRANDED)],
)
def test_how_a_way_back_ended_is_recorded_without_forgetting_why_it_was_taken(outcome, stage):
    rollouts = InMemoryRollouts(a_rollout(a_returning_color("red", outcome="unhealthy")))

    rollout, _ = record_end(
        deployment_of(rollouts, returning=True), DeploymentEnd(outcome=outcome), rollouts, NOW
    )

    assert (rollout.colors["red"].stage, rollout.colors["red"].outcome) == (stage, "unhealthy")


def test_what_began_a_rollback_is_still_told_when_the_color_is_back():
    ecs, rollouts, _ = deploying(at_rest())
    began = DeploymentEnd(
        outcome=DeploymentOutcome.ROLLED_BACK, detail="tasks failed to start: exit code 1."
    )
    record_end(deployment_of(rollouts), began, rollouts, NOW)

    start(deployment_of(rollouts, returning=True), ecs, rollouts, NOW)
    of_red = deployment_of(rollouts, returning=True)
    rollout, _ = record_end(
        of_red, DeploymentEnd(outcome=DeploymentOutcome.COMPLETED), rollouts, NOW
    )

    conclusion = resolve_outcome(
        rollout, {"outcome": "ready", "rollback": [{"outcome": "put_back"}]}
    )
    assert conclusion.outcome is RolloutOutcome.ROLLED_BACK
    assert "tasks failed to start: exit code 1." in conclusion.cause


def test_settling_twice_is_settling_once():
    rollouts = InMemoryRollouts(a_rollout(a_deploying_color("red")))
    of_red, completed = deployment_of(rollouts), DeploymentEnd(outcome=DeploymentOutcome.COMPLETED)

    first, was_first = record_end(of_red, completed, rollouts, NOW)
    again, was_again = record_end(of_red, completed, rollouts, after(seconds=2))

    assert again == first
    assert (was_first, was_again) == (True, False)


def test_a_slower_handler_does_not_undo_the_way_back():
    ecs, rollouts, _ = deploying(at_rest())
    slower, ended = (
        deployment_of(rollouts),
        DeploymentEnd(outcome=DeploymentOutcome.ROLLED_BACK, detail="why"),
    )
    record_end(deployment_of(rollouts), ended, rollouts, NOW)
    start(deployment_of(rollouts, returning=True), ecs, rollouts, after(seconds=1))

    rollout, is_first = record_end(slower, ended, rollouts, after(seconds=2))

    assert not is_first
    assert rollout.colors["red"].stage is Stage.GOING_BACK
    assert deployment_of(rollouts, returning=True).is_started
