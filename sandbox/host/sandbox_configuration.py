"""The applications file of the sandbox: the committed one, with its durations accelerated."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from handlers.domain.config.applications import load_applications
from handlers.domain.config.people import TABLE as PEOPLE
from operations.package import APPLICATIONS

Document = dict[str, dict[str, Any]]


def accelerated_document(
    acceleration: float, overrides: Mapping[str, Mapping[str, Any]]
) -> Document:
    """Return the committed file with every duration of the world divided by the acceleration.

    Args:
        acceleration: world seconds in one real second.
        overrides: application → settings in place of the committed ones. An application that the
            file does not have is added to its first cluster. `people` is who is who.
    """
    document: Document = tomllib.loads(APPLICATIONS.read_text())
    cluster = next(iter(load_applications(document).values())).cluster
    added = [name for name in overrides if name not in {*document, PEOPLE}]
    document |= {name: {"cluster": cluster} for name in added}
    for name, application in load_applications(document).items():
        table, verified = document[name], application.verification
        table |= _accelerated_times(application, ("deadline", "settle"), acceleration)
        times = ("bake", "bake_at_most", "period", "compare_with")
        waits = _accelerated_times(
            application.images, ("wait_for_push", "wait_for_turn"), acceleration
        )
        table["images"] = table.get("images", {}) | waits
        table["verification"] = table.get("verification", {}) | _accelerated_times(
            verified, times, acceleration
        )
        document[name] = _merged(table, overrides.get(name, {}))
    people = overrides.get(PEOPLE)
    return document | {PEOPLE: dict(people)} if people else document


def _accelerated_times(
    durations: object, names: Iterable[str], acceleration: float
) -> dict[str, str]:
    times: dict[str, timedelta] = {name: getattr(durations, name) for name in names}
    return {
        name: f"{max(1, round(time.total_seconds() / acceleration))} s"
        for name, time in times.items()
    }


def _merged(table: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(table)
    for key, value in overrides.items():
        kept = merged.get(key, {})
        merged[key] = _merged(kept, value) if isinstance(value, dict) else value
    return merged


def as_toml(document: Mapping[str, Any]) -> str:
    """Write a TOML file of strings, numbers, flags, lists of them, and nested tables."""
    return "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(table: Mapping[str, Any], name: str) -> Iterator[str]:
    if name:
        yield f"[{name}]"
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    # JSON's strings, numbers, flags and lists are TOML's.
    yield from (f"{key} = {json.dumps(table[key])}" for key in table if key not in inner)
    for key, value in inner.items():
        yield from _lines(value, f"{name}.{key}" if name else key)
