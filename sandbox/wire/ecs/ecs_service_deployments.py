"""The history of service deployments, as ECS's API shows it.

Tested in `tests/contract/wire/test_ecs_wire.py`.
"""

from typing import Any

from handlers.domain.model.image_reference import digest_of
from sandbox.wire.aws.paging import page
from sandbox.wire.ecs.ecs_requests import Answer, Request, missing_failure, service_of, text, texts
from sandbox.wire.ecs.ecs_services import configuration_shape
from sandbox.world.world import World
from sandbox.world.world_errors import InvalidParameterError, ServiceDeploymentNotFoundError
from sandbox.world.world_records import Service, ServiceDeployment, ServiceRevision

_MOST_DEPLOYMENTS = 20
_MOST_REVISIONS = 20
_STOP_TYPES = ("ROLLBACK", "ABORT")
STATUSES = frozenset(
    {
        "PENDING",
        "SUCCESSFUL",
        "STOPPED",
        "STOP_REQUESTED",
        "IN_PROGRESS",
        "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
        "ROLLBACK_FAILED",
    }
)
"""The statuses of a service deployment. A test holds them against botocore's model."""


def list_service_deployments(world: World, request: Request) -> Answer:
    """Answer ListServiceDeployments: newest first, by status and time of creation."""
    service = service_of(world, request)
    wanted = set(request.get("status") or STATUSES)
    if not wanted <= STATUSES:
        raise InvalidParameterError(f"Unknown status: {', '.join(sorted(wanted - STATUSES))}.")
    created = request.get("createdAt") or {}
    after, before = created.get("after", float("-inf")), created.get("before", float("inf"))
    records = [
        _brief(service, item)
        for item in reversed(service.history)
        if item.status in wanted and after <= item.created_at <= before
    ]
    found, more = page(records, request)
    return {"serviceDeployments": found, **more}


def describe_service_deployments(world: World, request: Request) -> Answer:
    """Answer DescribeServiceDeployments; what is not there is a failure of its own."""
    described, failures = [], []
    for arn in texts(request, "serviceDeploymentArns", _MOST_DEPLOYMENTS):
        try:
            described.append(_full(*world.service_deployment(arn)))
        except ServiceDeploymentNotFoundError:
            failures.append(missing_failure(arn))
    return {"serviceDeployments": described, "failures": failures}


def describe_service_revisions(world: World, request: Request) -> Answer:
    """Answer DescribeServiceRevisions; what is not there is a failure of its own."""
    known = {arn: service for service in world.services() for arn in service.revisions}
    described, failures = [], []
    for arn in texts(request, "serviceRevisionArns", _MOST_REVISIONS):
        if arn in known:
            described.append(_revision(known[arn], known[arn].revisions[arn]))
        else:
            failures.append(missing_failure(arn))
    return {"serviceRevisions": described, "failures": failures}


def stop_service_deployment(world: World, request: Request) -> Answer:
    """Answer StopServiceDeployment; the default is to roll back."""
    arn = text(request, "serviceDeploymentArn")
    stop_type = str(request.get("stopType") or _STOP_TYPES[0])
    if stop_type not in _STOP_TYPES:
        raise InvalidParameterError(f"stopType must be one of {', '.join(_STOP_TYPES)}.")
    world.stop_service_deployment(arn, stop_type)
    return {"serviceDeploymentArn": arn}


def _present(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    return {name: value for name, value in members.items() if value not in (None, "")}


def _brief(service: Service, record: ServiceDeployment) -> dict[str, Any]:
    return _present(
        serviceDeploymentArn=record.arn,
        serviceArn=service.arn,
        clusterArn=service.cluster.arn,
        createdAt=record.created_at,
        startedAt=record.started_at,
        finishedAt=record.finished_at,
        targetServiceRevisionArn=record.target.arn,
        status=record.status,
        statusReason=record.status_reason,
    )


def _full(service: Service, record: ServiceDeployment) -> dict[str, Any]:
    configuration = service.configuration
    first = record.attempts[0]
    shown = _present(
        serviceDeploymentArn=record.arn,
        serviceArn=service.arn,
        clusterArn=service.cluster.arn,
        createdAt=record.created_at,
        startedAt=record.started_at,
        finishedAt=record.finished_at,
        stoppedAt=record.stopped_at,
        updatedAt=record.updated_at,
        sourceServiceRevisions=[_summary(service, item, 0) for item in record.sources],
        targetServiceRevision=_summary(service, record.target, service.desired_count),
        status=record.status,
        statusReason=record.status_reason,
        deploymentConfiguration=configuration_shape(configuration),
        alarms={"status": "DISABLED"},
    )
    shown["deploymentCircuitBreaker"] = {
        "status": record.breaker,
        "failureCount": first.failed_tasks,
        "threshold": configuration.circuit_breaker.threshold(service.desired_count),
    }
    if record.rollback_to is not None:
        shown["rollback"] = _present(
            reason=record.rollback_reason,
            startedAt=record.rollback_started_at,
            serviceRevisionArn=record.rollback_to.arn,
        )
    return shown


def _summary(service: Service, revision: ServiceRevision, requested: int) -> dict[str, Any]:
    of_revision = [item for item in service.deployments if item.revision is revision]
    live = [task for item in of_revision for task in item.active_tasks()]
    return {
        "arn": revision.arn,
        "requestedTaskCount": requested,
        "runningTaskCount": sum(task.running for task in live),
        "pendingTaskCount": sum(not task.running for task in live),
    }


def _revision(service: Service, revision: ServiceRevision) -> dict[str, Any]:
    return {
        "serviceRevisionArn": revision.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster.arn,
        "taskDefinition": revision.task_definition.arn,
        "launchType": "EC2",
        "containerImages": [
            _present(
                containerName=item["name"],
                image=item["image"],
                imageDigest=digest_of(item["image"]),
            )
            for item in revision.task_definition.containers
        ],
        "createdAt": revision.created_at,
    }
