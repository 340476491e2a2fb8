"""ECS in memory: deployments with ids of their own, of which the newest is primary."""

from dataclasses import replace

from handlers.domain.model.errors import NotThere
from handlers.domain.model.service import Deployment, ServiceDeployment
from tests.support.builders import NOW, a_service, a_task_definition


class FakeEcs:
    """Services of the cluster `recipes`; what happens to them is up to the test."""

    def __init__(self, *services, revisions=None):
        self.now = NOW
        self.known = {service.name: service for service in services}
        self.revisions = {r["taskDefinitionArn"]: r for r in revisions or [a_task_definition()]}
        self.updates = []
        self.registered = []
        self.running = {}
        self.stopped = {}
        self.histories = {}
        self.calls = []

    def services(self, cluster, names):
        self.calls.append("DescribeServices")
        if cluster != "recipes":
            raise NotThere(f"describe services of {cluster}: ClusterNotFoundException")
        return {name: self.known[name] for name in names if name in self.known}

    def service(self, cluster, name):
        return self.services(cluster, [name]).get(name)

    def deploy(self, cluster, service, revision):
        self.calls.append("UpdateService")
        if service not in self.known:
            raise NotThere(f"update service {service}: ServiceNotFoundException")
        self.updates.append((service, revision))
        return self._begin(service, revision)

    def deployment_history(self, cluster, service, since):
        self.calls.append("ListServiceDeployments")
        begun = sorted(self.histories.get(service, ()))
        return [
            ServiceDeployment(status=status, reason="".join(reason))
            for created, status, *reason in begun
            if created > since
        ]

    def tasks(self, cluster, service, *, stopped=False):
        self.calls.append("ListTasks")
        return list((self.stopped if stopped else self.running).get(service, ()))

    def task_definition(self, name):
        for arn, described in sorted(self.revisions.items(), key=_newest_first):
            family = described["family"]
            if name in {arn, arn.rsplit("/", 1)[-1], family}:
                return dict(described)
        raise NotThere(f"describe task definition {name}: ClientException")

    def register(self, definition):
        number = 1 + max(r["revision"] for r in self.revisions.values())
        self.registered.append(dict(definition))
        described = a_task_definition(number) | dict(definition)
        self.revisions[described["taskDefinitionArn"]] = described
        return described["taskDefinitionArn"]

    # What may happen to a service from outside.

    def complete(self, service):
        self._set_primary(service, state="COMPLETED", running=self.known[service].desired)
        primary, *before = self.known[service].deployments
        ended = tuple(replace(each, running=0) for each in before)
        self.known[service] = replace(self.known[service], deployments=(primary, *ended))

    def fail(self, service, reason):
        self._set_primary(service, state="FAILED", reason=reason, running=0)

    def roll_back(self, service, reason="circuit breaker: tasks failed to start."):
        """Do as the circuit breaker does: a new primary deployment, of the revision before."""
        before = next(d for d in self.known[service].deployments if not d.primary)
        self.fail(service, reason)
        self._begin(service, before.task_definition)

    def overtake(self, service, revision):
        return self._begin(service, revision)

    def scale(self, service, desired):
        self.known[service] = replace(self.known[service], desired=desired, running=desired)

    def _begin(self, name, revision):
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

    def _set_primary(self, name, **changes):
        service = self.known[name]
        changed = [replace(d, **changes) if d.primary else d for d in service.deployments]
        self.known[name] = replace(service, deployments=tuple(changed))


def settled_services(*deployments, **given):
    """Describe red, yellow and green, each at rest on these deployments."""
    return [a_service(*deployments, color=color, **given) for color in ("red", "yellow", "green")]


def _newest_first(item):
    return -item[1]["revision"]
