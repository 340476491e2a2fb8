"""What the deployment allows: which roles may be passed to tasks, which log groups may be read.

`make deploy` writes it into the package as `grants.toml`, of what it makes the policies of.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

GRANTS_FILE: Final = "grants.toml"


@dataclass(frozen=True, kw_only=True)
class Grants:
    task_roles: frozenset[str]
    """ARNs of task and execution roles."""
    log_groups: frozenset[str]
    """Names."""


def load_grants(document: Mapping[str, object]) -> Grants | None:
    """Read what the deployment allows; None where that is not known, because there is no file."""
    if not document:
        return None
    return Grants(
        task_roles=_texts(document, "task_roles"), log_groups=_texts(document, "log_groups")
    )


def grants_as_toml(grants: Grants) -> str:
    """Write what the deployment allows, as `load_grants` reads it."""
    return "".join(
        f"{name} = {json.dumps(sorted(values), ensure_ascii=False)}\n"
        for name, values in vars(grants).items()
    )


def _texts(document: Mapping[str, object], name: str) -> frozenset[str]:
    values = document.get(name, ())
    return frozenset(map(str, values)) if isinstance(values, Iterable) else frozenset()
