"""The lives of tasks and their targets."""

import pytest

from tests.support.world_stage import Stage


def life(stage, task, minutes=10):
    """Return the statuses that a task goes through until it has stopped."""
    seen = []

    def look():
        if seen[-1:] != [task.last_status]:
            seen.append(task.last_status)
        return task.last_status == "STOPPED"

    stage.until(look, minutes)
    return seen


def newest(stage):
    return list(stage.world.tasks().values())[-1]


def test_a_task_with_an_address_of_its_own_is_provisioned_and_deprovisioned():
    stage = Stage(mode="awsvpc")
    stage.release("crash")
    stage.later(seconds=1)

    task = newest(stage)

    assert life(stage, task) == [
        "PROVISIONING",
        "PENDING",
        "RUNNING",
        "DEPROVISIONING",
        "STOPPED",
    ]
    assert (task.target, task.ip[:5]) == (task.target, "10.0.")


def test_a_task_on_an_instance_is_not():
    stage = Stage(mode="bridge")
    stage.release("crash")
    stage.later(seconds=1)

    task = newest(stage)

    assert life(stage, task) == ["PENDING", "RUNNING", "STOPPED"]


def test_a_crashed_task_says_why():
    stage = Stage()
    ours = stage.release("crash")
    stage.until(lambda: ours.failed_tasks == 1)

    task = newest(stage)

    assert task.stopped_reason == "Essential container in task exited"
    assert task.stop_code == "EssentialContainerExited"
    assert task.exit_code == 1
    assert task.desired_status == "STOPPED"


def test_a_target_goes_from_initial_to_healthy():
    stage = Stage()
    stage.release("good")
    stage.until(lambda: len(stage.group.targets) == 2)

    target = newest(stage).target
    assert (target.state, target.reason) == ("initial", "Elb.RegistrationInProgress")
    stage.later(seconds=20)

    assert (target.state, target.reason, target.description) == ("healthy", "", "")


def test_a_target_that_never_answers_becomes_unhealthy_and_its_task_is_stopped():
    stage = Stage()
    ours = stage.release("unhealthy")

    stage.until(lambda: newest(stage).target and newest(stage).target.state == "unhealthy")
    task = newest(stage)
    assert task.target.reason == "Target.FailedHealthChecks"
    assert task.target.description == "no answer"
    assert task.last_status == "RUNNING"
    stage.later(seconds=10)

    assert task.stopped_reason == (
        f"Task failed ELB health checks in (target-group {stage.group.arn})"
    )
    assert ours.failed_tasks == 1


def test_a_grace_period_keeps_an_unhealthy_task_for_longer():
    stage = Stage()
    stage.service.grace_period = 300

    ours = stage.release("unhealthy")
    stage.later(seconds=290)
    assert ours.failed_tasks == 0
    stage.later(seconds=60)

    assert ours.failed_tasks == 1


def test_bridge_tasks_spread_over_the_instances_each_on_a_port_of_its_own():
    stage = Stage(desired=4, mode="bridge")

    assert [len(item.tasks) for item in stage.instances] == [2, 2]
    assert len(stage.group.targets) == 4
    assert {ident for ident, _ in stage.group.targets} == {i.ec2_id for i in stage.instances}


def test_without_an_instance_that_takes_tasks_the_service_says_so_and_tries_again():
    stage = Stage(mode="bridge")
    for instance in stage.instances:
        instance.status = "DRAINING"

    ours = stage.release("good")
    stage.later(seconds=5)
    assert "was unable to place a task" in stage.service.events[0].message
    stage.instances[0].status = "ACTIVE"
    stage.until(lambda: ours.rollout == "COMPLETED")

    assert newest(stage).instance is stage.instances[0]


def test_a_stopped_task_is_remembered_for_an_hour():
    stage = Stage()
    old = stage.tasks()[0]
    stage.release("good")
    stage.until(lambda: old.last_status == "STOPPED")

    stage.later(minutes=59)
    assert old.id in stage.world.tasks()
    stage.later(minutes=2)

    assert old.id not in stage.world.tasks()


def test_a_deleted_service_stops_its_tasks():
    stage = Stage(desired=2)

    stage.world.delete_service(stage.service)
    stage.later(minutes=2)

    assert stage.service.status == "INACTIVE"
    assert stage.tasks() == []
    assert stage.group.targets == {}


@pytest.mark.parametrize("tag", ["good", "crash", "unhealthy"])
def test_a_steady_service_has_nothing_left_to_happen(tag):
    stage = Stage(desired=3)

    stage.release(tag)
    stage.later(hours=2)

    assert stage.world.next_event_at() is None
