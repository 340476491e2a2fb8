"""Service deployments: one record per attempt, whose status tells how it ended."""

import pytest

from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from sandbox.world.world_errors import ConflictError, ServiceDeploymentNotFoundError
from tests.support.world_stage import Stage


def statuses(stage, reached):
    """Return the newest record's statuses in order, until `reached()`."""
    record, seen = stage.service.history[-1], []

    def look():
        if seen[-1:] != [record.status]:
            seen.append(record.status)
        return reached()

    stage.until(look)
    return seen


def test_a_good_release_is_successful():
    stage = Stage()
    ours = stage.release("good")

    seen = statuses(stage, lambda: ours.rollout == "COMPLETED")

    record = stage.service.history[-1]
    assert seen == ["PENDING", "IN_PROGRESS", "SUCCESSFUL"]
    assert record.created_at < record.started_at < record.finished_at
    assert record.breaker == "MONITORING_COMPLETE"
    assert [item.task_definition.name for item in record.sources] == ["shop:1"]


def test_a_rollback_changes_the_record_of_the_same_service_deployment():
    stage = Stage()
    stage.release("crash")

    seen = statuses(stage, lambda: stage.service.history[-1].finished_at is not None)

    record = stage.service.history[-1]
    assert seen == [
        "PENDING",
        "IN_PROGRESS",
        "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
    ]
    assert len(stage.service.history) == 2
    assert record.rollback_to is stage.service.history[0].target
    assert "circuit breaker" in record.rollback_reason
    assert record.breaker == "TRIGGERED"


def test_a_failure_without_rollback_is_stopped():
    breaker = CircuitBreaker(enable=True, rollback=False)
    stage = Stage(configuration=DeploymentConfiguration(circuit_breaker=breaker))
    stage.release("crash")

    seen = statuses(stage, lambda: stage.service.history[-1].finished_at is not None)

    assert seen == ["PENDING", "IN_PROGRESS", "STOPPED"]


def test_an_overtaken_one_is_stopped():
    stage = Stage()
    stage.release("slow")
    stage.later(seconds=20)
    record = stage.service.history[-1]

    stage.release("good")
    assert record.status == "STOP_REQUESTED"
    stage.later(seconds=2)

    assert record.status == "STOPPED"
    assert record.stopped_at is not None


def test_stopping_rolls_back_even_without_a_breaker():
    stage = Stage(configuration=DeploymentConfiguration())
    before = stage.service.primary
    stopped = stage.release("slow")
    stage.later(seconds=20)
    record = stage.service.history[-1]

    stage.world.stop_service_deployment(record.arn)
    assert record.status == "ROLLBACK_REQUESTED"
    stage.world.stop_service_deployment(record.arn)
    stage.until(lambda: record.finished_at is not None)

    assert record.status == "ROLLBACK_SUCCESSFUL"
    assert stage.service.primary.task_definition is before.task_definition
    assert stage.service.primary.id not in {before.id, stopped.id}
    assert len(stage.service.history) == 2


def test_aborting_leaves_things_as_they_are():
    stage = Stage()
    old = stage.tasks()
    ours = stage.release("slow")
    stage.later(seconds=20)

    stage.world.stop_service_deployment(stage.service.history[-1].arn, "ABORT")
    stage.later(hours=1)

    assert stage.service.history[-1].status == "STOPPED"
    assert (ours.status, ours.rollout) == ("PRIMARY", "FAILED")
    assert stage.tasks() == old


def test_what_is_over_cannot_be_stopped():
    stage = Stage()

    with pytest.raises(ConflictError, match="SUCCESSFUL"):
        stage.world.stop_service_deployment(stage.service.history[-1].arn)


def test_what_does_not_exist_cannot_be_stopped():
    with pytest.raises(ServiceDeploymentNotFoundError):
        Stage().world.stop_service_deployment("arn:aws:ecs:none")


def test_a_stop_asked_for_before_it_began_rolls_back():
    stage = Stage()
    stage.release("good")

    stage.world.stop_service_deployment(stage.service.history[-1].arn)
    stage.until(lambda: stage.service.history[-1].finished_at is not None)

    assert stage.service.history[-1].status == "ROLLBACK_SUCCESSFUL"
    assert stage.service.primary.task_definition.name == "shop:1"
