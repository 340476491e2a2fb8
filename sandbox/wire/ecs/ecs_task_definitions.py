"""Task definitions, as ECS's API shows and changes them.

Tested in `tests/contract/wire/test_ecs_wire.py`.
"""

from typing import Any

from sandbox.wire.aws.paging import page
from sandbox.wire.ecs.ecs_requests import Answer, Request, text
from sandbox.world.task_definitions import TaskDefinition
from sandbox.world.world import World
from sandbox.world.world_errors import InvalidParameterError

_CAPABILITY = "com.amazonaws.ecs.capability"


def describe_task_definition(world: World, request: Request) -> Answer:
    """Answer DescribeTaskDefinition; the tags come only when they are asked for."""
    found = world.task_definitions.find(text(request, "taskDefinition"))
    answer: Answer = {"taskDefinition": _shape(world, found)}
    if "TAGS" in (request.get("include") or []):
        answer["tags"] = found.tags
    return answer


def register_task_definition(world: World, request: Request) -> Answer:
    """Answer RegisterTaskDefinition with the new revision.

    Raises:
        InvalidParameterError: a tag begins as only AWS's own may
            (https://github.com/aws/amazon-ecs-agent/issues/1704).
    """
    content = {name: value for name, value in request.items() if name != "tags"}
    tags = list(request.get("tags") or [])
    if any(str(tag["key"]).lower().startswith("aws:") for tag in tags):
        raise InvalidParameterError("Tag key must not start with aws:")
    made = world.register_task_definition(content, tags)
    return {"taskDefinition": _shape(world, made), "tags": made.tags}


def deregister_task_definition(world: World, request: Request) -> Answer:
    """Answer DeregisterTaskDefinition with the revision, now INACTIVE."""
    reference = text(request, "taskDefinition")
    found = world.task_definitions.deregister(reference, world.seconds)
    return {"taskDefinition": _shape(world, found)}


def list_task_definitions(world: World, request: Request) -> Answer:
    """Answer ListTaskDefinitions, by family and revision."""
    status = str(request.get("status") or "ACTIVE")
    prefix = str(request.get("familyPrefix") or "")
    arns = [item.arn for item in world.task_definitions.all(prefix, status)]
    if request.get("sort") == "DESC":
        arns.reverse()
    found, more = page(arns, request)
    return {"taskDefinitionArns": found, **more}


def _shape(world: World, definition: TaskDefinition) -> dict[str, Any]:
    shown: dict[str, Any] = {
        **definition.content,
        "taskDefinitionArn": definition.arn,
        "revision": definition.revision,
        "status": definition.status,
        "requiresAttributes": _attributes(definition),
        "compatibilities": _compatibilities(definition),
        "registeredAt": definition.registered_at,
        "registeredBy": f"arn:aws:iam::{world.identifiers.account}:root",
    }
    if definition.deregistered_at is not None:
        shown["deregisteredAt"] = definition.deregistered_at
    return shown


def _attributes(definition: TaskDefinition) -> list[dict[str, str]]:
    names = [f"{_CAPABILITY}.docker-remote-api.1.18", f"{_CAPABILITY}.ecr-auth"]
    if any("logConfiguration" in item for item in definition.containers):
        names.append(f"{_CAPABILITY}.logging-driver.awslogs")
    if "taskRoleArn" in definition.content:
        names.append(f"{_CAPABILITY}.task-iam-role")
    if definition.network_mode == "awsvpc":
        names.append("ecs.capability.task-eni")
    return [{"name": name} for name in names]


def _compatibilities(definition: TaskDefinition) -> list[str]:
    sized = {"cpu", "memory"} <= definition.content.keys()
    fits = definition.network_mode == "awsvpc" and sized
    return ["EC2", "FARGATE"] if fits else ["EC2"]
