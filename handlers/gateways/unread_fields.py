"""What botocore leaves out of an answer of ECS because it does not know the field.

botocore makes an answer of the fields of its own service model, and drops every other without a
word (`BaseJSONParser._handle_structure` in `botocore/parsers.py`). Lambda's runtime brings a
botocore of its own age: a volume of a kind that came later would be registered empty.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from handlers.domain.deployments.revision import NOT_READ, OF_ECS_ALONE

EVENT: Final = "response-received.ecs.DescribeTaskDefinition"
"""The event of botocore that has an answer both as it came and as it was read."""
NOT_JSON: Final = "an answer that is not JSON, of which nobody can tell"


def note_unread_fields(
    response_dict: Mapping[str, Any] | None, parsed_response: dict[str, Any] | None, **_: object
) -> None:
    """Add to a task definition that was read the fields that were not, by `NOT_READ`.

    Args:
        response_dict: the answer as it came, with its `body`; None where none came.
        parsed_response: what botocore made of it.
    """
    read = (parsed_response or {}).get("taskDefinition")
    if response_dict is None or read is None:
        return
    try:
        answered = json.loads(response_dict["body"])["taskDefinition"]
    except ValueError:
        # A later botocore may choose another of ECS's protocols.
        read[NOT_READ] = [NOT_JSON]
        return
    asked = {name: value for name, value in answered.items() if name not in OF_ECS_ALONE}
    if lost := list(unread_fields(asked, read)):
        read[NOT_READ] = lost


def unread_fields(answered: object, read: object, path: str = "") -> Iterator[str]:
    """Yield where a field stands that says something and was not read.

    Args:
        answered: a value as it came, or a part of it.
        read: what was made of it.
        path: where it stands.
    """
    if isinstance(answered, dict) and isinstance(read, dict):
        for name, value in answered.items():
            where = f"{path}.{name}" if path else name
            if name in read:
                yield from unread_fields(value, read[name], where)
            elif not _says_nothing(value):
                yield where
    elif isinstance(answered, list) and isinstance(read, list):
        for number, (one, other) in enumerate(zip(answered, read, strict=True)):
            name = one.get("name", number) if isinstance(one, dict) else number
            yield from unread_fields(one, other, f"{path}[{name}]")


def _says_nothing(value: object) -> bool:
    """Tell whether a field that is left out means the same, as ECS has it of those that are known.

    ECS gives new fields with every task definition, the older ones too: `systemControls: []`,
    `enableFaultInjection: false`.
    """
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    if isinstance(value, list):
        return all(map(_says_nothing, value))
    return value is None or value is False or value == ""
