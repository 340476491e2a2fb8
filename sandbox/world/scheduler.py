"""The service scheduler: starts and stops tasks until a service runs what it should.

`reconcile` is the whole of it, and is safe to run at any moment: it looks at what there is
and takes the steps that the service's bounds allow now. Whatever happens to a task leads
to it again.
"""

from sandbox.world.service_deployments import Deployments
from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.task_lifecycle import Tasks
from sandbox.world.world_context import Context
from sandbox.world.world_records import Deployment, Service, ServiceDeployment, Task

_MOST_DOUBLINGS = 10
DRAINED = "Task stopped during instance draining"
"""Why a task is stopped whose instance is being drained. Source: AWS Batch user guide, "Instance
draining and task interruptions"."""


class Scheduler:
    """Brings services to their PRIMARY deployment, within their bounds."""

    def __init__(self, context: Context) -> None:
        """Start with no service."""
        self._context = context
        self._deployments = Deployments(context)
        self.tasks = Tasks(context, self)

    def deploy(self, service: Service, definition: TaskDefinition) -> Deployment:
        """Start a deployment of a task definition; the tasks follow a moment later."""
        made = self._deployments.start(service, definition)
        self._take_up_later(service, made)
        return made

    def stop_deployment(self, service: Service, record: ServiceDeployment, stop_type: str) -> None:
        """Stop a service deployment, as `Deployments.stop` says."""
        rollback = self._deployments.stop(service, record, stop_type)
        if rollback is not None:
            self._take_up_later(service, rollback)

    def wake(self, service: Service) -> None:
        """Look at a service a moment from now, because what it should run has changed."""
        self._context.agenda.after(self._context.timings.scheduling, self.reconcile, service)

    def task_changed(self, task: Task) -> None:
        """Look at the service of a task to which something has happened."""
        self.reconcile(task.service)

    def task_healthy(self, task: Task) -> None:
        """Forget the failures before a task that is healthy."""
        task.deployment.setbacks = 0
        if task.service.configuration.circuit_breaker.reset_on_healthy_task:
            task.deployment.failed_tasks = 0

    def task_failed(self, task: Task) -> None:
        """Count a failure: pause before the next start, and trip the breaker when it is due."""
        deployment, service = task.deployment, task.service
        self._pause(task)
        if deployment is not service.primary or deployment.rollout != "IN_PROGRESS":
            return
        deployment.failed_tasks += 1
        breaker = service.configuration.circuit_breaker
        threshold = breaker.threshold(service.desired_count)
        if breaker.enable and deployment.failed_tasks >= threshold:
            rollback = self._deployments.trip(service)
            if rollback is not None:
                self._take_up_later(service, rollback)

    def reconcile(self, service: Service) -> None:
        """Take the steps that are possible now towards what the service should run."""
        primary = service.primary
        if service.status != "ACTIVE":
            self._stop(service, service.live())
        elif not primary.begun:
            return
        elif primary.rollout == "FAILED":
            self._hold(service)
        else:
            self._launch(service)
            if self._retire(service):
                self._launch(service)
        service.deployments = [primary] + [item for item in service.deployments[1:] if item.tasks]
        self._settle(service)

    def _take_up_later(self, service: Service, deployment: Deployment) -> None:
        after = self._context.agenda.after
        after(self._context.timings.scheduling, self._take_up, service, deployment)

    def _take_up(self, service: Service, deployment: Deployment) -> None:
        if deployment is service.primary:
            self._deployments.begin(service, deployment)
            self.reconcile(service)

    def _pause(self, task: Task) -> None:
        deployment, now = task.deployment, self._context.agenda.now
        # Tasks started together and failing together are one setback.
        if task.created_at >= deployment.not_before:
            deployment.setbacks += 1
            timings = self._context.timings
            doublings = min(deployment.setbacks - 1, _MOST_DOUBLINGS)
            pause = min(timings.back_off * 2**doublings, timings.longest_back_off)
            deployment.not_before = now + pause
            self._context.agenda.after(pause, self.reconcile, task.service)

    def _launch(self, service: Service) -> None:
        primary, desired = service.primary, service.desired_count
        missing = desired - len(_staying(primary.live()))
        if missing <= 0 or self._context.agenda.now < primary.not_before:
            return
        room = service.configuration.most(desired) - len(service.live())
        started = []
        for _ in range(min(missing, room)):
            task = self.tasks.launch(service, primary)
            if task is None:
                self._no_place(service)
                break
            started.append(task)
        if started:
            primary.updated_at = self._context.agenda.now
            self._say(service, "has started {} tasks:", started)

    def _no_place(self, service: Service) -> None:
        self._context.outbox.say(service, self.tasks.why_no_place(service, service.primary))
        pause = self._context.timings.back_off
        service.primary.not_before = self._context.agenda.now + pause
        self._context.agenda.after(pause, self.reconcile, service)

    def _retire(self, service: Service) -> bool:
        """Stop what is too much: the PRIMARY's surplus, then what it replaces."""
        desired = service.desired_count
        current = _staying(service.primary.live())
        leaving = [task for task in service.primary.live() if task.must_move]
        surplus = len(current) - desired
        if surplus <= 0 and len(service.deployments) == 1 and not leaving:
            return False
        doomed = _worst_first(current)[: max(surplus, 0)]
        old = leaving + [task for item in service.deployments[1:] for task in item.live()]
        doomed += [task for task in old if not task.healthy]
        healthy = sum(task.healthy for task in current + old if task not in doomed)
        spare = max(healthy - service.configuration.least(desired), 0)
        doomed += [task for task in old if task.healthy][:spare]
        self._stop(service, doomed)
        return bool(doomed)

    def _hold(self, service: Service) -> None:
        """Keep a failed deployment as it is; only what exceeds the desired count goes."""
        surplus = len(service.live()) - service.desired_count
        self._stop(service, _worst_first(service.live())[: max(surplus, 0)])

    def _stop(self, service: Service, tasks: list[Task]) -> None:
        for task in tasks:
            routine = f"Scaling activity initiated by (deployment {service.primary.id})"
            self.tasks.stop(task, DRAINED if task.must_move else routine)
        if tasks:
            self._say(service, "has stopped {} running tasks:", tasks)

    def _settle(self, service: Service) -> None:
        primary = service.primary
        steady = (
            len(service.deployments) == 1
            and service.status == "ACTIVE"
            and [task.healthy for task in primary.live()] == [True] * service.desired_count
        )
        if steady and primary.rollout == "IN_PROGRESS":
            self._deployments.complete(service)
        if steady and not service.steady:
            self._context.outbox.say(service, "has reached a steady state.")
        service.steady = steady

    def _say(self, service: Service, words: str, tasks: list[Task]) -> None:
        listed = " ".join(f"(task {task.id})" for task in tasks)
        self._context.outbox.say(service, f"{words.format(len(tasks))} {listed}.")


def _staying(tasks: list[Task]) -> list[Task]:
    return [task for task in tasks if not task.must_move]


def _worst_first(tasks: list[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.healthy, task.last_status == "RUNNING"))
