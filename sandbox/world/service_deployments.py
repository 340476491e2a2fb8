"""How deployments begin, complete, fail, roll back and supersede each other.

ECS has two views of them. DescribeServices shows *deployments*: a rollback is a new PRIMARY one
with an id of its own. The history shows *service deployments*: a rollback changes the status of
the one that failed. The texts of deployments are ECS's own; those of a stop that a user asked for
are this model's words.

Tested in `tests/sandbox/world/test_world_history.py`.
"""

from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world_context import WorldContext
from sandbox.world.world_errors import ConflictError
from sandbox.world.world_records import Deployment, Service, ServiceDeployment, ServiceRevision

TRIPPED = "ECS deployment circuit breaker: tasks failed to start."
"""Why the circuit breaker failed a deployment. Source: ECS developer guide, events."""

_BREAKER_EXCEEDED = (
    "Service deployment rolled back because the circuit breaker threshold was exceeded."
)
_USER_ASKED = "Service deployment rolled back because a user stopped it."
_SUPERSEDED = "Service deployment stopped because a newer one was started."
_OPEN_STATUSES = {"PENDING", "IN_PROGRESS"}
_ROLLING_BACK = {"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"}


class ServiceDeployments:
    """Changes the deployments of services and their history; the scheduler changes the tasks."""

    def __init__(self, context: WorldContext) -> None:
        """Start with nothing; the records are in the services."""
        self._queue = context.queue
        self._identifiers = context.identifiers
        self._outbox = context.outbox
        self._stopping = context.timings.scheduling

    def start(self, service: Service, definition: TaskDefinition) -> Deployment:
        """Make a new PRIMARY deployment; it supersedes one that is in progress."""
        if service.deployments:
            self._supersede(service.primary.record)
        where = f"{service.cluster.name}/{service.name}"
        revision = ServiceRevision(
            self._identifiers.arn(f"service-revision/{where}/{self._identifiers.number()}"),
            definition,
            self._queue.now,
        )
        service.revisions[revision.arn] = revision
        record = ServiceDeployment(
            arn=self._identifiers.arn(f"service-deployment/{where}/{self._identifiers.token()}"),
            target=revision,
            sources=tuple({item.revision: None for item in service.deployments if item.tasks}),
            created_at=self._queue.now,
            updated_at=self._queue.now,
            breaker="MONITORING" if service.configuration.circuit_breaker.enable else "DISABLED",
        )
        service.history.append(record)
        return self._attempt(service, revision, record)

    def begin(self, service: Service, deployment: Deployment) -> None:
        """Mark the deployment as in progress."""
        deployment.is_started = True
        deployment.updated_at = self._queue.now
        record = deployment.record
        record.started_at = record.started_at or self._queue.now
        self._set_status(
            record, "ROLLBACK_IN_PROGRESS" if deployment.is_rollback else "IN_PROGRESS"
        )
        self._outbox.send_deployment_event(service, deployment, "SERVICE_DEPLOYMENT_IN_PROGRESS")

    def complete(self, service: Service) -> None:
        """Mark the PRIMARY deployment as completed."""
        deployment, record = service.primary, service.primary.record
        self._set_rollout_state(
            deployment, "COMPLETED", f"ECS deployment {deployment.id} completed."
        )
        service.last_completed = deployment
        if record.breaker == "MONITORING":
            record.breaker = "MONITORING_COMPLETE"
        status = "ROLLBACK_SUCCESSFUL" if deployment.is_rollback else "SUCCESSFUL"
        self._end(record, status, record.status_reason)
        self._outbox.add_service_event(
            service, f"(deployment {deployment.id}) deployment completed."
        )
        self._outbox.send_deployment_event(service, deployment, "SERVICE_DEPLOYMENT_COMPLETED")

    def fail_by_breaker(self, service: Service) -> Deployment | None:
        """Fail the PRIMARY deployment by its circuit breaker; return the rollback's, if any.

        Without rollback, or with nothing completed to go back to, the deployment stays
        PRIMARY and FAILED, and nothing more is started.
        """
        failed, record = service.primary, service.primary.record
        self._set_rollout_state(failed, "FAILED", TRIPPED)
        record.breaker = "TRIGGERED"
        self._outbox.add_service_event(
            service, f"(deployment {failed.id}) deployment failed: tasks failed to start."
        )
        self._outbox.send_deployment_event(service, failed, "SERVICE_DEPLOYMENT_FAILED")
        if failed.is_rollback:
            self._end(record, "ROLLBACK_FAILED", TRIPPED)
            return None
        goal = service.last_completed
        if goal is None or not service.configuration.circuit_breaker.rollback:
            self._end(record, "STOPPED", TRIPPED)
            return None
        reason = f"ECS deployment circuit breaker: rolling back to deploymentId {goal.id}."
        return self._roll_back(service, goal, _BREAKER_EXCEEDED, reason)

    def stop(
        self, service: Service, record: ServiceDeployment, stop_type: str
    ) -> Deployment | None:
        """Stop a service deployment because a user asks; return the rollback's deployment, if any.

        Asking again while it stops or rolls back changes nothing. Source: ECS developer
        guide, "Stopping Amazon ECS service deployments".

        Raises:
            ConflictError: It is over, or there is no earlier revision to roll back to.
        """
        if record.status in _ROLLING_BACK or record.status == "STOP_REQUESTED":
            return None
        if record.status not in _OPEN_STATUSES or service.primary.record is not record:
            raise ConflictError(f"Service deployment in {record.status} state cannot be stopped.")
        stopped, goal = service.primary, service.last_completed
        if stop_type == "ROLLBACK" and goal is None:
            raise ConflictError("There is no earlier service revision to roll back to.")
        self._set_rollout_state(stopped, "FAILED", f"ECS deployment {stopped.id} stopped.")
        if goal is None or stop_type == "ABORT":
            self._end(record, "STOPPED", "Service deployment stopped because a user stopped it.")
            return None
        return self._roll_back(service, goal, _USER_ASKED, reason="")

    def _roll_back(self, service: Service, goal: Deployment, why: str, reason: str) -> Deployment:
        record = service.primary.record
        record.rollback_reason = record.status_reason = why
        record.rollback_started_at = self._queue.now
        record.rollback_to = goal.revision
        self._set_status(record, "ROLLBACK_REQUESTED")
        # A deployment that is rolled back to is not COMPLETED, and so no way back, until
        # the rollback is through (ECS developer guide, circuit breaker).
        service.last_completed = None
        made = self._attempt(service, goal.revision, record)
        made.is_rollback = True
        made.reason = reason or made.reason
        self._outbox.add_service_event(service, f"rolling back to deployment {goal.id}.")
        return made

    def _attempt(
        self, service: Service, revision: ServiceRevision, record: ServiceDeployment
    ) -> Deployment:
        ident, now = f"ecs-svc/{self._identifiers.number()}", self._queue.now
        reason = f"ECS deployment {ident} in progress."
        made = Deployment(ident, revision, record, now, now, reason)
        for earlier in service.deployments:
            earlier.status = "ACTIVE"
        service.deployments.insert(0, made)
        record.attempts.append(made)
        return made

    def _supersede(self, record: ServiceDeployment) -> None:
        if record.status in _OPEN_STATUSES:
            self._set_status(record, "STOP_REQUESTED")
            self._queue.schedule(self._stopping, self._end, record, "STOPPED", _SUPERSEDED)
        elif record.status in _ROLLING_BACK:
            self._end(record, "ROLLBACK_FAILED", _SUPERSEDED)

    def _set_rollout_state(self, deployment: Deployment, rollout: str, reason: str) -> None:
        deployment.rollout, deployment.reason = rollout, reason
        deployment.updated_at = self._queue.now

    def _set_status(self, record: ServiceDeployment, status: str) -> None:
        record.status = status
        record.updated_at = self._queue.now

    def _end(self, record: ServiceDeployment, status: str, reason: str) -> None:
        self._set_status(record, status)
        record.status_reason = reason
        record.finished_at = self._queue.now
        if status == "STOPPED":
            record.stopped_at = self._queue.now
