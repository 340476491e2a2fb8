"""The DynamoDB expressions that `handlers.gateways` use, compiled; any other raises by its name.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

Item = dict[str, Any]
"""Attributes by name, in DynamoDB's own types: `{"id": {"S": "api-1"}}`."""
Names = Mapping[str, str]
Values = Mapping[str, Any]
Condition = Callable[[Item, Names, Values], bool]

_TOKEN = re.compile(r"\s*([#:]?\w+(?:\.[#\w]+)*|[()=<,])")


class InvalidExpression(Exception):
    """DynamoDB would refuse it, with a ValidationException."""


@dataclass(frozen=True)
class CompiledCondition:
    """A condition, and the placeholders that it names."""

    holds: Condition
    placeholders: frozenset[str]


@dataclass(frozen=True)
class CompiledUpdate:
    """The clauses of an update, and the placeholders that they name."""

    sets: tuple[tuple[str, str, bool], ...]
    """Path, value and whether it is set only where there is nothing yet."""
    removes: tuple[str, ...]
    placeholders: frozenset[str]

    def apply(self, item: Item, names: Names, values: Values) -> None:
        """Change an item in place, all clauses on what it was before.

        Raises:
            InvalidExpression: a path goes through what is no map.
        """
        kept = [
            path for path, _, is_default in self.sets if is_default and _found(item, path, names)
        ]
        for path, value, _ in self.sets:
            if path not in kept:
                parent, name = _parent(item, path, names)
                parent[name] = values[value]
        for path in self.removes:
            parent, name = _parent(item, path, names)
            parent.pop(name, None)


@cache
def compiled_condition(text: str) -> CompiledCondition:
    """Compile a condition: comparisons by `=` and `<`, two functions, AND, OR and parentheses."""
    tokens = _Tokens(text)
    condition = _any_of(tokens)
    tokens.end()
    return CompiledCondition(condition, tokens.placeholders)


@cache
def compiled_update(text: str) -> CompiledUpdate:
    """Compile an update: SET of values or of `if_not_exists(…)`, and REMOVE."""
    tokens = _Tokens(text)
    sets, removes = [], []
    if tokens.take_if("SET"):
        sets = list(tokens.separated(_set_clause))
    if tokens.take_if("REMOVE"):
        removes = list(tokens.separated(_Tokens.take))
    tokens.end()
    paths = sorted([path for path, _, _ in sets] + removes)
    if any(f"{second}.".startswith(f"{first}.") for first, second in pairwise(paths)):
        raise InvalidExpression("Two document paths overlap with each other")
    return CompiledUpdate(tuple(sets), tuple(removes), tokens.placeholders)


class _Tokens:
    """What is left of an expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _TOKEN.findall(text)
        parts = [part for token in self._left for part in token.split(".")]
        self.placeholders = frozenset(part for part in parts if part[0] in "#:")
        if "".join(self._left) != re.sub(r"\s", "", text):
            raise NotImplementedError(text)

    def take(self) -> str:
        return self._left.pop(0) if self._left else self.refuse()

    def take_if(self, token: str) -> bool:
        is_next = self._left[:1] == [token]
        return is_next and bool(self._left.pop(0))

    def expect(self, token: str) -> None:
        if not self.take_if(token):
            self.refuse()

    def separated(self, one: "Callable[[_Tokens], Any]") -> Iterator[Any]:
        yield one(self)
        while self.take_if(","):
            yield one(self)

    def end(self) -> None:
        if self._left:
            self.refuse()

    def refuse(self) -> str:
        raise NotImplementedError(f"{self._text!r}, at {' '.join(self._left)!r}")


def _any_of(tokens: _Tokens) -> Condition:
    terms = [_all_of(tokens)]
    while tokens.take_if("OR"):
        terms.append(_all_of(tokens))
    if len(terms) == 1:
        return terms[0]
    return lambda *given: any(term(*given) for term in terms)


def _all_of(tokens: _Tokens) -> Condition:
    terms = [_term(tokens)]
    while tokens.take_if("AND"):
        terms.append(_term(tokens))
    if len(terms) == 1:
        return terms[0]
    return lambda *given: all(term(*given) for term in terms)


def _term(tokens: _Tokens) -> Condition:
    if tokens.take_if("("):
        inner = _any_of(tokens)
        tokens.expect(")")
        return inner
    path = tokens.take()
    if path in {"attribute_exists", "attribute_not_exists"}:
        is_wanted = path == "attribute_exists"
        path = _argument(tokens)
        return lambda item, names, _: (_found(item, path, names) is not None) is is_wanted
    operator, value = tokens.take(), tokens.take()
    if operator not in {"=", "<"} or not value.startswith(":"):
        tokens.refuse()
    compare = _equal if operator == "=" else _less
    return lambda item, names, values: compare(_found(item, path, names), values[value])


def _argument(tokens: _Tokens) -> str:
    tokens.expect("(")
    path = tokens.take()
    tokens.expect(")")
    return path


def _set_clause(tokens: _Tokens) -> tuple[str, str, bool]:
    path = tokens.take()
    tokens.expect("=")
    value = tokens.take()
    if value != "if_not_exists":
        return path, value if value.startswith(":") else tokens.refuse(), False
    tokens.expect("(")
    if tokens.take() != path:
        tokens.refuse()
    tokens.expect(",")
    value = tokens.take()
    tokens.expect(")")
    return path, value, True


def _found(item: Item, path: str, names: Names) -> Any:
    """Return the attribute at a path, or None."""
    found: Any = {"M": item}
    for part in path.split("."):
        found = found.get("M", {}).get(names[part] if part[0] == "#" else part)
        if found is None:
            return None
    return found


def _parent(item: Item, path: str, names: Names) -> tuple[Item, str]:
    """Return the map that holds the attribute at a path, and its name there."""
    *parents, last = [names[part] if part[0] == "#" else part for part in path.split(".")]
    for name in parents:
        inner = item.get(name, {}).get("M")
        if inner is None:
            raise InvalidExpression(
                "The document path provided in the update expression is invalid for update"
            )
        item = inner
    return item, last


def _equal(found: Any, value: Any) -> bool:
    return found is not None and comparable(found) == comparable(value)


def _less(found: Any, value: Any) -> bool:
    if found is None:
        return False
    (own, one), (other, another) = comparable(found), comparable(value)
    return own == other and bool(one < another)


def comparable(attribute: Mapping[str, Any]) -> tuple[str, Any]:
    """Return an attribute's type and what orders and equals it; texts, numbers and flags alone."""
    ((kind, value),) = attribute.items()
    if kind not in {"S", "N", "BOOL"}:
        raise NotImplementedError(f"comparing {kind}")
    return kind, Decimal(value) if kind == "N" else value
