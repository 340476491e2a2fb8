"""Services and their deployments, as ECS's API shows and changes them.

Tested in `tests/contract/wire/test_ecs_wire.py`.
"""

from typing import Any

from sandbox.wire.aws.paging import page
from sandbox.wire.ecs.ecs_requests import (
    Answer,
    Request,
    cluster_of,
    missing_failure,
    service_of,
    texts,
)
from sandbox.world.deployment_configuration import CircuitBreaker, DeploymentConfiguration
from sandbox.world.service_requests import ServiceChange
from sandbox.world.world import World
from sandbox.world.world_errors import ServiceNotFoundError
from sandbox.world.world_records import Deployment, Service

_MOST_SERVICES = 10


def describe_services(world: World, request: Request) -> Answer:
    """Answer DescribeServices; what is not there is a failure of its own."""
    cluster = cluster_of(world, request)
    services, failures = [], []
    for reference in texts(request, "services", _MOST_SERVICES):
        try:
            services.append(_service(world.service(cluster, reference)))
        except ServiceNotFoundError:
            failures.append(missing_failure(_arn(world, cluster.name, reference)))
    return {"services": services, "failures": failures}


def list_services(world: World, request: Request) -> Answer:
    """Answer ListServices."""
    services = cluster_of(world, request).services.values()
    arns = [item.arn for item in services if item.status == "ACTIVE"]
    found, more = page(arns, request, most=_MOST_SERVICES)
    return {"serviceArns": found, **more}


def update_service(world: World, request: Request) -> Answer:
    """Answer UpdateService with the service as it is right after the change."""
    service = service_of(world, request)
    configuration = request.get("deploymentConfiguration")
    change = ServiceChange(
        task_definition=request.get("taskDefinition"),
        desired_count=request.get("desiredCount"),
        force_new_deployment=bool(request.get("forceNewDeployment", False)),
        configuration=_changed(service.configuration, configuration) if configuration else None,
        grace_period=request.get("healthCheckGracePeriodSeconds"),
    )
    return {"service": _service(world.update_service(service, change))}


def delete_service(world: World, request: Request) -> Answer:
    """Answer DeleteService, which stops the tasks too (as with `force_state`)."""
    service = service_of(world, request)
    world.delete_service(service)
    return {"service": _service(service)}


def configuration_shape(configuration: DeploymentConfiguration) -> dict[str, Any]:
    """Return a deployment configuration in ECS's field names."""
    breaker, early = configuration.circuit_breaker, configuration.early_success
    shown: dict[str, Any] = {
        "deploymentCircuitBreaker": {
            "enable": breaker.enable,
            "rollback": breaker.rollback,
            "resetOnHealthyTask": breaker.reset_on_healthy_task,
            "thresholdConfiguration": {
                "type": breaker.threshold_type,
                "value": breaker.threshold_value,
            },
        },
        "maximumPercent": configuration.maximum_percent,
        "minimumHealthyPercent": configuration.minimum_healthy_percent,
        "alarms": {"alarmNames": [], "rollback": False, "enable": False},
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }
    if early is not None:
        shown["earlySuccessCriteria"] = {
            "enable": True,
            "healthyPercent": early.healthy_percent,
            "sourceServiceRevisionCleanup": early.cleanup,
        }
    return shown


def _arn(world: World, cluster: str, reference: str) -> str:
    is_arn = reference.startswith("arn:")
    return reference if is_arn else world.identifiers.arn(f"service/{cluster}/{reference}")


def _changed(old: DeploymentConfiguration, new: dict[str, Any]) -> DeploymentConfiguration:
    was, wanted = old.circuit_breaker, new.get("deploymentCircuitBreaker", {})
    threshold = wanted.get("thresholdConfiguration", {})
    return DeploymentConfiguration(
        maximum_percent=new.get("maximumPercent", old.maximum_percent),
        minimum_healthy_percent=new.get("minimumHealthyPercent", old.minimum_healthy_percent),
        early_success=old.early_success,
        circuit_breaker=CircuitBreaker(
            enable=wanted.get("enable", was.enable),
            rollback=wanted.get("rollback", was.rollback),
            reset_on_healthy_task=wanted.get("resetOnHealthyTask", was.reset_on_healthy_task),
            threshold_type=threshold.get("type", was.threshold_type),
            threshold_value=threshold.get("value", was.threshold_value),
        ),
    )


