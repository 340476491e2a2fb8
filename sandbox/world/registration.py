"""Validation and defaults of a task definition that is registered.

Tested in `tests/sandbox/world/test_world_task_definitions.py`.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

from sandbox.world.world_errors import ClientError

_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CONTAINER = re.compile(r"[A-Za-z0-9_-]{1,255}")


def registered(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content as DescribeTaskDefinition will show it.

    ECS adds defaults, so that the result differs from what was sent. Source: the responses in
    the AWS CLI's examples of `register-task-definition`.

    Raises:
        ClientError: The task definition is not one that ECS accepts.
    """
    _check(content)
    made = {"volumes": [], "placementConstraints": [], **copy.deepcopy(dict(content))}
    made["containerDefinitions"] = [
        _filled(item, made.get("networkMode", "bridge")) for item in made["containerDefinitions"]
    ]
    return made


def _check(content: Mapping[str, Any]) -> None:
    if not _FAMILY.fullmatch(str(content.get("family", ""))):
        raise ClientError("Family should not be null or empty and contains only A-Z a-z 0-9 _ -.")
    containers = content.get("containerDefinitions") or []
    if not containers:
        raise ClientError("Container list cannot be empty.")
    names = [str(item.get("name", "")) for item in containers]
    if len(set(names)) < len(names):
        raise ClientError("Container names must be unique within a task definition.")
    for container in containers:
        _check_container(container, content)
    if not any(item.get("essential", True) for item in containers):
        raise ClientError("A task definition must contain at least one essential container.")


def _check_container(container: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    name = str(container.get("name", ""))
    if not _CONTAINER.fullmatch(name):
        raise ClientError("Container.name should not be null or empty.")
    if not container.get("image"):
        raise ClientError("Container.image should not be null or empty.")
    sized = {"memory", "memoryReservation"} & container.keys()
    if "memory" not in content and not sized:
        raise ClientError(
            f"Invalid setting for container '{name}'. At least one of 'memory' or"
            " 'memoryReservation' must be specified."
        )
    if content.get("networkMode") != "awsvpc":
        return
    for mapping in container.get("portMappings", []):
        if mapping.get("hostPort", mapping.get("containerPort")) != mapping.get("containerPort"):
            raise ClientError(
                "When networkMode=awsvpc, the host ports and container ports in port mappings"
                " must match."
            )


def _host_port(mapping: Mapping[str, Any], network_mode: str) -> int:
    return int(mapping.get("containerPort", 0)) if network_mode == "awsvpc" else 0


def _filled(container: Mapping[str, Any], network_mode: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cpu": 0,
        "portMappings": [],
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        **container,
    }
    made["portMappings"] = [
        {
            # A range of ports has a host's range, and no port (API_PortMapping).
            **(
                {} if "containerPortRange" in item else {"hostPort": _host_port(item, network_mode)}
            ),
            "protocol": "tcp",
            **item,
        }
        for item in made["portMappings"]
    ]
    return made
