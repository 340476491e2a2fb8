"""The health of running tasks: the load balancer's checks, or a while without exit."""

from collections.abc import Callable

from sandbox.world.target_groups import Target, TargetGroup
from sandbox.world.task_observer import Watcher
from sandbox.world.world_context import Context
from sandbox.world.world_records import Task


class Checks:
    """Registers tasks with their target group, and judges them as their image declares."""

    def __init__(
        self, context: Context, watcher: Watcher, condemn: Callable[[Task, str], None]
    ) -> None:
        """Tell `watcher` of health; `condemn` stops a task for the reason that it is given."""
        self._context = context
        self._watcher = watcher
        self._condemn_task = condemn

    def begin(self, task: Task) -> None:
        """Start to check a task that has just come to RUNNING."""
        group, behaviour, after = (
            task.service.target_group,
            task.behaviour,
            self._context.agenda.after,
        )
        if group is None:
            after(self._context.timings.settling, self._well, task)
            return
        self._register(task, group)
        if behaviour.never_healthy:
            after(behaviour.fails_checks_after_seconds, self._sicken, task, group)
            return
        after(behaviour.healthy_after_seconds, self._well, task)
        if behaviour.unhealthy_after_seconds is not None:
            after(behaviour.unhealthy_after_seconds, self._sicken, task, group)

    def end(self, task: Task, drained: Callable[[Task], None]) -> None:
        """Take a task out of its target group; `drained` is called when that is through.

        For a task that was never registered it is called at once.
        """
        group, target = task.service.target_group, task.target
        if group is None or target is None:
            drained(task)
            return
        say = self._context.outbox.say
        say(task.service, f"deregistered 1 targets in (target-group {group.arn})")
        say(task.service, "has begun draining connections on 1 tasks.", task.deployment.id)

        def gone() -> None:
            task.target = None
            drained(task)

        group.deregister(target, self._context.agenda, gone)

    def _register(self, task: Task, group: TargetGroup) -> None:
        task.target = Target(_address(task), task.port, task.zone)
        group.register(task.target)
        message = f"registered 1 targets in (target-group {group.arn})"
        self._context.outbox.say(task.service, message)

    def _well(self, task: Task) -> None:
        if not task.running:
            return
        task.healthy = True
        task.well_at, task.unwell_at = self._context.agenda.now, None
        if task.target is not None:
            task.target.become("healthy")
        self._watcher.task_healthy(task)
        self._watcher.task_changed(task)

    def _sicken(self, task: Task, group: TargetGroup) -> None:
        if not task.running or task.target is None or task.started_at is None:
            return
        task.healthy = False
        task.unwell_at = self._context.agenda.now
        description = task.behaviour.health_description
        task.target.become("unhealthy", "Target.FailedHealthChecks", description)
        grace = task.started_at + task.service.grace_period - self._context.agenda.now
        delay = max(self._context.timings.noticing, grace)
        self._context.agenda.after(delay, self._condemn, task, group)
        self._watcher.task_changed(task)

    def _condemn(self, task: Task, group: TargetGroup) -> None:
        if not task.running:
            return
        where = f"task {task.id}" if task.ip else f"instance {_address(task)}"
        self._context.outbox.say(
            task.service,
            f"({where}) (port {task.port}) is unhealthy in (target-group {group.arn})"
            f" due to (reason {task.behaviour.health_description}).",
        )
        self._watcher.task_failed(task)
        self._condemn_task(task, f"Task failed ELB health checks in (target-group {group.arn})")
        self._watcher.task_changed(task)


def _address(task: Task) -> str:
    """Return what its target group knows it by, beside its port."""
    return task.ip or (task.instance.ec2_id if task.instance else "")