def _service(service: Service) -> dict[str, Any]:
    live = service.active_tasks()
    deployments = [_deployment(service, item) for item in service.deployments]
    shown: dict[str, Any] = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster.arn,
        "loadBalancers": _load_balancers(service),
        "serviceRegistries": [],
        "status": service.status,
        "desiredCount": service.desired_count,
        "runningCount": sum(task.running for task in live),
        "pendingCount": sum(not task.running for task in live),
        "launchType": "EC2",
        "taskDefinition": service.primary.task_definition.arn,
        "deploymentConfiguration": configuration_shape(service.configuration),
        "deployments": deployments if service.status == "ACTIVE" else [],
        "events": [
            {"id": item.id, "createdAt": item.created_at, "message": item.message}
            for item in service.events
        ],
        "createdAt": service.created_at,
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": int(service.grace_period),
        "schedulingStrategy": service.scheduling,
        "deploymentController": {"type": service.controller},
        "enableECSManagedTags": False,
        "propagateTags": "NONE",
        "enableExecuteCommand": False,
        "availabilityZoneRebalancing": "DISABLED",
    }
    return _of_controller(service, shown | _network(service.primary) | _current(service))


def _of_controller(service: Service, shown: dict[str, Any]) -> dict[str, Any]:
    """Show a service as its controller has it: those that are not ECS's have task sets.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentController.html
    """
    if service.controller == "ECS":
        return shown
    sets = [{"id": service.primary.id, "status": "PRIMARY"}]
    shown |= {"deployments": [], "taskSets": sets}
    if service.controller == "EXTERNAL":
        del shown["taskDefinition"]
    return shown


def _current(service: Service) -> dict[str, Any]:
    # A service deployment shows here only once the scheduler has taken it up: right after
    # UpdateService it is still the one before, as on AWS.
    begun = [item for item in service.history if item.started_at is not None]
    if not begun:
        return {"currentServiceRevisions": []}
    revisions = [
        {
            "arn": item.revision.arn,
            "requestedTaskCount": _desired(service, item),
            "runningTaskCount": sum(task.running for task in item.active_tasks()),
            "pendingTaskCount": sum(not task.running for task in item.active_tasks()),
        }
        for item in service.deployments
        if item.is_started
    ]
    return {"currentServiceDeployment": begun[-1].arn, "currentServiceRevisions": revisions}


def _deployment(service: Service, deployment: Deployment) -> dict[str, Any]:
    live = deployment.active_tasks()
    shown: dict[str, Any] = {
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition.arn,
        "desiredCount": _desired(service, deployment),
        "pendingCount": sum(not task.running for task in live),
        "runningCount": sum(task.running for task in live),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": "EC2",
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.reason,
    }
    return shown | _network(deployment)


def _desired(service: Service, deployment: Deployment) -> int:
    is_primary = deployment is service.primary
    return service.desired_count if is_primary else len(deployment.active_tasks())


def _load_balancers(service: Service) -> list[dict[str, Any]]:
    if service.target_group is None:
        return []
    return [
        {
            "targetGroupArn": service.target_group.arn,
            "containerName": service.container,
            "containerPort": service.container_port,
        }
    ]


def _network(deployment: Deployment) -> dict[str, Any]:
    if deployment.task_definition.network_mode != "awsvpc":
        return {}
    network = {
        "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0c1b2a3d4e5f60719"],
        "securityGroups": ["sg-0f1e2d3c4b5a69788"],
        "assignPublicIp": "DISABLED",
    }
    return {"networkConfiguration": {"awsvpcConfiguration": network}}
