"""Holding an answer against botocore's model of it, member by member."""

from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float),
    "structure": dict,
    "list": list,
    "map": dict,
}


def mismatches(value: Any, shape: Shape) -> list[str]:
    """Say where a value does not fit a shape: unknown or missing members, kinds, enums."""
    return list(_walk(value, shape, "answer"))


def _walk(value: Any, shape: Any, where: str) -> Iterator[str]:
    kind = KINDS[shape.type_name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield f"{where}: {value!r} is no {shape.type_name}"
    elif shape.type_name == "structure":
        yield from _walk_members(value, shape, where)
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from _walk(item, shape.member, f"{where}[{number}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _walk(item, shape.value, f"{where}.{key}")
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{where}: {value!r} is not among {shape.enum}"


def _walk_members(value: dict[str, Any], shape: Any, where: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name}: required"
    for name, member in value.items():
        if name in shape.members:
            yield from _walk(member, shape.members[name], f"{where}.{name}")
        else:
            yield f"{where}.{name}: unknown to botocore"
