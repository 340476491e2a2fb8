"""How deployments begin, complete, fail, roll back and overtake each other.

There are two views of the same thing. DescribeServices shows *deployments*: a rollback is a
new PRIMARY one with an id of its own. The history shows *service deployments*: a rollback
changes the status of the one that failed. The texts of deployments are ECS's own; those of
a stop that a user asked for are this model's words.
"""

from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world_context import Context
from sandbox.world.world_errors import ConflictError
from sandbox.world.world_records import Deployment, Service, ServiceDeployment, ServiceRevision

TRIPPED = "ECS deployment circuit breaker: tasks failed to start."
"""Why the circuit breaker failed a deployment. Source: ECS developer guide, events."""

_BREAKER_EXCEEDED = (
    "Service deployment rolled back because the circuit breaker threshold was exceeded."
)
_USER_ASKED = "Service deployment rolled back because a user stopped it."
_OVERTAKEN = "Service deployment stopped because a newer one was started."
_UNDER_WAY = {"PENDING", "IN_PROGRESS"}
_ROLLING_BACK = {"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"}


class Deployments:
    """Keeps the deployments of services and their history. Tasks are the scheduler's."""

    def __init__(self, context: Context) -> None:
        """Start with nothing; the records are in the services."""
        self._agenda = context.agenda
        self._names = context.names
        self._outbox = context.outbox
        self._stopping = context.timings.scheduling

    def start(self, service: Service, definition: TaskDefinition) -> Deployment:
        """Make a new PRIMARY deployment; one that is under way is overtaken by it."""
        if service.deployments:
            self._overtake(service.primary.record)
        where = f"{service.cluster.name}/{service.name}"
        revision = ServiceRevision(
            self._names.arn(f"service-revision/{where}/{self._names.number()}"),
            definition,
            self._agenda.now,
        )
        service.revisions[revision.arn] = revision
        record = ServiceDeployment(
            arn=self._names.arn(f"service-deployment/{where}/{self._names.token()}"),
            target=revision,
            sources=tuple({item.revision: None for item in service.deployments if item.tasks}),
            created_at=self._agenda.now,
            updated_at=self._agenda.now,
            breaker="MONITORING" if service.configuration.circuit_breaker.enable else "DISABLED",
        )
        service.history.append(record)
        return self._attempt(service, revision, record)

    def begin(self, service: Service, deployment: Deployment) -> None:
        """Say that the scheduler has taken the deployment up."""
        deployment.begun = True
        deployment.updated_at = self._agenda.now
        record = deployment.record
        record.started_at = record.started_at or self._agenda.now
        self._turn(record, "ROLLBACK_IN_PROGRESS" if deployment.is_rollback else "IN_PROGRESS")
        self._outbox.deployment(service, deployment, "SERVICE_DEPLOYMENT_IN_PROGRESS")

    def complete(self, service: Service) -> None:
        """Say that the PRIMARY deployment runs as it should, alone."""
        deployment, record = service.primary, service.primary.record
        self._become(deployment, "COMPLETED", f"ECS deployment {deployment.id} completed.")
        service.last_completed = deployment
        if record.breaker == "MONITORING":
            record.breaker = "MONITORING_COMPLETE"
        status = "ROLLBACK_SUCCESSFUL" if deployment.is_rollback else "SUCCESSFUL"
        self._end(record, status, record.status_reason)
        self._outbox.say(service, f"(deployment {deployment.id}) deployment completed.")
        self._outbox.deployment(service, deployment, "SERVICE_DEPLOYMENT_COMPLETED")

    def trip(self, service: Service) -> Deployment | None:
        """Fail the PRIMARY deployment by its circuit breaker; return the rollback's, if any.

        Without rollback, or with nothing completed to go back to, the deployment stays
        PRIMARY and FAILED, and nothing more is started.
        """
        failed, record = service.primary, service.primary.record
        self._become(failed, "FAILED", TRIPPED)
        record.breaker = "TRIGGERED"
        self._outbox.say(
            service, f"(deployment {failed.id}) deployment failed: tasks failed to start."
        )
        self._outbox.deployment(service, failed, "SERVICE_DEPLOYMENT_FAILED")
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
        if record.status not in _UNDER_WAY or service.primary.record is not record:
            raise ConflictError(f"Service deployment in {record.status} state cannot be stopped.")
        stopped, goal = service.primary, service.last_completed
        if stop_type == "ROLLBACK" and goal is None:
            raise ConflictError("There is no earlier service revision to roll back to.")
        self._become(stopped, "FAILED", f"ECS deployment {stopped.id} stopped.")
        if goal is None or stop_type == "ABORT":
            self._end(record, "STOPPED", "Service deployment stopped because a user stopped it.")
            return None
        return self._roll_back(service, goal, _USER_ASKED, reason="")

    def _roll_back(self, service: Service, goal: Deployment, why: str, reason: str) -> Deployment:
        record = service.primary.record
        record.rollback_reason = record.status_reason = why
        record.rollback_started_at = self._agenda.now
        record.rollback_to = goal.revision
        self._turn(record, "ROLLBACK_REQUESTED")
        # A deployment that is rolled back to is not COMPLETED, and so no way back, until
        # the rollback is through (ECS developer guide, circuit breaker).
        service.last_completed = None
        made = self._attempt(service, goal.revision, record)
        made.is_rollback = True
        made.reason = reason or made.reason
        self._outbox.say(service, f"rolling back to deployment {goal.id}.")
        return made

    def _attempt(
        self, service: Service, revision: ServiceRevision, record: ServiceDeployment
    ) -> Deployment:
        ident, now = f"ecs-svc/{self._names.number()}", self._agenda.now
        reason = f"ECS deployment {ident} in progress."
        made = Deployment(ident, revision, record, now, now, reason)
        for earlier in service.deployments:
            earlier.status = "ACTIVE"
        service.deployments.insert(0, made)
        record.attempts.append(made)
        return made

    def _overtake(self, record: ServiceDeployment) -> None:
        if record.status in _UNDER_WAY:
            self._turn(record, "STOP_REQUESTED")
            self._agenda.after(self._stopping, self._end, record, "STOPPED", _OVERTAKEN)
        elif record.status in _ROLLING_BACK:
            self._end(record, "ROLLBACK_FAILED", _OVERTAKEN)

    def _become(self, deployment: Deployment, rollout: str, reason: str) -> None:
        deployment.rollout, deployment.reason = rollout, reason
        deployment.updated_at = self._agenda.now

    def _turn(self, record: ServiceDeployment, status: str) -> None:
        record.status = status
        record.updated_at = self._agenda.now

    def _end(self, record: ServiceDeployment, status: str, reason: str) -> None:
        self._turn(record, status)
        record.status_reason = reason
        record.finished_at = self._agenda.now
        if status == "STOPPED":
            record.stopped_at = self._agenda.now
