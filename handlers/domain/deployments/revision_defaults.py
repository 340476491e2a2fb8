"""What ECS takes for the same in two task definitions: empty values, defaults and another order.

ECS fills in what was not given, and has come to fill in more over the years: an older revision
comes without fields that the same content has when it is registered today. The defaults are those
of the API reference (API_ContainerDefinition, API_PortMapping, API_HealthCheck,
API_EFSVolumeConfiguration); that containers, variables, secrets and volumes come in another order
at times is known from Terraform's provider (`containerDefinitionsAreEquivalent` in its
`internal/service/ecs/task_definition_equivalency.go`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_DEFAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    "containerDefinitions": {"essential": True, "cpu": 0},
    "portMappings": {"protocol": "tcp", "hostPort": 0},
    "healthCheck": {"interval": 30, "timeout": 5, "retries": 3},
    "efsVolumeConfiguration": {"rootDirectory": "/", "transitEncryption": "DISABLED"},
    "authorizationConfig": {"iam": "DISABLED"},
}
"""Field that holds it → its fields that have a default other than false."""
_NAMED_BY_PEOPLE: Final = frozenset({"options", "driverOpts", "labels", "dockerLabels"})
"""Fields whose own fields are named by people, so that none has a default."""
_IN_ANY_ORDER: Final = {
    "containerDefinitions": "name",
    "environment": "name",
    "secrets": "name",
    "volumes": "name",
    "tags": "key",
}
"""List → what its members are told apart by."""
_SAME_HOST_PORT: Final = frozenset({"awsvpc", "host"})
"""Network modes in which a container's port is the host's, whether that is said or not."""


def without_defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task definition, or fields of one, as two of them can be compared."""
    plain = _fields("", definition)
    if definition.get("networkMode") in _SAME_HOST_PORT:
        for container in plain.get("containerDefinitions", ()):
            for port in container.get("portMappings", ()):
                if port.get("hostPort") == port.get("containerPort"):
                    port.pop("hostPort", None)
    if "requiresCompatibilities" in plain:
        plain["requiresCompatibilities"].sort()
    return plain


def _fields(holder: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if holder in _NAMED_BY_PEOPLE:
        return dict(fields)
    known = _DEFAULTS.get(holder, {})
    plain = {name: _plain(name, value) for name, value in fields.items()}
    return {name: value for name, value in plain.items() if not _says_nothing(name, value, known)}


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    if isinstance(value, Mapping):
        return _fields(name, value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    plain = [_plain(name, each) for each in value]
    key = _IN_ANY_ORDER.get(name)
    return sorted(plain, key=lambda each: str(each.get(key))) if key else plain


def _says_nothing(name: str, value: object, known: Mapping[str, object]) -> bool:
    """Tell whether it means the same as no value; an empty text and the number 0 mean something."""
    if name in known:
        return value is None or value == known[name]
    return value is None or value is False or (isinstance(value, list | dict) and not value)
