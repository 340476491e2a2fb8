"""Events that are no fault of a call: what people, operators and AWS do during a rollout."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from handlers.slack.action_ids import Action
from sandbox.world.service_requests import ServiceChange
from sandbox.world.world_errors import ConflictError
from simulator.faults import AtInvocation
from simulator.stepfunctions.asl_errors import TIMEOUT
from simulator.stepfunctions.execution import ABORTED, RUNNING, TIMED_OUT

NOW = timedelta(0)
AN_HOUR, A_MINUTE = timedelta(hours=1), timedelta(minutes=1)


def _outermost(simulation: Any) -> tuple[Any, list[Any]]:
    """Return the outermost machine and its executions: the group's, where there is a group."""
    groups = simulation.groups
    if groups.executions():
        return groups.service, groups.executions()
    return simulation.states, simulation.executions()


def stop(simulation: Any) -> None:
    """Stop every outermost execution, as in the console."""
    machine, executions = _outermost(simulation)
    for execution in executions:
        machine.stop_execution(arn=execution.arn, cause="enough")


def time_out(simulation: Any) -> None:
    """End every outermost execution as its machine's `TimeoutSeconds` does."""
    machine, executions = _outermost(simulation)
    for execution in executions:
        if execution.status == RUNNING:
            machine.interpreter.close(execution, TIMED_OUT, 0, error=TIMEOUT)


def stop_the_group_alone(simulation: Any) -> None:
    """Stop a group, and have Step Functions not stop its rollouts: it does so at best effort.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
    """
    simulation.groups.detach_rollouts()
    stop(simulation)


def stop_and_redrive(simulation: Any) -> None:
    """Stop the executions, and redrive them a minute later."""
    stop(simulation)
    simulation.after(A_MINUTE, lambda: redrive(simulation))


def redrive(simulation: Any) -> None:
    """Redrive every outermost execution that was stopped."""
    machine, executions = _outermost(simulation)
    for execution in executions:
        if execution.status == ABORTED:
            machine.redrive_execution(arn=execution.arn)


def press_roll_back_now(simulation: Any) -> None:
    """Press *Roll back now* on every board."""
    for rollout in simulation.outside.rollouts.records:
        simulation.after(
            NOW,
            lambda rollout=rollout: simulation.people.press("U0BOB", Action.ROLL_BACK_NOW, rollout),
        )


def cancel(simulation: Any) -> None:
    """Type `/rollout cancel`."""
    simulation.after(NOW, lambda: simulation.people.type("U0CAROL", "cancel api"))


def start_another(simulation: Any) -> None:
    """Start another rollout of the same release."""
    asked = ",".join(simulation.story.applications)
    simulation.after(NOW, lambda: simulation.people.type("U0CAROL", f"{asked} v1.42.0"))


def take_slack_down(simulation: Any) -> None:
    """Have Slack refuse every call for an hour."""
    simulation.slack_down_until = simulation.now + AN_HOUR


def deploy(name: str) -> Callable[[Any], None]:
    """Return what deploys another revision to a service."""

    def happens(simulation: Any) -> None:
        service = simulation.service(name)
        if service.status == "ACTIVE":
            content = {**service.primary.task_definition.content, "cpu": "512"}
            hotfix = simulation.world.register_task_definition(content)
            simulation.changed_by_others[name] = simulation.now
            simulation.world.update_service(service, ServiceChange(task_definition=hotfix.arn))

    return happens


def maintain_host(simulation: Any) -> None:
    """Have AWS maintain the host of red's tasks: ECS moves them, and what else is there."""
    hosts = [task.instance for task in simulation.service("api-red").active_tasks()]
    for host in hosts[:1]:
        simulation.world.maintain_host(host)


def scale_red_to_zero(simulation: Any) -> None:
    """Set red's desired count to 0."""
    simulation.changed_by_others["api-red"] = simulation.now
    simulation.world.update_service(simulation.service("api-red"), ServiceChange(desired_count=0))


def delete_yellow(simulation: Any) -> None:
    """Delete yellow's service."""
    simulation.changed_by_others["api-yellow"] = simulation.now
    simulation.world.delete_service(simulation.service("api-yellow"))


def stop_in_ecs(simulation: Any) -> None:
    """Stop every deployment in progress, so that ECS rolls it back."""
    for service in simulation.world.services():
        if service.history and service.history[-1].status in {"PENDING", "IN_PROGRESS"}:
            simulation.changed_by_others[service.name] = simulation.now
            with suppress(ConflictError):  # there is nothing to go back to
                simulation.world.stop_service_deployment(service.history[-1].arn)


def deregister_the_release(simulation: Any) -> None:
    """Deregister the release's revision."""
    for definition in list(simulation.world.task_definitions.all()):
        if definition.arn not in simulation.before.values():
            definition.status = "INACTIVE"


def turn_red_bad(simulation: Any) -> None:
    """Put red's alarm into ALARM, where red runs the release."""
    simulation.alarm_overrides["api-red"] = "ALARM"
    simulation.lambdas.deliver_event(
        {
            "source": "aws.cloudwatch",
            "detail-type": "CloudWatch Alarm State Change",
            "resources": [],
            "detail": {"alarmName": "api-red-5xx", "state": {"value": "ALARM"}},
        }
    )


BACKGROUND_EVENTS: dict[AtInvocation, Callable[[Any], None]] = {
    AtInvocation.STOPPED: stop,
    AtInvocation.TIMED_OUT: time_out,
    AtInvocation.STOPPED_ALONE: stop_the_group_alone,
    AtInvocation.REDRIVEN: stop_and_redrive,
    AtInvocation.ROLL_BACK_NOW: press_roll_back_now,
    AtInvocation.CANCELLED: cancel,
    AtInvocation.SECOND_START: start_another,
    AtInvocation.SLACK_DOWN: take_slack_down,
    AtInvocation.SOMEONE_DEPLOYS_RED: deploy("api-red"),
    AtInvocation.SOMEONE_DEPLOYS_GREEN: deploy("api-green"),
    AtInvocation.SCALED_TO_ZERO: scale_red_to_zero,
    AtInvocation.DELETED: delete_yellow,
    AtInvocation.STOPPED_IN_ECS: stop_in_ecs,
    AtInvocation.DEREGISTERED: deregister_the_release,
    AtInvocation.RED_TURNS_BAD: turn_red_bad,
    AtInvocation.HOST_MAINTAINED: maintain_host,
}
