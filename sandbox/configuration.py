"""The applications file for the sandbox: the committed one, for a faster clock."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from handlers.domain.applications import load_applications
from sandbox.package import APPLICATIONS

Document = dict[str, dict[str, Any]]


def paced_document(acceleration: float, more: Mapping[str, Mapping[str, Any]]) -> Document:
    """Read the committed file; what ECS is given time for is as short as its clock is fast.

    Args:
        acceleration: world seconds in one of ours.
        more: application → settings to use in place of the committed ones; one that the file
            does not have is added to its first cluster.
    """
    document: Document = tomllib.loads(APPLICATIONS.read_text())
    cluster = next(iter(document.values()))["cluster"]
    document |= {name: {"cluster": cluster} for name in more if name not in document}
    for name, application in load_applications(document).items():
        for key, time in (("deadline", application.deadline), ("settle", application.settle)):
            document[name][key] = f"{max(1, round(time.total_seconds() / acceleration))} s"
        for key, value in more.get(name, {}).items():
            kept = document[name].get(key, {})
            document[name][key] = kept | value if isinstance(value, dict) else value
    return document


def as_toml(document: Document) -> str:
    """Write the file: a table an application, with texts, lists of texts and tables of texts."""
    lines = []
    for name, table in document.items():
        lines.append(f"[{name}]")
        for key, value in table.items():
            nested = value.items() if isinstance(value, dict) else [("", value)]
            lines += [
                f"{f'{key}.{inner}' if inner else key} = {json.dumps(v)}" for inner, v in nested
            ]
    return "\n".join(lines) + "\n"
