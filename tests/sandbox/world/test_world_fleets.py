"""Groups, spot fleets, interruptions, and container instances that are drained or gone."""

import pytest

from sandbox.world.deployment_configuration import DeploymentConfiguration
from sandbox.world.instance_fleets import INTERRUPTION_NOTICE, LAUNCH_SECONDS, MODIFY_SECONDS
from sandbox.world.world_errors import FleetNotFoundError, ValidationError
from tests.support.world_stage import Stage

FLEET = "sfr-73fbd2ce-aa30-494c-8788-1cee4b7b5b1e"


@pytest.fixture
def stage():
    """Two on-demand instances and two spot instances, and a service of two tasks."""
    stage = Stage(desired=2)
    stage.group_of = stage.world.fleets.add_group("on-demand", stage.cluster, ["a", "c"])
    stage.fleet = stage.world.fleets.add_fleet(FLEET, stage.cluster, ["a", "c"], 2)
    return stage


def told(stage):
    return [(event["detail-type"], event["source"]) for event in stage.world.take_events()]


def spot(stage):
    return [instance.container_instance for instance in stage.fleet.instances]


def on_spot(stage, tasks=2):
    """Have all tasks run on spot instances."""
    for host in stage.instances:
        stage.world.set_instance_status(host, "DRAINING")
    stage.until(lambda: sum(len(host.tasks) for host in spot(stage)) == tasks and steady(stage))
    for host in stage.instances:
        stage.world.set_instance_status(host, "ACTIVE")
    stage.later(minutes=5)
    stage.world.take_events()


def steady(stage):
    return stage.service.steady


def test_a_group_takes_the_instances_that_are_there_and_a_fleet_launches_its_own(stage):
    assert [
        instance.container_instance for instance in stage.group_of.in_service()
    ] == stage.instances
    assert len(stage.fleet.in_service()) == 2
    assert len(stage.cluster.instances) == 4


def test_a_group_that_grows_tells_of_each_instance_once_it_is_in_service(stage):
    stage.world.fleets.resize("on-demand", 4)
    stage.later(seconds=LAUNCH_SECONDS - 1)
    assert told(stage) == []
    stage.later(seconds=1)

    assert told(stage) == [("EC2 Instance Launch Successful", "aws.autoscaling")] * 2
    assert len(stage.cluster.instances) == 6


def test_a_group_that_shrinks_tells_of_each_instance_once_it_is_gone(stage):
    stage.world.fleets.resize("on-demand", 1)
    stage.later(minutes=1)

    assert told(stage) == [("EC2 Instance Terminate Successful", "aws.autoscaling")]
    assert len(stage.group_of.instances) == 1


def test_a_fleet_is_being_modified_for_a_moment_and_refuses_to_be_meanwhile(stage):
    stage.world.fleets.resize(FLEET, 3)

    assert stage.fleet.state == "modifying"
    with pytest.raises(ValidationError):
        stage.world.fleets.resize(FLEET, 4)
    stage.later(seconds=MODIFY_SECONDS + LAUNCH_SECONDS)
    assert (stage.fleet.state, len(stage.fleet.in_service())) == ("active", 3)


def test_a_fleet_that_shrinks_warns_first(stage):
    stage.world.fleets.resize(FLEET, 1)
    stage.later(seconds=MODIFY_SECONDS)

    assert told(stage) == [("EC2 Spot Instance Interruption Warning", "aws.ec2")]
    assert len(stage.fleet.in_service()) == 2
    stage.later(seconds=INTERRUPTION_NOTICE)
    assert len(stage.fleet.instances) == 1


