"""The health of running tasks: by the load balancer's checks, or by a time without exit.

Tested in `tests/sandbox/world/test_world_tasks.py`.
"""

from collections.abc import Callable

from sandbox.world.target_groups import Target, TargetGroup
from sandbox.world.task_observer import TaskObserver
from sandbox.world.world_context import WorldContext
from sandbox.world.world_records import Task


class HealthChecks:
    """Registers tasks with their target group, and reports their health as the image declares."""

    def __init__(
        self, context: WorldContext, observer: TaskObserver, fail_task: Callable[[Task, str], None]
    ) -> None:
        """Take the observer of health, and a function that stops a task for a reason."""
        self._context = context
        self._observer = observer
        self._fail_task = fail_task

    def begin(self, task: Task) -> None:
        """Start the checks of a task that has just come to RUNNING."""
        group, behaviour, after = (
            task.service.target_group,
            task.behaviour,
            self._context.queue.schedule,
        )
        if behaviour.fails_own_check_after_seconds is not None:
            task.health = "HEALTHY"
            after(behaviour.fails_own_check_after_seconds, self._mark_sick, task)
        if group is None:
            after(self._context.timings.settling, self._mark_healthy, task)
            return
        self._register(task, group)
        if behaviour.never_healthy:
            after(behaviour.fails_checks_after_seconds, self._mark_unhealthy, task, group)
            return
        after(behaviour.healthy_after_seconds, self._mark_healthy, task)
        if behaviour.unhealthy_after_seconds is not None:
            after(behaviour.unhealthy_after_seconds, self._mark_unhealthy, task, group)

    def end(self, task: Task, drained: Callable[[Task], None]) -> None:
        """Deregister a task from its target group, and call `drained` after its draining.

        For a task that was never registered it is called at once.
        """
        group, target = task.service.target_group, task.target
        if group is None or target is None:
            drained(task)
            return
        say = self._context.outbox.add_service_event
        say(task.service, f"deregistered 1 targets in (target-group {group.arn})")
        say(task.service, "has begun draining connections on 1 tasks.", task.deployment.id)

        def callback() -> None:
            task.target = None
            drained(task)

        group.deregister(target, self._context.queue, callback)

    def _register(self, task: Task, group: TargetGroup) -> None:
        task.target = Target(_address(task), task.port, task.zone)
        group.register(task.target)
        message = f"registered 1 targets in (target-group {group.arn})"
        self._context.outbox.add_service_event(task.service, message)

    def _mark_healthy(self, task: Task) -> None:
        if not task.running:
            return
        task.healthy = True
        task.healthy_at, task.unhealthy_at = self._context.queue.now, None
        if task.target is not None:
            task.target.set_state("healthy")
        self._observer.task_healthy(task)
        self._observer.task_changed(task)

    def _mark_unhealthy(self, task: Task, group: TargetGroup) -> None:
        if not task.running or task.target is None or task.started_at is None:
            return
        task.healthy = False
        task.unhealthy_at = self._context.queue.now
        description = task.behaviour.health_description
        task.target.set_state("unhealthy", "Target.FailedHealthChecks", description)
        grace = task.started_at + task.service.grace_period - self._context.queue.now
        delay = max(self._context.timings.noticing, grace)
        self._context.queue.schedule(delay, self._fail_unhealthy, task, group)
        self._observer.task_changed(task)

    def _mark_sick(self, task: Task) -> None:
        """Let the containers' own checks fail; ECS ends the task after a while."""
        if task.running:
            task.health, task.healthy = "UNHEALTHY", False
            self._context.queue.schedule(self._context.timings.noticing, self._fail_sick, task)
            self._observer.task_changed(task)

    def _fail_sick(self, task: Task) -> None:
        if not task.running:
            return
        said = f"(task {task.id}) failed container health checks."
        self._context.outbox.add_service_event(task.service, said)
        self._observer.task_failed(task)
        self._fail_task(task, "Task failed container health checks")
        self._observer.task_changed(task)

    def _fail_unhealthy(self, task: Task, group: TargetGroup) -> None:
        if not task.running:
            return
        where = f"task {task.id}" if task.ip else f"instance {_address(task)}"
        self._context.outbox.add_service_event(
            task.service,
            f"({where}) (port {task.port}) is unhealthy in (target-group {group.arn})"
            f" due to (reason {task.behaviour.health_description}).",
        )
        self._observer.task_failed(task)
        self._fail_task(task, f"Task failed ELB health checks in (target-group {group.arn})")
        self._observer.task_changed(task)


def _address(task: Task) -> str:
    """Return the task's target id: its own address, or its instance's EC2 id."""
    group = task.service.target_group
    if group is not None and group.addresses == "ipv6" and task.ipv6:
        return task.ipv6
    return task.ip or (task.instance.ec2_id if task.instance else "")
