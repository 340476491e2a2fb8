"""The service scheduler: starts and stops tasks until a service runs its desired state.

`reconcile` is idempotent. It compares the tasks with the desired state and takes the steps that
the service's bounds allow now. Every change of a task calls it again.

Tested in `tests/sandbox/world/test_world_rolling.py`.
"""

from sandbox.world.service_deployments import ServiceDeployments
from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.task_lifecycle import Tasks
from sandbox.world.world_context import WorldContext
from sandbox.world.world_records import Deployment, Service, ServiceDeployment, Task

_MOST_DOUBLINGS = 10
DRAINED = "Task stopped during instance draining"
"""Why a task is stopped whose instance is being drained. Source: AWS Batch user guide, "Instance
draining and task interruptions"."""
MAINTAINED = "ECS is performing maintenance on the underlying infrastructure hosting the task"
"""Likewise where AWS maintains what the instance runs on. Source: Amazon ECS developer guide, "Task
retirement and maintenance"."""


class Scheduler:
    """Brings services to their PRIMARY deployment, within their bounds."""

    def __init__(self, context: WorldContext) -> None:
        """Start with no service."""
        self._context = context
        self._deployments = ServiceDeployments(context)
        self.tasks = Tasks(context, self)

    def deploy(self, service: Service, definition: TaskDefinition) -> Deployment:
        """Start a deployment of a task definition; its tasks start after a scheduling delay."""
        made = self._deployments.start(service, definition)
        self._begin_soon(service, made)
        return made

    def stop_deployment(self, service: Service, record: ServiceDeployment, stop_type: str) -> None:
        """Stop a service deployment (see `ServiceDeployments.stop`)."""
        rollback = self._deployments.stop(service, record, stop_type)
        if rollback is not None:
            self._begin_soon(service, rollback)

    def reconcile_soon(self, service: Service) -> None:
        """Reconcile a service after a scheduling delay, because its desired state has changed."""
        self._context.queue.schedule(self._context.timings.scheduling, self.reconcile, service)

    def task_changed(self, task: Task) -> None:
        """Reconcile the task's service."""
        self.reconcile(task.service)

    def task_healthy(self, task: Task) -> None:
        """Reset the count of consecutive failures."""
        task.deployment.consecutive_failures = 0
        if task.service.configuration.circuit_breaker.reset_on_healthy_task:
            task.deployment.failed_tasks = 0

    def task_failed(self, task: Task) -> None:
        """Count a failure, delay the next launch, and fail the deployment at the threshold."""
        deployment, service = task.deployment, task.service
        self._pause(task)
        if deployment is not service.primary or deployment.rollout != "IN_PROGRESS":
            return
        deployment.failed_tasks += 1
        breaker = service.configuration.circuit_breaker
        threshold = breaker.threshold(service.desired_count)
        if breaker.enable and deployment.failed_tasks >= threshold:
            rollback = self._deployments.fail_by_breaker(service)
            if rollback is not None:
                self._begin_soon(service, rollback)

    def reconcile(self, service: Service) -> None:
        """Take the steps towards the desired state that are possible now."""
        primary = service.primary
        if service.status != "ACTIVE":
            self._stop(service, service.active_tasks())
        elif not primary.is_started:
            return
        elif primary.rollout == "FAILED":
            self._trim_failed(service)
        else:
            self._launch(service)
            if self._stop_surplus(service):
                self._launch(service)
        service.deployments = [primary] + [item for item in service.deployments[1:] if item.tasks]
        self._complete_when_steady(service)

    def _begin_soon(self, service: Service, deployment: Deployment) -> None:
        after = self._context.queue.schedule
        after(self._context.timings.scheduling, self._begin, service, deployment)

    def _begin(self, service: Service, deployment: Deployment) -> None:
        if deployment is service.primary:
            self._deployments.begin(service, deployment)
            self.reconcile(service)

    def _pause(self, task: Task) -> None:
        deployment, now = task.deployment, self._context.queue.now
        # Tasks started together and failing together are one setback.
        if task.created_at >= deployment.next_launch_at:
            deployment.consecutive_failures += 1
            timings = self._context.timings
            doublings = min(deployment.consecutive_failures - 1, _MOST_DOUBLINGS)
            pause = min(timings.back_off * 2**doublings, timings.longest_back_off)
            deployment.next_launch_at = now + pause
            self._context.queue.schedule(pause, self.reconcile, task.service)

    def _launch(self, service: Service) -> None:
        primary, desired = service.primary, service.desired_count
        missing = desired - len(_remaining(primary.active_tasks()))
        if missing <= 0 or self._context.queue.now < primary.next_launch_at:
            return
        room = service.configuration.maximum(desired) - len(service.active_tasks())
        started = []
        for _ in range(min(missing, room)):
            task = self.tasks.launch(service, primary)
            if task is None:
                self._report_no_placement(service)
                break
            started.append(task)
        if started:
            primary.updated_at = self._context.queue.now
            self._say(service, "has started {} tasks:", started)

    def _report_no_placement(self, service: Service) -> None:
        self._context.outbox.add_service_event(
            service, self.tasks.placement_failure(service, service.primary)
        )
        pause = self._context.timings.back_off
        service.primary.next_launch_at = self._context.queue.now + pause
        self._context.queue.schedule(pause, self.reconcile, service)

    def _stop_surplus(self, service: Service) -> bool:
        """Stop the PRIMARY deployment's surplus tasks, then those that it replaces."""
        desired = service.desired_count
        current = _remaining(service.primary.active_tasks())
        leaving = [task for task in service.primary.active_tasks() if task.is_draining]
        surplus = len(current) - desired
        if surplus <= 0 and len(service.deployments) == 1 and not leaving:
            return False
        doomed = _worst_first(current)[: max(surplus, 0)]
        old = leaving + [task for item in service.deployments[1:] for task in item.active_tasks()]
        doomed += [task for task in old if not task.healthy]
        healthy = sum(task.healthy for task in current + old if task not in doomed)
        spare = max(healthy - service.configuration.minimum(desired), 0)
        if not self._defers_cleanup(service):
            doomed += [task for task in old if task.healthy][:spare]
        self._stop(service, doomed)
        return bool(doomed)

    def _defers_cleanup(self, service: Service) -> bool:
        """Whether the tasks that a deployment replaces are left to a later clean-up."""
        early, primary = service.configuration.early_success, service.primary
        if early is None or early.cleanup != "DEFERRED" or len(service.deployments) == 1:
            return False
        ended = primary.record.finished_at
        return ended is None or self._context.queue.now < ended + early.cleanup_after

    def _trim_failed(self, service: Service) -> None:
        """Keep the tasks of a failed deployment; stop those beyond the desired count."""
        surplus = len(service.active_tasks()) - service.desired_count
        self._stop(service, _worst_first(service.active_tasks())[: max(surplus, 0)])

    def _stop(self, service: Service, tasks: list[Task]) -> None:
        for task in tasks:
            routine = f"Scaling activity initiated by (deployment {service.primary.id})"
            leaves = task.leaves_for or (DRAINED if task.is_draining else "")
            self.tasks.stop(task, leaves or routine)
        if tasks:
            self._say(service, "has stopped {} running tasks:", tasks)

    def _complete_when_steady(self, service: Service) -> None:
        primary = service.primary
        steady = (
            len(service.deployments) == 1
            and service.status == "ACTIVE"
            and [task.healthy for task in primary.active_tasks()] == [True] * service.desired_count
        )
        if (steady or _is_early_success(service)) and primary.rollout == "IN_PROGRESS":
            self._deployments.complete(service)
            early = service.configuration.early_success
            if early is not None:
                self._context.queue.schedule(early.cleanup_after, self.reconcile, service)
        if steady and not service.steady:
            self._context.outbox.add_service_event(service, "has reached a steady state.")
        service.steady = steady

    def _say(self, service: Service, words: str, tasks: list[Task]) -> None:
        listed = " ".join(f"(task {task.id})" for task in tasks)
        self._context.outbox.add_service_event(service, f"{words.format(len(tasks))} {listed}.")


def _is_early_success(service: Service) -> bool:
    """Whether enough tasks are healthy for ECS to call the deployment a success already."""
    early, tasks = service.configuration.early_success, service.primary.active_tasks()
    if early is None or (early.cleanup == "BLOCKING" and len(service.deployments) > 1):
        return False
    healthy = sum(task.healthy for task in tasks)
    return healthy * 100 >= early.healthy_percent * service.desired_count > 0


def _remaining(tasks: list[Task]) -> list[Task]:
    return [task for task in tasks if not task.is_draining]


def _worst_first(tasks: list[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.healthy, task.last_status == "RUNNING"))
