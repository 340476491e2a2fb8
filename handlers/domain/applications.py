"""The applications that can be rolled out, read from `definitions/applications.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.domain.colors import COLORS
from handlers.domain.durations import parse_duration
from handlers.domain.rules import OnExpiry, Rules

_FIELDS: Final = (
    "cluster",
    "repository",
    "container",
    "channel",
    "deadline",
    "settle",
    "services",
    "approvals",
)
_RULES: Final = (
    "users",
    "groups",
    "required",
    "must_include",
    "requester_may_approve",
    "expires_after",
    "remind_every",
    "on_expiry",
)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_USER: Final = re.compile(
    r"[UW][A-Z0-9]{2,}|arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)/[\w+=,.@-]+)"
)
_GROUP: Final = re.compile(r"S[A-Z0-9]{2,}")


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
    deadline: timedelta
    """Longest that one color may take to deploy, or to go back."""
    settle: timedelta
    """How long a deployed color's targets may take to become healthy."""
    services: Mapping[str, str]
    """Color → ECS service, in the order of a release."""
    rules: Mapping[str, Rules]
    """Color → the rules of its question."""


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
        deadline=read.duration("deadline", "30 min"),
        settle=read.duration("settle", "5 min"),
        services=read.services(name),
        rules=_rules(read),
    )


def _rules(read: "_Reader") -> dict[str, Rules]:
    """Read `[application.approvals]`, and what `[application.approvals.color]` says otherwise."""
    shared = read.table.get("approvals", {})
    if not isinstance(shared, dict):
        read.note("approvals", shared, "a table")
        shared = {}
    general = {key: value for key, value in shared.items() if key not in COLORS}
    found = {}
    for color in COLORS:
        own = shared.get(color, {})
        if not isinstance(own, dict):
            read.note(f"approvals.{color}", own, "a table")
        where = f"{read.name}.approvals.{color}" if own else f"{read.name}.approvals"
        table = general | (own if isinstance(own, dict) else {})
        found[color] = _color_rules(_Reader(where, table, read.problems))
    read.problems[:] = list(dict.fromkeys(read.problems))
    return found


def _color_rules(read: "_Reader") -> Rules:
    read.refuse_unknown(_RULES)
    rules = Rules(
        users=read.ids("users", _USER, "Slack user ids such as U024BE7LH, or IAM ARNs"),
        groups=read.ids("groups", _GROUP, "Slack user group ids such as S024BE7LH"),
        required=read.count("required", 1),
        must_include=read.ids("must_include", _GROUP, "Slack user group ids"),
        requester_may_approve=read.flag("requester_may_approve"),
        expires_after=read.duration("expires_after", "8 h"),
        remind_every=read.duration("remind_every", "2 h"),
        on_expiry=read.choice("on_expiry", OnExpiry.REJECT),
    )
    if not rules.groups and 0 < len(rules.users) < rules.required:
        read.note("required", rules.required, f"at most {len(rules.users)}, as there are users")
    return rules


@dataclass(frozen=True)
class _Reader:
    """Reads one table, noting what is wrong instead of stopping at it."""

    name: str
    table: Mapping[str, object]
    problems: list[str]

    def refuse_unknown(self, known: Sequence[str]) -> None:
        for key in self.table:
            if key not in known:
                self.note(key, self.table[key], f"only {', '.join(known)}")

    def text(self, key: str, default: str | None) -> str:
        value = self.table.get(key, default)
        if isinstance(value, str) and (value or key not in self.table):
            return value
        self.note(key, value, "a text")
        return ""

    def ids(self, key: str, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if isinstance(value, list) and all(
            isinstance(each, str) and pattern.fullmatch(each) for each in value
        ):
            return tuple(value)
        self.note(key, value, f"a list of {expected}")
        return ()

    def count(self, key: str, default: int) -> int:
        value = self.table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.note(key, value, "a number of people, at least 1")
        return default

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            self.note(key, value, "true or false")
        return value is True

    def choice(self, key: str, default: OnExpiry) -> OnExpiry:
        value = self.table.get(key, default)
        if value in set(OnExpiry):
            return OnExpiry(str(value))
        self.note(key, value, " or ".join(repr(str(each)) for each in OnExpiry))
        return default

    def duration(self, key: str, default: str) -> timedelta:
        value = self.table.get(key, default)
        try:
            return parse_duration(str(value))
        except ValueError:
            self.note(key, value, "a duration such as '30 min' or '8 h'")
            return timedelta()

    def services(self, application: str) -> dict[str, str]:
        given = self.table.get("services", {})
        if not isinstance(given, dict):
            self.note("services", given, "a table of color = service")
            given = {}
        for color, service in given.items():
            if color not in COLORS or not isinstance(service, str) or not service:
                self.note(f"services.{color}", service, f"a service name for {_any_of(COLORS)}")
        services = {color: given.get(color, f"{application}-{color}") for color in COLORS}
        if len(set(map(str, services.values()))) < len(COLORS):
            self.note("services", services, "a service of its own for each color")
        return services

    def note(self, key: str, value: object, expected: str) -> None:
        found = "nothing" if value is None else repr(value)
        self.problems.append(f"{self.name}.{key}: found {found}, expected {expected}")


def _any_of(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
