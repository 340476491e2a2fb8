"""ECS: services, their deployments and tasks, and task definition revisions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from handlers.domain.model.errors import NotThere
from handlers.domain.model.service import (
    Deployment,
    LoadBalancer,
    Service,
    ServiceDeployment,
    Task,
    endpoint,
)
from handlers.gateways import unread_fields
from handlers.gateways.aws_clients import aws_errors
from handlers.gateways.container_instances import described

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

MOST_SERVICES: Final = 10
MOST_TASKS: Final = 100
MOST_EVENTS: Final = 20
MOST_PAGES: Final = 10


class Ecs:
    def __init__(self, client: "ECSClient") -> None:
        self._client = client
        client.meta.events.register(
            unread_fields.EVENT, unread_fields.note_unread_fields, unique_id=unread_fields.EVENT
        )

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service]:
        """Describe services, by name; one that does not exist is left out.

        Raises:
            NotThere: the cluster does not exist.
        """
        found: dict[str, Service] = {}
        for start in range(0, len(names), MOST_SERVICES):
            with aws_errors(f"describe services of {cluster}"):
                answer = self._client.describe_services(
                    cluster=cluster, services=list(names[start : start + MOST_SERVICES])
                )
            found |= {each["serviceName"]: _service(cluster, each) for each in answer["services"]}
        return found

    def deploy(self, cluster: str, service: str, revision: str) -> Deployment:
        """Bring a service to a revision; return the deployment that does it.

        UpdateService has no client token, so the caller looks first whether it is done already.
        Nothing but the task definition is sent: desiredCount belongs to auto-scaling. The roles of
        a service's infrastructure (of its EBS volumes, Service Connect's TLS, VPC Lattice, load
        balancers) stay as they are and are not passed again: a role is passed where a request
        names it (IAM user guide, "Grant a user permissions to pass a role to an AWS service").
        """
        with aws_errors(f"update service {service}"):
            answer = self._client.update_service(
                cluster=cluster, service=service, taskDefinition=revision
            )
        primary = _service(cluster, answer["service"]).primary
        if primary is None:
            raise NotThere(f"update service {service}: the answer has no primary deployment")
        return primary

    def service(self, cluster: str, name: str) -> Service | None:
        """Describe one service; None when there is none of that name."""
        return self.services(cluster, [name]).get(name)

    def deployment_history(
        self, cluster: str, service: str, since: datetime
    ) -> list[ServiceDeployment]:
        """List the service's deployments begun since then, oldest first."""
        asked: Any = {"cluster": cluster, "service": service, "createdAt": {"after": since}}
        briefs: list[Mapping[str, Any]] = []
        # The newest come first, so ours is on the last page; there is no paginator for it.
        for _ in range(MOST_PAGES):
            with aws_errors(f"list deployments of {service}"):
                answer = self._client.list_service_deployments(**asked)
            briefs += answer["serviceDeployments"]
            if not answer.get("nextToken"):
                break
            asked["nextToken"] = answer["nextToken"]
        briefs.sort(key=lambda brief: brief["createdAt"])
        return [
            ServiceDeployment(status=brief["status"], reason=brief.get("statusReason", ""))
            for brief in briefs
        ]

    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]:
        """Describe the tasks of a service that run, or those that stopped of late."""
        status: Any = "STOPPED" if stopped else "RUNNING"
        with aws_errors(f"list tasks of {service}"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=service, desiredStatus=status
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
        described: list[Mapping[str, Any]] = []
        for start in range(0, len(arns), MOST_TASKS):
            with aws_errors(f"describe tasks of {service}"):
                batch = arns[start : start + MOST_TASKS]
                described += self._client.describe_tasks(cluster=cluster, tasks=batch)["tasks"]
        ec2_instances = self._ec2_instances(cluster, described)
        return [_task(task, ec2_instances) for task in described]

    def task_definition(self, name: str) -> dict[str, Any]:
        """Describe a revision, or the latest active one of a family, with its `tags`.

        ECS gives tags beside the task definition, and only where they are asked for. Fields that
        botocore does not know are named in the answer (`NOT_READ`).

        Raises:
            NotThere: there is none.
        """
        with aws_errors(f"describe task definition {name}"):
            try:
                answer = self._client.describe_task_definition(
                    taskDefinition=name, include=["TAGS"]
                )
            except self._client.exceptions.ClientException as error:
                # The only code that ECS has for a revision that does not exist.
                raise NotThere(f"there is no task definition {name}") from error
        return {**answer["taskDefinition"], "tags": answer.get("tags", [])}

    def register(self, definition: Mapping[str, Any]) -> str:
        """Register a new revision and return its ARN."""
        with aws_errors(f"register a revision of {definition['family']}"):
            answer = self._client.register_task_definition(**definition)
        return answer["taskDefinition"]["taskDefinitionArn"]

    def _ec2_instances(self, cluster: str, tasks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Map container instances to the EC2 instances that their targets are named by."""
        arns = sorted({t["containerInstanceArn"] for t in tasks if _is_named_by_its_instance(t)})
        return {
            each["containerInstanceArn"]: each["ec2InstanceId"]
            for each in described(self._client, cluster, arns)
        }


def _service(cluster: str, described: Mapping[str, Any]) -> Service:
    rolling = described.get("deploymentConfiguration", {})
    breaker = rolling.get("deploymentCircuitBreaker", {})
    return Service(
        cluster=cluster,
        name=described["serviceName"],
        arn=described["serviceArn"],
        active=described["status"] == "ACTIVE",
        desired=described["desiredCount"],
        running=described["runningCount"],
        deployments=tuple(_deployment(each) for each in described.get("deployments", ())),
        load_balancers=tuple(
            LoadBalancer(
                target_group=each["targetGroupArn"],
                container=each["containerName"],
                port=each["containerPort"],
            )
            for each in described.get("loadBalancers", ())
            if "targetGroupArn" in each
        ),
        classic_load_balancers=tuple(
            each["loadBalancerName"]
            for each in described.get("loadBalancers", ())
            if "loadBalancerName" in each
        ),
        events=tuple(each["message"] for each in described.get("events", ())[:MOST_EVENTS]),
        launch_type=described.get("launchType", ""),
        capacity_providers=tuple(
            each["capacityProvider"] for each in described.get("capacityProviderStrategy", ())
        ),
        strategy=_strategy(described),
        # With `resetOnHealthyTask` its count starts anew whenever a task becomes healthy
        # (API_DeploymentCircuitBreaker).
        has_lasting_breaker=breaker.get("enable", False)
        and not breaker.get("resetOnHealthyTask", False),
        maximum_percent=rolling.get("maximumPercent", 200),
        minimum_healthy_percent=rolling.get("minimumHealthyPercent", 100),
    )


def _strategy(described: Mapping[str, Any]) -> str:
    """Say how it is deployed: `ROLLING`, or the name of whatever places tasks by other rules."""
    controller = described.get("deploymentController", {}).get("type", "ECS")
    scheduling = described.get("schedulingStrategy", "REPLICA")
    if scheduling != "REPLICA" or controller != "ECS":
        return str(scheduling if scheduling != "REPLICA" else controller)
    return str(described.get("deploymentConfiguration", {}).get("strategy", "ROLLING"))


def _deployment(described: Mapping[str, Any]) -> Deployment:
    return Deployment(
        id=described["id"],
        primary=described["status"] == "PRIMARY",
        task_definition=described["taskDefinition"],
        state=described.get("rolloutState", ""),
        reason=described.get("rolloutStateReason", ""),
        desired=described["desiredCount"],
        running=described["runningCount"],
        failed_tasks=described.get("failedTasks", 0),
        created=described["createdAt"],
    )


def _is_named_by_its_instance(task: Mapping[str, Any]) -> bool:
    return "containerInstanceArn" in task and any(
        container.get("networkBindings") for container in task.get("containers", ())
    )


def _task(task: Mapping[str, Any], ec2_instances: Mapping[str, str]) -> Task:
    # botocore's model requires no field of a task, and no answer may end a look.
    return Task(
        id=task.get("taskArn", "").rsplit("/", 1)[-1],
        task_definition=task.get("taskDefinitionArn", ""),
        started_by=task.get("startedBy", ""),
        status=task.get("lastStatus", ""),
        stopped_reason=_stopped_reason(task),
        health=task.get("healthStatus", ""),
        stop_code=task.get("stopCode", ""),
        stopped_at=task.get("stoppedAt"),
        endpoints=tuple(_endpoints(task, ec2_instances)),
        container_instance=task.get("containerInstanceArn", ""),
    )


def _endpoints(task: Mapping[str, Any], ec2_instances: Mapping[str, str]) -> Iterable[str]:
    """Name the task as a target group does: by host and host port, or by its own addresses.

    A range of ports has a `hostPortRange` and no `hostPort` (API_NetworkBinding), and no load
    balancer leads to it. A task has an IPv4 address, an IPv6 address or both
    (API_NetworkInterface); the target group says by which it is registered.
    """
    host = ec2_instances.get(task.get("containerInstanceArn", ""))
    for container in task.get("containers", ()):
        for binding in container.get("networkBindings", ()):
            if host and "hostPort" in binding:
                yield endpoint(host, binding["hostPort"])
        for interface in container.get("networkInterfaces", ()):
            for address in ("privateIpv4Address", "ipv6Address"):
                if interface.get(address):
                    yield endpoint(interface[address])


def _stopped_reason(task: Mapping[str, Any]) -> str:
    exits = [
        f"{container.get('name', 'a container')}: {container.get('reason') or 'exit code'} "
        f"{container.get('exitCode', '')}".strip()
        for container in task.get("containers", ())
        if container.get("exitCode") or container.get("reason")
    ]
    reason = str(task.get("stoppedReason", ""))
    return f"{reason} ({', '.join(exits)})" if exits else reason
