"""Colors with a task definition family each, as the usual Terraform modules make them."""

from typing import Any

from simulator.example_release import OLD_DIGEST, REGISTRY
from tests.support.builders import a_deployment, a_service, a_task_definition, revision
from tests.support.handler_gateways import Outside

OWN = {
    "red": revision(3, "api-red"),
    "yellow": revision(5, "api-yellow"),
    "green": revision(9, "api-green"),
}
"""What each color runs."""
NEXT = {
    "red": revision(4, "api-red"),
    "yellow": revision(6, "api-yellow"),
    "green": revision(10, "api-green"),
}
"""What each gets."""
_MEMORY = {"red": "512", "yellow": "1024", "green": "2048"}


def own_definition(color: str, **given: Any) -> dict[str, Any]:
    """Describe what a color runs, with a role, a memory and an environment of its own."""
    names = ["COLOR", "CANARY_DB"] if color == "red" else ["COLOR"]
    usual: dict[str, Any] = {
        "family": f"api-{color}",
        "taskRoleArn": f"arn:aws:iam::123456789012:role/api-{color}",
        "memory": _MEMORY[color],
        "containerDefinitions": [own_container(color, names)],
    }
    number = int(OWN[color].rpartition(":")[2])
    return a_task_definition(number, **(usual | given)) | {"taskDefinitionArn": OWN[color]}


def own_container(color: str, names: list[str] | None = None, **given: Any) -> dict[str, Any]:
    """Describe the container of the release, which writes to a log group of its color's own."""
    usual: dict[str, Any] = {
        "name": "app",
        "image": f"{REGISTRY}/api@{OLD_DIGEST}",
        "environment": [{"name": each, "value": color} for each in names or ["COLOR"]],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/ecs/api-{color}",
                "awslogs-region": "ap-northeast-1",
                "awslogs-stream-prefix": "app",
            },
        },
    }
    return usual | given


def have_own_definitions(outside: Outside, **given: dict[str, Any]) -> None:
    """Have each color run its own definition, at rest.

    Args:
        outside: where.
        given: color → its definition, in place of the usual one.
    """
    for color, arn in OWN.items():
        outside.ecs.revisions[arn] = given.get(color) or own_definition(color)
        running = a_deployment(id=f"ecs-svc/{color}", task_definition=arn, desired=1)
        outside.ecs.known[f"api-{color}"] = a_service(running, color=color, desired=1)
