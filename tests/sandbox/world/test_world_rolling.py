"""Rolling deployments that nothing goes wrong with."""

import pytest

from sandbox.world.deployment_configuration import DeploymentConfiguration
from tests.support.world_stage import Stage


def test_a_good_release_replaces_the_tasks_and_completes_under_its_own_id():
    stage = Stage(desired=4)
    before = stage.service.primary

    ours = stage.release("good")
    seconds = stage.until(lambda: ours.rollout == "COMPLETED")

    assert stage.service.deployments == [ours]
    assert ours.id != before.id
    assert ours.reason == f"ECS deployment {ours.id} completed."
    assert [task.deployment for task in stage.tasks()] == [ours] * 4
    assert 60 < seconds < 120


def test_while_it_runs_the_one_before_is_active_and_still_says_completed():
    stage = Stage()
    before = stage.service.primary

    ours = stage.release("good")
    stage.later(seconds=5)

    assert [item.status for item in stage.service.deployments] == ["PRIMARY", "ACTIVE"]
    assert [item.rollout for item in stage.service.deployments] == ["IN_PROGRESS", "COMPLETED"]
    assert stage.service.deployments == [ours, before]


def test_a_deployment_id_has_nineteen_digits():
    prefix, digits = Stage().release("good").id.split("/")

    assert prefix == "ecs-svc"
    assert digits.isdecimal()
    assert len(digits) == 19


def test_the_same_task_definition_starts_no_deployment():
    stage = Stage()
    before = stage.service.primary

    stage.change(task_definition=before.task_definition.arn)

    assert stage.service.deployments == [before]


def test_the_same_task_definition_with_force_starts_a_deployment():
    stage = Stage()
    before = stage.service.primary

    ours = stage.change(task_definition=before.task_definition.arn, force_new_deployment=True)
    stage.until(lambda: ours.rollout == "COMPLETED")

    assert ours.id != before.id
    assert ours.task_definition is before.task_definition


def test_a_desired_count_starts_no_deployment_and_is_reached():
    stage = Stage(desired=2)
    before = stage.service.primary

    stage.change(desired_count=5)
    stage.until(lambda: len(stage.tasks()) == 5)
    stage.change(desired_count=1)
    stage.until(lambda: len(stage.tasks()) == 1)

    assert stage.service.deployments == [before]
    assert before.rollout == "COMPLETED"
    assert stage.events() == []


def test_a_deployment_does_not_touch_the_desired_count():
    stage = Stage(desired=3)

    stage.release("crash")
    stage.later(hours=1)

    assert stage.service.desired_count == 3


def test_a_service_scaled_to_zero_completes_at_once_with_no_task():
    stage = Stage()
    stage.change(desired_count=0)
    stage.later(minutes=5)

    ours = stage.release("crash")
    seconds = stage.until(lambda: ours.rollout == "COMPLETED")

    assert seconds <= 1
    assert stage.tasks() == []


def test_a_slow_release_takes_its_time_and_completes():
    stage = Stage()

    ours = stage.release("slow")
    seconds = stage.until(lambda: ours.rollout == "COMPLETED")

    assert seconds > 150
    assert ours.failed_tasks == 0


def test_a_newer_deployment_overtakes_the_one_that_runs():
    stage = Stage()
    first = stage.release("slow")
    stage.later(seconds=30)

    second = stage.release("good")
    assert [item.id for item in stage.service.deployments][:2] == [second.id, first.id]
    assert (first.status, first.rollout) == ("ACTIVE", "IN_PROGRESS")
    stage.until(lambda: second.rollout == "COMPLETED")

    assert stage.service.deployments == [second]
    assert first.rollout == "IN_PROGRESS"
    assert {task.deployment for task in stage.tasks()} == {second}


def test_without_room_above_a_task_is_stopped_before_its_successor_starts():
    stage = Stage(desired=2, configuration=DeploymentConfiguration(100, 50))

    ours = stage.release("good")
    stage.later(seconds=2)
    assert len(stage.service.active_tasks()) == 2
    assert sum(task.healthy for task in stage.service.active_tasks()) == 1
    stage.until(lambda: ours.rollout == "COMPLETED")

    assert len(stage.tasks()) == 2


def test_without_room_above_or_below_nothing_moves():
    stage = Stage(desired=2, configuration=DeploymentConfiguration(100, 100))

    ours = stage.release("good")
    stage.later(hours=2)

    assert ours.rollout == "IN_PROGRESS"
    assert {task.deployment for task in stage.tasks()} == {stage.service.deployments[1]}


@pytest.mark.parametrize("mode", ["awsvpc", "bridge"])
def test_a_stopped_task_drains_before_it_ends(mode):
    stage = Stage(mode=mode)
    old = stage.tasks()[0]

    stage.release("good")
    stage.until(lambda: old.desired_status == "STOPPED")
    assert (old.last_status, old.target.state) == ("DEACTIVATING", "draining")
    assert old.target.reason == "Target.DeregistrationInProgress"
    stage.later(seconds=29)
    assert len(stage.group.targets) == 2
    stage.later(seconds=6)

    assert len(stage.group.targets) == 1
    assert old.last_status == "STOPPED"
    assert old.stopped_reason.startswith("Scaling activity initiated by (deployment ecs-svc/")
    assert old.exit_code == 0


def test_a_service_without_load_balancer_settles_before_it_completes():
    stage = Stage(balanced=False, settling=40)

    ours = stage.release("good")
    seconds = stage.until(lambda: ours.rollout == "COMPLETED")

    assert seconds > 50


def test_the_event_stream_tells_the_story_newest_first():
    stage = Stage()
    stage.service.events.clear()

    ours = stage.release("good")
    stage.until(lambda: ours.rollout == "COMPLETED")

    story = [event.message.split("(task ")[0] for event in reversed(stage.service.events)]
    old = stage.service.history[0].attempts[0].id
    where = f"(target-group {stage.group.arn})"
    assert story == [
        "(service shop) has started 1 tasks: ",
        f"(service shop) registered 1 targets in {where}",
        f"(service shop) deregistered 1 targets in {where}",
        f"(service shop, taskSet {old}) has begun draining connections on 1 tasks.",
        "(service shop) has stopped 1 running tasks: ",
        f"(service shop) (deployment {ours.id}) deployment completed.",
        "(service shop) has reached a steady state.",
    ]
