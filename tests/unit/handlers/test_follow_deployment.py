"""What ECS's events do to a color that is waited for, and to all else."""

from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.builders import NOW, OTHER, a_task, after
from tests.support.steps import ROLLOUT, event, primary, red


def test_the_event_of_its_completion_wakes_the_machine(deploying):
    deploying.ecs.complete("api-red")

    event("completed", deploymentId=primary(deploying).id)

    assert deploying.executions.answers == {"token-1": {"outcome": "completed"}}
    assert (red(deploying).stage, red(deploying).outcome) == (Stage.VERIFYING, "completed")
    assert deploying.slack.said(in_thread=True)[-1] == "red is deployed; verifying it."


def test_what_the_circuit_breaker_rolled_back_is_never_taken_for_completed(deploying):
    failed = primary(deploying).id
    deploying.ecs.stopped["api-red"] = [
        a_task(status="STOPPED", started_by=failed, stopped_reason="exit code 1")
    ]
    deploying.ecs.roll_back("api-red", "tasks failed to start.")
    deploying.ecs.complete("api-red")

    event("completed", deploymentId=primary(deploying).id)

    assert deploying.executions.answers == {"token-1": {"outcome": "rolled_back"}}
    assert red(deploying).stage is Stage.FAILED
    assert red(deploying).failure == "tasks failed to start. exit code 1 (1x)."


def test_a_failure_is_followed_by_its_own_event(deploying):
    deploying.ecs.roll_back("api-red")

    event("failed", deploymentId=deploying.ecs.known["api-red"].deployments[1].id)

    assert deploying.executions.answers == {"token-1": {"outcome": "rolled_back"}}


def test_a_deployment_that_someone_overtook_is_never_taken_for_completed(deploying):
    deploying.ecs.overtake("api-red", OTHER)
    deploying.ecs.complete("api-red")

    event("completed", deploymentId=primary(deploying).id)

    assert deploying.executions.answers == {"token-1": {"outcome": "superseded"}}


def test_someone_elses_deployment_that_only_begins_is_seen_at_once(deploying):
    deploying.ecs.overtake("api-red", OTHER)

    event("in_progress", deploymentId=primary(deploying).id)

    assert deploying.executions.answers == {"token-1": {"outcome": "superseded"}}


def test_the_event_of_our_own_beginning_costs_no_call(deploying):
    deploying.ecs.calls.clear()

    event("in_progress", deploymentId=red(deploying).deployment)

    assert deploying.ecs.calls == []
    assert deploying.executions.answers == {}


def test_an_event_that_comes_too_early_changes_nothing(deploying):
    event("completed", deploymentId="ecs-svc/before")

    assert deploying.executions.answers == {}
    assert red(deploying).stage is Stage.DEPLOYING


def test_an_event_that_comes_twice_counts_once(deploying):
    deploying.ecs.complete("api-red")
    event("completed", deploymentId=primary(deploying).id)
    said = len(deploying.slack.messages)
    deploying.time = after(minutes=1)

    event("completed", deploymentId=primary(deploying).id)

    assert red(deploying).times[Stage.VERIFYING] == NOW
    assert len(deploying.slack.messages) == said


def test_an_event_about_a_service_that_nothing_waits_for_is_passed_over(at_rest):
    at_rest.ecs.calls.clear()

    event("completed")

    assert at_rest.ecs.calls == []
    assert red(at_rest).stage is Stage.WAITING


def test_an_event_about_a_rollout_that_has_ended_changes_nothing(deploying):
    deploying.rollouts.close(ROLLOUT, outcome="aborted", cause="Stopped.", now=NOW)
    ended = deploying.rollout
    said = len(deploying.slack.messages)
    deploying.ecs.complete("api-red")

    event("completed", deploymentId=primary(deploying).id)

    assert deploying.rollout == ended
    assert len(deploying.slack.messages) == said


def test_an_event_about_a_rollout_that_is_forgotten_is_passed_over(deploying):
    deploying.rollouts = InMemoryRollouts()

    event("completed")

    assert deploying.executions.answers == {}


def test_of_two_events_that_arrive_together_the_slower_undoes_nothing_and_says_nothing(deploying):
    failed = primary(deploying).id
    deploying.ecs.roll_back("api-red")
    look_at_tasks = deploying.ecs.tasks

    def overtaken_while_looking(*given, **named):
        # The other event is carried through, and the color is on its way back, meanwhile.
        deploying.ecs.tasks = look_at_tasks
        event("in_progress", deploymentId=primary(deploying).id)
        deploying.rollouts.change_color(
            ROLLOUT, "red", now=after(seconds=1), stage=Stage.GOING_BACK, deployment="ecs-svc/back"
        )
        return look_at_tasks(*given, **named)

    deploying.ecs.tasks = overtaken_while_looking

    event("failed", deploymentId=failed)

    assert (red(deploying).stage, red(deploying).deployment) == (Stage.GOING_BACK, "ecs-svc/back")
    assert deploying.executions.answers == {"token-1": {"outcome": "rolled_back"}}
    told = [line for line in deploying.slack.said(in_thread=True) if line.startswith("red: ")]
    assert len(told) == 1
