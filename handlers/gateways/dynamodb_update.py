"""The text of an UpdateItem: its expressions and the names in them, worked out once for its paths.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html

Tested in `test_dynamodb_table.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

Paths = tuple[tuple[str, bool], ...]
"""Each path, and whether nothing stands there: it must not be there yet, or is removed."""


@dataclass(frozen=True, kw_only=True)
class UpdateText:
    """What an update says, apart from its values."""

    update: str
    condition: str
    names: Mapping[str, str]


@lru_cache(maxsize=512)
def update_text(condition: str, seen: Paths, changes: Paths) -> UpdateText:
    """Write an update.

    Args:
        condition: a condition that must hold, whatever was seen.
        seen: what must still be there; the value of the first is `:s0`.
        changes: what is set; the value of the first is `:v0`. A path ending in `?` is only set
            where there is nothing yet.
    """
    aliases: dict[str, str] = {}

    def place_of(path: str) -> str:
        parts = path.removesuffix("?").split(".")
        return ".".join(aliases.setdefault(part, f"#n{len(aliases)}") for part in parts)

    conditions, sets, removes = [condition], [], []
    for number, (path, is_nothing) in enumerate(seen):
        place = place_of(path)
        is_so = f"attribute_not_exists({place})" if is_nothing else f"{place} = :s{number}"
        conditions.append(is_so)
    for number, (path, is_nothing) in enumerate(changes):
        place, value = place_of(path), f":v{number}"
        if is_nothing:
            removes.append(place)
            continue
        value = f"if_not_exists({place}, {value})" if path.endswith("?") else value
        sets.append(f"{place} = {value}")
    clauses = [("SET", sets), ("REMOVE", removes)]
    return UpdateText(
        update=" ".join(f"{verb} {', '.join(each)}" for verb, each in clauses if each),
        condition=" AND ".join(f"({each})" for each in conditions),
        names={alias: part for part, alias in aliases.items()},
    )