def test_an_interrupted_instance_goes_two_minutes_after_the_warning_and_is_replaced(stage):
    host = spot(stage)[0]
    stage.world.fleets.interrupt(host.ec2_id)

    (event,) = stage.world.take_events()
    assert event["detail"] == {"instance-id": host.ec2_id, "instance-action": "terminate"}
    assert event["resources"] == [f"arn:aws:ec2:{host.zone}:instance/{host.ec2_id}"]
    stage.later(seconds=INTERRUPTION_NOTICE - 1)
    assert host in stage.cluster.instances.values()
    stage.later(seconds=1)
    assert host not in stage.cluster.instances.values()
    stage.later(seconds=LAUNCH_SECONDS)
    assert len(stage.fleet.in_service()) == 2


def test_an_interrupted_instance_may_go_before_its_notice_is_over_and_goes_once(stage):
    host = spot(stage)[0]
    stage.world.fleets.interrupt(host.ec2_id)
    stage.world.fleets.terminate(host.ec2_id)

    assert host.status == "INACTIVE"
    stage.later(seconds=INTERRUPTION_NOTICE + LAUNCH_SECONDS)
    assert len(stage.fleet.in_service()) == 2


def test_only_spot_instances_are_interrupted(stage):
    with pytest.raises(FleetNotFoundError):
        stage.world.fleets.interrupt(stage.instances[0].ec2_id)


def test_tasks_of_an_instance_that_is_gone_stop_at_once_in_ecss_words(stage):
    on_spot(stage)
    host = max(spot(stage), key=lambda each: len(each.tasks))
    lost = list(host.tasks.values())
    assert lost
    stage.world.fleets.interrupt(host.ec2_id)
    stage.later(seconds=INTERRUPTION_NOTICE)

    assert {task.last_status for task in lost} == {"STOPPED"}
    assert {task.stop_code for task in lost} == {"TerminationNotice"}
    assert lost[0].stopped_reason == f"Host EC2 (instance {host.ec2_id}) terminated."
    stage.until(lambda: steady(stage))
    assert stage.service.primary.failed_tasks == 0


def test_a_drained_instance_gets_no_tasks_and_its_own_move_before_they_stop(stage):
    on_spot(stage)
    host = max(spot(stage), key=lambda each: len(each.tasks))
    moved = list(host.tasks.values())
    stage.world.set_instance_status(host, "DRAINING")
    least = []

    def gone():
        least.append(sum(task.healthy for task in stage.service.active_tasks()))
        return not host.tasks

    stage.until(gone)

    assert min(least) >= 2
    assert {(task.stop_code, task.stopped_reason) for task in moved} == {
        ("ServiceSchedulerInitiated", "Task stopped during instance draining")
    }
    assert all(task.instance is not host for task in stage.service.active_tasks())
    assert steady(stage)


def test_what_is_drained_in_time_loses_no_task(stage):
    on_spot(stage)
    host = max(spot(stage), key=lambda each: len(each.tasks))
    stage.world.fleets.interrupt(host.ec2_id)
    stage.world.set_instance_status(host, "DRAINING")
    stage.later(minutes=10)

    assert {t.stop_code for t in stage.tasks("STOPPED")} == {"ServiceSchedulerInitiated"}
    assert host.status == "INACTIVE"


def test_below_a_full_minimum_a_drained_task_stops_before_its_successor_runs():
    half = DeploymentConfiguration(minimum_healthy_percent=50, maximum_percent=100)
    stage = Stage(desired=2, configuration=half)
    stage.world.set_instance_status(stage.instances[0], "DRAINING")
    healthy = []

    def gone():
        healthy.append(sum(task.healthy for task in stage.service.active_tasks()))
        return not stage.instances[0].tasks

    stage.until(gone)

    assert min(healthy) == 1
    stage.until(lambda: steady(stage))


def test_a_deployment_goes_on_and_completes_while_its_instances_are_drained():
    stage = Stage(desired=4)
    ours = stage.release("good")
    stage.later(seconds=15)
    stage.world.set_instance_status(stage.instances[0], "DRAINING")

    stage.until(lambda: ours.rollout == "COMPLETED")

    assert ours.failed_tasks == 0
    assert all(task.instance is stage.instances[1] for task in stage.service.active_tasks())
