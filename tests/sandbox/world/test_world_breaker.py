"""Deployments that fail: the circuit breaker, with and without rollback."""

import pytest

from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from tests.support.world_stage import Stage

TRIPPED = "ECS deployment circuit breaker: tasks failed to start."


def with_breaker(**settings):
    return DeploymentConfiguration(circuit_breaker=CircuitBreaker(enable=True, **settings))


def test_a_crash_trips_the_breaker_after_three_tasks_in_about_three_minutes():
    stage = Stage(desired=1)

    ours = stage.release("crash")
    seconds = stage.until(lambda: ours.rollout == "FAILED")

    assert ours.failed_tasks == 3
    assert ours.reason == TRIPPED
    assert 150 < seconds < 240


def test_failing_health_checks_trip_it_in_several_minutes():
    stage = Stage(desired=1)

    ours = stage.release("unhealthy")
    seconds = stage.until(lambda: ours.rollout == "FAILED")

    assert 240 < seconds < 900


def test_an_image_that_cannot_be_pulled_trips_it_too():
    stage = Stage()

    ours = stage.release("unpullable")
    stage.until(lambda: ours.rollout == "FAILED")

    stopped = [task for task in stage.tasks("STOPPED") if task.deployment is ours]
    assert stopped[0].stop_code == "TaskFailedToStart"
    assert stopped[0].stopped_reason == "CannotPullContainerError: not found"
    assert stopped[0].exit_code is None


def test_a_rollback_is_a_new_primary_on_the_old_task_definition():
    stage = Stage()
    before = stage.service.primary
    ours = stage.release("crash")

    stage.until(lambda: ours.rollout == "FAILED")
    rollback = stage.service.primary
    assert len({before.id, ours.id, rollback.id}) == 3
    assert (ours.status, ours.rollout) == ("ACTIVE", "FAILED")
    assert rollback.task_definition is before.task_definition
    assert rollback.reason == (
        f"ECS deployment circuit breaker: rolling back to deploymentId {before.id}."
    )
    stage.until(lambda: rollback.rollout == "COMPLETED")

    assert stage.service.deployments == [rollback]
    assert rollback.reason == f"ECS deployment {rollback.id} completed."
    assert {task.deployment for task in stage.tasks()} == {rollback}


def test_the_failed_deployment_stays_active_until_its_tasks_are_gone():
    stage = Stage()
    ours = stage.release("unhealthy")
    stage.until(lambda: ours.rollout == "FAILED")

    stage.later(seconds=25)
    assert ours in stage.service.deployments
    assert [task.last_status for task in ours.tasks.values()] == ["DEACTIVATING"]
    stage.later(seconds=30)

    assert ours not in stage.service.deployments


def test_without_rollback_it_stays_primary_and_starts_nothing_more():
    stage = Stage(configuration=with_breaker(rollback=False))
    old = stage.tasks()

    ours = stage.release("crash")
    stage.later(hours=1)

    assert stage.service.primary is ours
    assert (ours.status, ours.rollout, ours.failed_tasks) == ("PRIMARY", "FAILED", 3)
    assert stage.tasks() == old


def test_without_breaker_it_goes_on_trying_ever_more_slowly():
    stage = Stage(configuration=DeploymentConfiguration())

    ours = stage.release("crash")
    stage.later(hours=6)

    assert ours.rollout == "IN_PROGRESS"
    assert 20 < ours.failed_tasks < 40
    assert len(stage.tasks()) >= 1


def test_a_service_that_never_completed_has_nothing_to_go_back_to():
    stage = Stage()
    stage.service.last_completed = None

    ours = stage.release("crash")
    stage.later(hours=1)

    assert stage.service.primary is ours
    assert ours.rollout == "FAILED"


def test_a_rollback_is_not_rolled_back():
    stage = Stage()
    ours = stage.release("crash")
    stage.until(lambda: ours.rollout == "FAILED")
    good = stage.service.primary.task_definition
    stage.world.images.by_tag["good"] = stage.world.images.by_tag["crash"]

    rollback = stage.service.primary
    stage.until(lambda: rollback.rollout == "FAILED")
    stage.later(hours=1)

    assert stage.service.primary is rollback
    assert rollback.task_definition is good
    assert stage.service.history[-1].status == "ROLLBACK_FAILED"


def test_after_a_fixed_release_the_service_is_well_again():
    stage = Stage()
    failed = stage.release("crash")
    stage.until(lambda: failed.rollout == "FAILED")
    stage.later(minutes=5)

    ours = stage.release("good")
    stage.until(lambda: ours.rollout == "COMPLETED")

    assert stage.service.deployments == [ours]


def test_tasks_that_crash_together_count_each():
    stage = Stage(desired=4)

    ours = stage.release("crash")
    seconds = stage.until(lambda: ours.rollout == "FAILED")

    assert seconds < 30
    assert sum(task.healthy for task in stage.tasks()) == 4


def test_a_task_that_sickens_after_completion_is_replaced_and_fails_nothing():
    stage = Stage()
    ours = stage.release("sickens")
    stage.until(lambda: ours.rollout == "COMPLETED")

    stage.later(minutes=12)

    sick = [task for task in stage.tasks("STOPPED") if task.deployment is ours]
    assert [task.stopped_reason for task in sick] == [
        f"Task failed ELB health checks in (target-group {stage.group.arn})"
    ]
    assert len(stage.tasks()) == 1
    assert ours.rollout == "COMPLETED"


@pytest.mark.parametrize(
    ("desired", "settings", "threshold"),
    [
        (1, {}, 3),
        (6, {}, 3),
        (7, {}, 4),
        (100, {}, 50),
        (1000, {}, 200),
        (1, {"threshold_type": "UNBOUNDED_PERCENT"}, 1),
        (8, {"threshold_type": "UNBOUNDED_PERCENT", "threshold_value": 25}, 2),
        (50, {"threshold_type": "COUNT", "threshold_value": 5}, 5),
    ],
)
def test_the_threshold_is_half_of_desired_within_bounds(desired, settings, threshold):
    assert CircuitBreaker(**settings).threshold(desired) == threshold
