"""ECS in memory: deployments with ids of their own, of which the newest is primary."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.domain.deployments.revision import OF_ECS_ALONE
from handlers.domain.model.errors import NotThere, Refused
from handlers.domain.model.service import Deployment, Service, ServiceDeployment, Task
from tests.support.builders import NOW, a_service, a_task_definition


class FakeEcs:
    """Services of the cluster `recipes`; what happens to them is up to the test."""

    def __init__(
        self, *services: Service, revisions: Sequence[dict[str, Any]] | None = None
    ) -> None:
        self.now = NOW
        self.known = {service.name: service for service in services}
        self.revisions = {r["taskDefinitionArn"]: r for r in revisions or [a_task_definition()]}
        self.updates: list[tuple[str, str]] = []
        self.registered: list[dict[str, Any]] = []
        self.running: dict[str, list[Task]] = {}
        self.stopped: dict[str, list[Task]] = {}
        self.histories: dict[str, list[tuple[Any, ...]]] = {}
        self.calls: list[str] = []

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service]:
        self.calls.append("DescribeServices")
        if cluster != "recipes":
            raise NotThere(f"describe services of {cluster}: ClusterNotFoundException")
        return {name: self.known[name] for name in names if name in self.known}

    def service(self, cluster: str, name: str) -> Service | None:
        return self.services(cluster, [name]).get(name)

    def deploy(self, cluster: str, service: str, revision: str) -> Deployment:
        self.calls.append("UpdateService")
        if service not in self.known:
            raise NotThere(f"update service {service}: ServiceNotFoundException")
        if self.revisions.get(revision, {}).get("status") == "INACTIVE":
            raise Refused(f"update service {service}: ClientException: TaskDefinition is inactive")
        self.updates.append((service, revision))
        return self._begin(service, revision)

    def deployment_history(
        self, cluster: str, service: str, since: datetime
    ) -> list[ServiceDeployment]:
        self.calls.append("ListServiceDeployments")
        begun = sorted(self.histories.get(service, ()))
        return [
            ServiceDeployment(status=status, reason="".join(reason))
            for created, status, *reason in begun
            if created > since
        ]

    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]:
        self.calls.append("ListTasks")
        return list((self.stopped if stopped else self.running).get(service, ()))

    def task_definition(self, name: str) -> dict[str, Any]:
        for arn, described in sorted(self.revisions.items(), key=_newest_first):
            is_latest = name == described["family"] and described["status"] == "ACTIVE"
            if is_latest or name in {arn, arn.rsplit("/", 1)[-1]}:
                return dict(described)
        raise NotThere(f"describe task definition {name}: ClientException")

    def register(self, definition: Mapping[str, Any]) -> Any:
        if any(tag["key"].startswith("aws:") for tag in definition.get("tags", ())):
            raise Refused("register: InvalidParameterException: Tag key must not start with aws:")
        family = definition["family"]
        numbers = [r["revision"] for r in self.revisions.values() if r["family"] == family]
        number = 1 + max(numbers, default=0)
        self.registered.append(dict(definition))
        said = a_task_definition(number, family=family)
        described = {key: said[key] for key in OF_ECS_ALONE & said.keys()} | dict(definition)
        self.revisions[described["taskDefinitionArn"]] = described
        return described["taskDefinitionArn"]

    # What may happen to a service from outside.

    def complete(self, service: str) -> None:
        self._set_primary(service, state="COMPLETED", running=self.known[service].desired)
        primary, *before = self.known[service].deployments
        ended = tuple(replace(each, running=0) for each in before)
        self.known[service] = replace(self.known[service], deployments=(primary, *ended))

    def fail(self, service: str, reason: str) -> None:
        self._set_primary(service, state="FAILED", reason=reason, running=0)

    def roll_back(
        self, service: str, reason: str = "circuit breaker: tasks failed to start."
    ) -> None:
        """Do as the circuit breaker does: a new primary deployment, of the revision before."""
        before = next(d for d in self.known[service].deployments if not d.primary)
        self.fail(service, reason)
        self._begin(service, before.task_definition)

    def overtake(self, service: str, revision: str) -> Deployment:
        return self._begin(service, revision)

    def scale(self, service: str, desired: int) -> None:
        self.known[service] = replace(self.known[service], desired=desired, running=desired)

    def _begin(self, name: str, revision: str) -> Deployment:
        service = self.known[name]
        begun = Deployment(
            id=f"ecs-svc/{name}-{len(self.calls)}-{len(service.deployments)}",
            primary=True,
            task_definition=revision,
            state="IN_PROGRESS",
            reason="",
            desired=service.desired,
            running=0,
            failed_tasks=0,
            created=self.now,
        )
        others = [replace(each, primary=False) for each in service.deployments]
        self.known[name] = replace(service, deployments=(begun, *others))
        return begun

    def _set_primary(self, name: str, **changes: Any) -> None:
        service = self.known[name]
        changed = [replace(d, **changes) if d.primary else d for d in service.deployments]
        self.known[name] = replace(service, deployments=tuple(changed))


def settled_services(*deployments: Deployment, **given: Any) -> list[Service]:
    """Describe red, yellow and green, each at rest on these deployments."""
    return [a_service(*deployments, color=color, **given) for color in ("red", "yellow", "green")]


def _newest_first(item: tuple[str, dict[str, Any]]) -> Any:
    return -item[1]["revision"]
