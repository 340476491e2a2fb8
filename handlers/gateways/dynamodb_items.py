"""Our dataclasses as DynamoDB's items, and back.

How a type is read and written is worked out once: a rollout is read some fifty times.

Tested in `test_dynamodb_table.py`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
Item = dict[str, Any]
"""Attributes by name, in DynamoDB's own types: `{"id": {"S": "api-1"}}`."""
_Conversion = Callable[[Any], Any]


def to_item(record: object) -> dict[str, Any]:
    """Return a dataclass's values by their names; what is None is left out."""
    kind: Any = type(record)
    return {name: value for name in _names(kind) if (value := getattr(record, name)) is not None}


def from_item(kind: type[Record], item: Item) -> Record:
    """Read a dataclass from an item; attributes that it does not know are passed over."""
    return cast("Record", _reader(cast("Any", kind))({"M": item}))


def attribute(value: object) -> Any:  # noqa: ANN401  (the client's own union of types)
    """Write one value in DynamoDB's own types: times in ISO 8601, dataclasses as maps.

    Raises:
        TypeError: no record of ours has such a value.
    """
    kind: Any = type(value)
    return _writer(kind)(value)


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401  (a dataclass)
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _writer(kind: type) -> _Conversion:
    """Return what writes the values of a type."""
    if dataclasses.is_dataclass(kind):
        return lambda value: {"M": {k: attribute(v) for k, v in to_item(value).items()}}
    for base, write in _WRITERS.items():
        if issubclass(kind, base):
            return write
    raise TypeError(f"not to be stored: {kind}")


def _number(value: float) -> dict[str, str]:
    """DynamoDB's numbers are decimal; infinities and NaN are none."""
    number = Decimal(repr(value))
    if not number.is_finite():
        raise TypeError(f"not to be stored: {value}")
    return {"N": str(number)}


_WRITERS: dict[type, _Conversion] = {
    StrEnum: lambda value: {"S": value.value},
    str: lambda value: {"S": value},
    bool: lambda value: {"BOOL": value},
    int: lambda value: {"N": str(value)},
    float: _number,
    Decimal: lambda value: {"N": str(value)},
    datetime: lambda value: {"S": value.isoformat()},
    Mapping: lambda value: {
        "M": {str(name): attribute(each) for name, each in value.items() if each is not None}
    },
    list: lambda value: {"L": [attribute(each) for each in value]},
    tuple: lambda value: {"L": [attribute(each) for each in value]},
    NoneType: lambda _: {"NULL": True},
}
"""By type, the first that fits: a flag is an int to Python, and an enum's member a text."""


@cache
def _reader(kind: Any) -> _Conversion:  # noqa: ANN401  (a type, or what a hint makes of types)
    """Return what reads attributes as a type.

    Raises:
        TypeError: no record of ours has such a type.
    """
    if dataclasses.is_dataclass(kind):
        return _record_reader(kind)
    if kind in _READERS:
        return _READERS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _word_reader(kind)
    given = get_args(kind)
    match get_origin(kind):
        case origin if origin in {Union, UnionType}:
            return _union_reader(given)
        case origin if origin is tuple and given[1:] == (Ellipsis,):
            read = _reader(given[0])
            return lambda value: tuple(map(read, value["L"]))
        case origin if origin is Mapping:
            read = _reader(given[1])
            return lambda value: {name: read(each) for name, each in value["M"].items()}
    raise TypeError(f"not to be stored: {kind}")


def _record_reader(kind: Any) -> _Conversion:  # noqa: ANN401  (a dataclass)
    hints = get_type_hints(kind)
    texts = [name for name in _names(kind) if hints[name] is str]
    others = [(name, _reader(hints[name])) for name in _names(kind) if hints[name] is not str]

    def read(value: Mapping[str, Any]) -> object:
        item = value["M"]
        given = {name: item[name]["S"] for name in texts if name in item}
        for name, read_one in others:
            if name in item:
                given[name] = read_one(item[name])
        return kind(**given)

    return read


def _union_reader(kinds: Sequence[Any]) -> _Conversion:
    """Read a type beside which None may stand, or an enum beside which a few texts may.

    An attribute that is there is not None: those are left out where an item is written.
    """
    texts = [each for kind in kinds if get_origin(kind) is Literal for each in get_args(kind)]
    others = [kind for kind in kinds if kind is not NoneType and get_origin(kind) is not Literal]
    if len(others) != 1:
        raise TypeError(f"not to be told apart: {others}")
    return _word_reader(others[0], *texts) if texts else _reader(others[0])


def _word_reader(kind: type[StrEnum], *texts: str) -> _Conversion:
    words: dict[str, str] = {text: text for text in texts} | {each.value: each for each in kind}
    return lambda value: words[value["S"]]


_READERS: dict[Any, _Conversion] = {
    str: itemgetter("S"),
    bool: itemgetter("BOOL"),
    int: lambda value: int(value["N"]),
    float: lambda value: float(value["N"]),
    datetime: lambda value: datetime.fromisoformat(value["S"]),
}
