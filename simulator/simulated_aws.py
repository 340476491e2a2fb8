"""AWS in one process: the sandbox's world behind the real gateways, and metrics by what it runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from handlers.domain.model.measurements import Alarm, Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from sandbox.wire.aws import elb_api
from sandbox.wire.ecs import ecs_api
from sandbox.wire.fault_injection import WireError
from sandbox.world.example_world import CLUSTER, add_application
from sandbox.world.identifiers import Identifiers
from sandbox.world.image_behaviour import ImageBehaviours
from sandbox.world.instance_capacity import InstanceType
from sandbox.world.world import DEFAULT_ACCOUNT, DEFAULT_REGION, World
from simulator.stepfunctions import asl_errors as states_errors

UPDATE_PARAMETERS = {"cluster", "service", "taskDefinition"}
"""With UpdateService: desiredCount is auto-scaling's."""


def settled_world(
    now: datetime,
    images: ImageBehaviours,
    applications: tuple[str, ...],
    digest: str,
    capacity: InstanceType,
    *,
    has_families: bool = False,
) -> World:
    """Make a cluster of three instances with the applications' services, settled on the digest.

    With `has_families` each color has a task definition family of its own.
    """
    world = World(
        now - timedelta(minutes=30),
        images,
        identifiers=Identifiers(DEFAULT_REGION, DEFAULT_ACCOUNT, 0),
    )
    cluster = world.add_cluster(CLUSTER)
    for zone in "acd":
        world.add_container_instance(cluster, f"{DEFAULT_REGION}{zone}", capacity)
    for name in applications:
        add_application(world, cluster, name, digest, has_families=has_families)
    world.advance(now)
    world.take_events()
    return world


class Pages:
    """boto3's paginator."""

    def __init__(self, ask: Any) -> None:
        self._ask = ask

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        while True:
            answer = self._ask(**parameters)
            yield answer
            if not answer.get("nextToken"):
                return
            parameters["nextToken"] = answer["nextToken"]


class EcsClient:
    """boto3's client of ECS, answered by a world that is in the same process.

    What the gateway sends is what the wire would get, and what it receives is what boto3 would
    make of the wire's answer: times are datetimes, refusals are ClientErrors. It knows every field
    of the world's, so that no event tells of one that it does not.
    """

    class exceptions:  # noqa: N801 - boto3's name
        class ClientException(ClientError):
            pass

    def __init__(self, world: World) -> None:
        self.world = world
        self.meta = SimpleNamespace(events=HierarchicalEmitter())
        self.updates: list[dict[str, Any]] = []

    def __getattr__(self, operation: str) -> Any:
        name = "".join(part.title() for part in operation.split("_"))

        def call(**parameters: Any) -> Any:
            return self._perform(name, parameters)

        setattr(self, operation, call)
        return call

    def update_service(self, **parameters: Any) -> Any:
        self.updates.append(parameters)
        return self._perform("UpdateService", parameters)

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(getattr(self, operation))

    def _perform(self, name: str, parameters: dict[str, Any]) -> Any:
        if "createdAt" in parameters:
            after = parameters["createdAt"]["after"].timestamp()
            parameters = parameters | {"createdAt": {"after": after}}
        try:
            return _with_times(ecs_api.perform(self.world, name, parameters))
        except WireError as error:
            kind = (
                self.exceptions.ClientException if error.code == "ClientException" else ClientError
            )
            raise kind(_refusal(error.code, str(error)), name) from error


class ElbClient:
    """boto3's client of the load balancer, likewise."""

    def __init__(self, world: World) -> None:
        self.world = world

    def describe_target_health(self, *, TargetGroupArn: str) -> Any:  # noqa: N803 - AWS's name
        parameters = {"TargetGroupArn": TargetGroupArn}
        try:
            return elb_api.perform(self.world, "DescribeTargetHealth", parameters)
        except WireError as error:
            raise ClientError(_refusal(error.code, str(error)), "DescribeTargetHealth") from error


class StatesClient:
    """boto3's client of Step Functions, answered by the doubles of its state machines."""

    class exceptions:  # noqa: N801 - boto3's name
        class ExecutionAlreadyExists(ClientError):
            pass

        class ExecutionDoesNotExist(ClientError):
            pass

    def __init__(self, rollouts: Any, groups: Any) -> None:
        self._rollouts = rollouts
        """Its executions are the only ones that wait for tokens."""
        self._machines = {each.arn: each for each in (rollouts, groups)}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any:  # noqa: A002, N803
        machine = self._machines[stateMachineArn]
        return self._ask(lambda: machine.start_execution(name=name, input=input))

    def send_task_success(self, *, taskToken: str, output: str) -> Any:  # noqa: N803
        return self._ask(lambda: self._rollouts.send_task_success(token=taskToken, output=output))

    def describe_execution(self, *, executionArn: str) -> Any:  # noqa: N803
        own, _, _ = executionArn.replace(":execution:", ":stateMachine:").rpartition(":")
        return self._ask(lambda: self._machines[own].describe_execution(arn=executionArn))

    def _ask(self, call: Any) -> Any:
        try:
            return call()
        except states_errors.StatesError as error:
            kind = getattr(self.exceptions, error.code, ClientError)
            raise kind(_refusal(error.code, str(error)), "") from error


def _refusal(code: str, message: str) -> Any:
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }


def _with_times(answer: Any) -> Any:
    """Make datetimes of the times that the gateway reads, as boto3 makes of all."""
    for service in answer.get("services") or ([answer["service"]] if "service" in answer else ()):
        for deployment in service["deployments"]:
            deployment["createdAt"] = datetime.fromtimestamp(deployment["createdAt"], UTC)
    for brief in answer.get("serviceDeployments", ()):
        brief["createdAt"] = datetime.fromtimestamp(brief["createdAt"], UTC)
    for task in answer.get("tasks", ()):
        if "stoppedAt" in task:
            task["stoppedAt"] = datetime.fromtimestamp(task["stoppedAt"], UTC)
    return answer


class Metrics:
    """CloudWatch's alarms, by what the services run."""

    def __init__(self, states: Any) -> None:
        self._states = states
        """Alarm name → its state now."""

    def series(self, queries: Any, start: datetime, end: datetime, period: timedelta) -> Any:
        nothing = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
        return dict.fromkeys(queries, nothing)

    def alarms(self, names: Any) -> Any:
        return {
            name: Alarm(name=name, state=self._states(name), reason="", blind="") for name in names
        }


class Logs:
    def find(self, group: Any, streams: Any, pattern: Any, start: Any, end: Any) -> Any:
        return Lines(count=0)
