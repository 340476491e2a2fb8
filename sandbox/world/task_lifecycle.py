"""The lifecycle of a task: from PROVISIONING over RUNNING to STOPPED.

Tested in `tests/sandbox/world/test_world_tasks.py`.
"""

import math
from collections import OrderedDict

from sandbox.world.placement import TaskPlacement, TaskPlacer, placement_failure
from sandbox.world.task_health import HealthChecks
from sandbox.world.task_observer import TaskObserver
from sandbox.world.world_context import WorldContext
from sandbox.world.world_records import Deployment, Service, Task

_MANY = 100
NO_INTERFACE = "Timeout waiting for network interface provisioning to complete."
"""Why a task ends whose network interface AWS did not provide. Source: Amazon ECS developer guide,
"Stopped tasks error messages"."""


class Tasks:
    """Starts and stops tasks, and moves them through the states that their image declares."""

    def __init__(self, context: WorldContext, observer: TaskObserver) -> None:
        """Start with no task at all."""
        self._context = context
        self._observer = observer
        self._checks = HealthChecks(context, observer, self.stop)
        self._placement = TaskPlacer(context.identifiers)
        self.by_id: OrderedDict[str, Task] = OrderedDict()
        self._stopped: OrderedDict[str, Task] = OrderedDict()

    def launch(self, service: Service, deployment: Deployment) -> Task | None:
        """Start a task; None when no instance has capacity for it."""
        definition = deployment.task_definition
        place = self._placement.place(service, definition)
        if place is None:
            return None
        task = self._make(service, deployment, place)
        self.by_id[task.id] = deployment.tasks[task.id] = task
        place.instance.tasks[task.id] = task
        if not place.ip:
            self._pending(task)
        else:
            task.last_status = "PROVISIONING"
            self._context.queue.schedule(self._context.timings.provisioning, self._pending, task)
        return task

    def placement_failure(self, service: Service, deployment: Deployment) -> str:
        """Return why a task cannot be placed, in ECS's words."""
        return placement_failure(service.cluster, deployment.task_definition)

    def stop(self, task: Task, reason: str, code: str = "ServiceSchedulerInitiated") -> None:
        """Stop a task as the scheduler does: drain its target first, then end its container."""
        if task.desired_status == "STOPPED":
            return
        self._mark_stopping(task, reason, code)
        task.last_status = "DEACTIVATING"
        self._checks.end(task, self._drained)

    def terminate(self, task: Task, reason: str, code: str) -> None:
        """End a task at once, because its instance is gone."""
        if task.desired_status != "STOPPED":
            self._mark_stopping(task, reason, code)
            self._checks.end(task, lambda _: None)
        self._stop_for_good(task)

    def drop_expired(self) -> None:
        """Drop tasks that stopped longer ago than ECS remembers."""
        horizon = self._context.queue.now - self._context.timings.stopped_tasks_kept
        while self._stopped:
            task = next(iter(self._stopped.values()))
            if task.stopped_at is None or task.stopped_at > horizon:
                return
            del self._stopped[task.id], self.by_id[task.id]

    def _make(self, service: Service, deployment: Deployment, place: TaskPlacement) -> Task:
        identifiers = self._context.identifiers
        ident = identifiers.hexadecimal()
        return Task(
            id=ident,
            arn=identifiers.arn(f"task/{service.cluster.name}/{ident}"),
            service=service,
            deployment=deployment,
            behaviour=self._context.images.behaviour(_image(service, deployment), service.name),
            created_at=self._context.queue.now,
            zone=place.zone,
            port=place.port,
            ip=place.ip,
            ipv6=place.ipv6,
            instance=place.instance,
            network_interface=f"eni-{identifiers.hexadecimal(17)}" if place.ip else "",
        )

    def _pending(self, task: Task) -> None:
        if task.desired_status == "STOPPED":
            return
        if task.ip and task.service.interfaces_to_fail:
            task.service.interfaces_to_fail -= 1
            self._fail(task, NO_INTERFACE, "TaskFailedToStart")
            return
        task.last_status = "PENDING"
        delay = task.behaviour.starts_after_seconds
        jitter = self._context.timings.start_jitter
        if jitter:
            delay *= 1 + jitter * self._context.identifiers.generator.random()
        self._context.queue.schedule(delay, self._start, task)

    def _start(self, task: Task) -> None:
        if task.desired_status == "STOPPED":
            return
        behaviour = task.behaviour
        if behaviour.start_error:
            self._fail(task, behaviour.start_error, "TaskFailedToStart")
            return
        task.last_status = "RUNNING"
        task.started_at = self._context.queue.now
        self._keep_for_telemetry(task)
        if behaviour.exits_after_seconds is not None:
            self._context.queue.schedule(behaviour.exits_after_seconds, self._exit, task)
        self._checks.begin(task)
        self._observer.task_changed(task)

    def _keep_for_telemetry(self, task: Task) -> None:
        """Keep a task for the metrics and logs of its service, and drop expired ones."""
        service = task.service
        if len(service.recent_tasks) >= _MANY:
            horizon = self._context.queue.now - self._context.timings.telemetry_kept
            service.recent_tasks = [
                t for t in service.recent_tasks if (t.stopping_at or math.inf) > horizon
            ]
        service.recent_tasks.append(task)

    def _exit(self, task: Task) -> None:
        if not task.running:
            return
        task.exit_code = task.behaviour.exit_code
        task.container_reason = task.behaviour.exit_reason
        self._fail(task, "Essential container in task exited", "EssentialContainerExited")

    def _fail(self, task: Task, reason: str, code: str) -> None:
        self._observer.task_failed(task)
        self._mark_stopping(task, reason, code)
        self._release(task)
        self._checks.end(task, self._drained)
        self._observer.task_changed(task)

    def _mark_stopping(self, task: Task, reason: str, code: str) -> None:
        task.desired_status = "STOPPED"
        task.healthy = False
        task.stopping_at = self._context.queue.now
        task.unhealthy_at = task.unhealthy_at or task.stopping_at
        task.stopped_reason, task.stop_code = reason, code

    def _drained(self, task: Task) -> None:
        if task.last_status == "DEACTIVATING":
            self._end_container(task)

    def _end_container(self, task: Task) -> None:
        task.last_status = "STOPPING"
        self._context.queue.schedule(self._context.timings.stopping, self._release, task)

    def _release(self, task: Task) -> None:
        if task.last_status == "STOPPED":
            return
        if task.exit_code is None and task.started_at is not None:
            task.exit_code = 0
        if not task.ip:
            self._stop_for_good(task)
            return
        task.last_status = "DEPROVISIONING"
        self._context.queue.schedule(
            self._context.timings.deprovisioning, self._stop_for_good, task
        )

    def _stop_for_good(self, task: Task) -> None:
        if task.last_status == "STOPPED":
            return
        task.last_status = "STOPPED"
        task.stopped_at = self._context.queue.now
        task.deployment.tasks.pop(task.id, None)
        if task.instance is not None:
            task.instance.tasks.pop(task.id, None)
        self._stopped[task.id] = task
        self.drop_expired()
        self._observer.task_changed(task)


def _image(service: Service, deployment: Deployment) -> str:
    containers = deployment.task_definition.containers
    named = [item for item in containers if item["name"] == service.container]
    return str((named or containers)[0]["image"])
