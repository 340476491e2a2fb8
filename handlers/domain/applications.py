"""The applications that can be rolled out, read from `definitions/applications.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.domain.colors import COLORS
from handlers.domain.durations import parse_duration

_FIELDS: Final = (
    "cluster",
    "repository",
    "container",
    "channel",
    "approvers",
    "deadline",
    "expires_after",
    "settle",
    "services",
)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_USER: Final = re.compile(r"[UW][A-Z0-9]{2,}")


class ConfigurationError(ValueError):
    """`applications.toml` is wrong; the message lists every problem, one a line."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """One application: what its colors are called, and the rules of its rollouts."""

    name: str
    cluster: str
    repository: str
    container: str
    channel: str
    """Slack channel of its boards; empty for the deployment's own."""
    approvers: tuple[str, ...]
    """Slack user ids; empty for anyone in the workspace."""
    deadline: timedelta
    """Longest that one color may take to deploy, or to go back."""
    expires_after: timedelta
    """How long a question waits for people."""
    settle: timedelta
    """How long a deployed color's targets may take to become healthy."""
    services: Mapping[str, str]
    """Color → ECS service, in the order of a release."""


def load_applications(document: Mapping[str, object]) -> dict[str, Application]:
    """Read all applications.

    Args:
        document: the parsed file, application → table.

    Raises:
        ConfigurationError: with every problem there is: key, value, what is expected.
    """
    problems: list[str] = []
    applications = {name: _application(name, table, problems) for name, table in document.items()}
    if not applications:
        problems.append("the file: found no application, expected at least one table such as [api]")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return applications


def _application(name: str, table: object, problems: list[str]) -> Application:
    read = _Reader(name, table if isinstance(table, dict) else {}, problems)
    if not isinstance(table, dict):
        problems.append(f"{name}: found {table!r}, expected a table")
    if not _NAME.fullmatch(name):
        problems.append(f"{name}: expected a name of lower-case letters, digits and hyphens")
    read.refuse_unknown(_FIELDS)
    return Application(
        name=name,
        cluster=read.text("cluster", None),
        repository=read.text("repository", name),
        container=read.text("container", "app"),
        channel=read.text("channel", ""),
        approvers=read.users("approvers"),
        deadline=read.duration("deadline", "30 min"),
        expires_after=read.duration("expires_after", "8 h"),
        settle=read.duration("settle", "5 min"),
        services=read.services(name),
    )


@dataclass(frozen=True)
class _Reader:
    """Reads one table, noting what is wrong instead of stopping at it."""

    name: str
    table: Mapping[str, object]
    problems: list[str]

    def refuse_unknown(self, known: Sequence[str]) -> None:
        for key in self.table:
            if key not in known:
                self._problem(key, self.table[key], f"only {', '.join(known)}")

    def text(self, key: str, default: str | None) -> str:
        value = self.table.get(key, default)
        if isinstance(value, str) and (value or key not in self.table):
            return value
        self._problem(key, value, "a text")
        return ""

    def users(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if isinstance(value, list) and all(
            isinstance(u, str) and _USER.fullmatch(u) for u in value
        ):
            return tuple(value)
        self._problem(key, value, "a list of Slack user ids such as U024BE7LH")
        return ()

    def duration(self, key: str, default: str) -> timedelta:
        value = self.table.get(key, default)
        try:
            return parse_duration(str(value))
        except ValueError:
            self._problem(key, value, "a duration such as '30 min' or '8 h'")
            return timedelta()

    def services(self, application: str) -> dict[str, str]:
        given = self.table.get("services", {})
        if not isinstance(given, dict):
            self._problem("services", given, "a table of color = service")
            given = {}
        for color, service in given.items():
            if color not in COLORS or not isinstance(service, str) or not service:
                self._problem(f"services.{color}", service, f"a service name for {_any_of(COLORS)}")
        services = {color: given.get(color, f"{application}-{color}") for color in COLORS}
        if len(set(map(str, services.values()))) < len(COLORS):
            self._problem("services", services, "a service of its own for each color")
        return services

    def _problem(self, key: str, value: object, expected: str) -> None:
        found = "nothing" if value is None else repr(value)
        self.problems.append(f"{self.name}.{key}: found {found}, expected {expected}")


def _any_of(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
