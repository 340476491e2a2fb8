"""Whose doing it was that a task stopped, as a table of ECS's codes and words."""

import botocore.session
import pytest

from handlers.domain.deployments.stop_causes import StopCause, stop_cause
from tests.support.builders import a_task

MAINTENANCE = "ECS is performing maintenance on the underlying infrastructure hosting the task"
BY_SCHEDULER, NOT_STARTED = "ServiceSchedulerInitiated", "TaskFailedToStart"
TABLE = {
    "maintained, after the service's name": (
        BY_SCHEDULER,
        f"Service api-red: {MAINTENANCE}",
        "moved",
    ),
    "maintained": (BY_SCHEDULER, MAINTENANCE, "moved"),
    "deregistered": ("UserInitiated", "Container instance deregistration forced by user", "moved"),
    "interrupted": ("SpotInterruption", "Your Spot Task was interrupted.", "moved"),
    "terminated": ("TerminationNotice", "", "moved"),
    "impaired": ("InfrastructureHealth", "", "moved"),
    "no network interface": (
        NOT_STARTED,
        "Timeout waiting for network interface provisioning to complete.",
        "platform",
    ),
    "no capacity": (
        NOT_STARTED,
        "Capacity is unavailable at this time. Please try again later.",
        "platform",
    ),
    "no image": (NOT_STARTED, "CannotPullContainerError: not found", "release"),
    "no secret": (NOT_STARTED, "ResourceInitializationError: unable to pull secrets", "release"),
    "exited": ("EssentialContainerExited", "Essential container in task exited", "release"),
    "unhealthy": (BY_SCHEDULER, "Task failed ELB health checks in (target-group a)", "release"),
    "unhealthy container": (BY_SCHEDULER, "Task failed container health checks", "release"),
    "not needed": (BY_SCHEDULER, "Scaling activity initiated by (deployment ecs-svc/1)", "routine"),
    "stopped by hand": ("UserInitiated", "Because I can", "routine"),
    "unknown words": (BY_SCHEDULER, "Because of the weather", "unknown"),
    "unknown words at the start": (NOT_STARTED, "Because of the weather", "unknown"),
    "an unknown code": ("Weather", "", "unknown"),
}


@pytest.mark.parametrize(("code", "reason", "cause"), TABLE.values(), ids=TABLE)
def test_a_task_stopped_because_of(code, reason, cause):
    task = a_task(status="STOPPED", stop_code=code, stopped_reason=reason)

    assert stop_cause(task) is StopCause(cause)


def test_every_code_of_ecs_is_in_the_table():
    model = botocore.session.get_session().get_service_model("ecs")
    codes = {code for code, _, _ in TABLE.values()}

    assert codes - {"Weather"} == set(model.shape_for("TaskStopCode").enum)
