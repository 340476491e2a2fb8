"""The present state of a service, for tests and for the page.

Tested in `tests/sandbox/world/test_world_rolling.py`.
"""

from collections import Counter
from dataclasses import dataclass

from sandbox.world.world_records import Service


@dataclass(frozen=True, slots=True)
class ServiceSnapshot:
    """One service at one moment.

    Attributes:
        task_definition: of the PRIMARY deployment, as in `api:7`.
        deployment: the PRIMARY deployment's id.
        rollout: its rollout state, and `reason` its words.
        running: running tasks by task definition, as in `{"api:7": 1}`.
        pending: tasks on their way to RUNNING.
        targets: this service's own targets by state, draining ones included.
        last_event: the newest line of the service's event stream.
    """

    cluster: str
    name: str
    status: str
    task_definition: str
    deployment: str
    rollout: str
    reason: str
    desired: int
    running: dict[str, int]
    pending: int
    targets: dict[str, int]
    last_event: str


def service_snapshot(service: Service) -> ServiceSnapshot:
    """Return the present state of a service."""
    tasks = [task for item in service.deployments for task in item.tasks.values()]
    running = [task for task in tasks if task.running]
    primary = service.primary
    return ServiceSnapshot(
        cluster=service.cluster.name,
        name=service.name,
        status=service.status,
        task_definition=primary.task_definition.name,
        deployment=primary.id,
        rollout=primary.rollout,
        reason=primary.reason,
        desired=service.desired_count,
        running=dict(Counter(task.deployment.task_definition.name for task in running)),
        pending=sum(task.desired_status == "RUNNING" and not task.running for task in tasks),
        targets=dict(Counter(task.target.state for task in tasks if task.target is not None)),
        last_event=service.events[0].message if service.events else "",
    )
