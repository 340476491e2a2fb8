"""The applications that can be rolled out, read from `definitions/applications.toml`."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from handlers.domain.config.approval_rules import ApprovalRules, Notify, OnExpiry
from handlers.domain.config.image_rules import ImageRules, read_image_rules
from handlers.domain.config.machine_budget import MACHINE_TIMEOUT, budget_problems
from handlers.domain.config.people import TABLE as PEOPLE
from handlers.domain.config.people import People, read_people
from handlers.domain.config.toml_reader import ConfigurationError, TomlReader, named_tables
from handlers.domain.config.verification_reader import MIN_PERIOD, read_verification
from handlers.domain.model.colors import COLORS
from handlers.domain.model.language import Language
from handlers.domain.model.principal import EXPECTED_PRINCIPALS, PRINCIPAL, principal_of
from handlers.domain.model.verification_settings import Verification

_FIELDS: Final = (
    "cluster",
    "repository",
    "container",
    "channel",
    "language",
    "deadline",
    "settle",
    "services",
    "namespace",
    "approvals",
    "verification",
    "images",
    "revisions",
)
_APPROVAL_FIELDS: Final = (
    "users",
    "groups",
    "required",
    "must_include",
    "requester_may_approve",
    "expires_after",
    "remind_every",
    "notify",
    "on_expiry",
)
MOST_NAME: Final = 31
"""Characters of an application's name: it begins the names of executions."""
_NAME: Final = re.compile(rf"[a-z][a-z0-9-]{{0,{MOST_NAME - 1}}}")
_NAME_EXPECTED: Final = (
    f"a name of at most {MOST_NAME} lower-case letters, digits and hyphens that begins with a "
    "letter"
)
_ECS_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""Of a cluster, a service or a container (API_CreateCluster, API_CreateService)."""
_REPOSITORY: Final = re.compile(
    r"(?=.{2,256}\Z)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
)
"""As ECR takes it (API_CreateRepository)."""
LANGUAGE: Final = "language"
"""The setting of the whole file that is no application."""
_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{2,}")
_GROUP: Final = re.compile(r"S[A-Z0-9]{2,}")


class Revisions(StrEnum):
    """Which task definition revisions carry a release."""

    OWN = "own"
    """One for all colors, and one of each color's own where their definitions differ."""
    SHARED = "shared"
    """One for all colors; definitions that differ are refused."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """One application: its colors' services, and the settings of its rollouts."""

    name: str
    cluster: str
    repository: str
    container: str
    channel: str
    """Slack channel of its boards; empty for the deployment's own."""
    language: Language = Language.ENGLISH
    """In which people are spoken to."""
    deadline: timedelta
    """The longest that one color may take to deploy or to go back."""
    settle: timedelta
    """How long a deployed color's targets may take to become healthy."""
    services: Mapping[str, str]
    """Color → ECS service, in the order of a release."""
    rules: Mapping[str, ApprovalRules]
    """Color → the rules of its question."""
    verification: Verification
    """How its colors are verified."""
    images: ImageRules = field(default_factory=ImageRules)
    """The rules of its images."""
    revisions: Revisions = Revisions.OWN
    """Whether colors whose task definitions differ keep their own."""

    def names(self, color: str) -> dict[str, str]:
        """Return the values of the configuration's placeholders for one color."""
        return {
            "application": self.name,
            "cluster": self.cluster,
            "color": color,
            "service": self.services[color],
        }


def load_applications(
    document: Mapping[str, object], period_unit: timedelta = MIN_PERIOD
) -> dict[str, Application]:
    """Read all applications.

    Args:
        document: the parsed file, application → table; `people`, and `language` of all of them.
        period_unit: verification's period must be a multiple of it: of a minute, wherever AWS
            keeps the time; of a second on the sandbox's faster clock.

    Raises:
        ConfigurationError: with every problem: key, value, what is expected.
    """
    problems: list[str] = []
    people = read_people(document.get(PEOPLE, {}), problems)
    usual = TomlReader("the file", document, problems).choice(LANGUAGE, Language.ENGLISH)
    others = {name: table for name, table in document.items() if name not in {PEOPLE, LANGUAGE}}
    tables = named_tables(others, _NAME, _NAME_EXPECTED, problems)
    applications = {table.name: _application(table, people, usual, period_unit) for table in tables}
    problems += _shared_services(applications)
    if not applications:
        problems.append("the file: found no application, expected at least one table such as [api]")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return applications


def _application(
    read: TomlReader, people: People, usual: Language, period_unit: timedelta
) -> Application:
    read.reject_unknown(_FIELDS)
    before = len(read.problems)
    application = Application(
        name=read.name,
        cluster=read.matching(
            "cluster", None, _ECS_NAME, "the name of an ECS cluster, not its ARN"
        ),
        repository=read.matching(
            "repository",
            read.name,
            _REPOSITORY,
            "an ECR repository's name, without registry and tag",
        ),
        container=read.matching("container", "app", _ECS_NAME, "a container's name"),
        channel=read.matching("channel", "", _CHANNEL, "a Slack channel's id such as C024BE91L"),
        language=read.choice("language", usual),
        deadline=read.duration("deadline", "30 min", MACHINE_TIMEOUT),
        settle=read.duration("settle", "5 min", MACHINE_TIMEOUT),
        services=_services(read),
        rules=_rules(read, people),
        verification=read_verification(
            read.subtable("verification"),
            read.string("namespace", ""),
            MACHINE_TIMEOUT,
            period_unit,
        ),
        images=read_image_rules(read.subtable("images"), MACHINE_TIMEOUT),
        revisions=read.choice("revisions", Revisions.OWN),
    )
    if len(read.problems) == before:
        read.problems.extend(budget_problems(read.name, application))
    return application


def _rules(read: TomlReader, people: People) -> dict[str, ApprovalRules]:
    """Read `[application.approvals]`, overridden by `[application.approvals.color]`."""
    shared = read.subtable("approvals").table
    general = {key: value for key, value in shared.items() if key not in COLORS}
    found = {}
    for color in COLORS:
        own = shared.get(color, {})
        if not isinstance(own, dict):
            read.report(f"approvals.{color}", own, "a table")
        where = f"{read.name}.approvals.{color}" if own else f"{read.name}.approvals"
        table = general | (own if isinstance(own, dict) else {})
        found[color] = _color_rules(TomlReader(where, table, read.problems), people)
    read.problems[:] = list(dict.fromkeys(read.problems))
    return found


def _color_rules(read: TomlReader, people: People) -> ApprovalRules:
    read.reject_unknown(_APPROVAL_FIELDS)
    rules = ApprovalRules(
        users=read.strings("users", PRINCIPAL, EXPECTED_PRINCIPALS),
        groups=read.strings("groups", _GROUP, "Slack user group ids such as S024BE7LH"),
        required=read.integer("required", 1, "a number of people, at least 1", least=1),
        must_include=read.strings("must_include", _GROUP, "Slack user group ids"),
        requester_may_approve=read.boolean("requester_may_approve"),
        expires_after=read.duration("expires_after", "8 h", MACHINE_TIMEOUT),
        remind_every=read.duration("remind_every", "2 h", MACHINE_TIMEOUT),
        on_expiry=read.choice("on_expiry", OnExpiry.REJECT),
        notify=read.choice("notify", Notify.MENTION),
        people=people,
    )
    users = [principal_of(each) for each in rules.users]
    for key, named in (("users", users), ("groups", rules.groups)):
        twice = sorted(each for each, times in Counter(named).items() if times > 1)
        if twice:
            read.report(key, twice, "each once")
    persons = people.persons(rules.users)
    if persons is not None and not rules.groups and 0 < len(persons) < rules.required:
        read.report("required", rules.required, f"at most {len(persons)}, as there are users")
    return rules


def _services(read: TomlReader) -> dict[str, str]:
    given = read.subtable("services", "a table of color = service").table
    for color, service in given.items():
        if color not in COLORS or not isinstance(service, str) or not service:
            read.report(f"services.{color}", service, f"a service name for {_any_of(COLORS)}")
        elif not _ECS_NAME.fullmatch(service):
            read.report(f"services.{color}", service, "the name of an ECS service, not its ARN")
    services = {color: str(given.get(color, f"{read.name}-{color}")) for color in COLORS}
    if len(set(services.values())) < len(COLORS):
        read.report("services", services, "a service of its own for each color")
    return services


def _shared_services(applications: Mapping[str, Application]) -> list[str]:
    """Say which services are in two applications: two rollouts would deploy to one."""
    users: dict[tuple[str, str], list[str]] = {}
    for application in applications.values():
        for color, service in application.services.items():
            where = users.setdefault((application.cluster, service), [])
            where.append(f"{application.name}.services.{color}")
    return [
        f"{' and '.join(where)}: found {service!r} in each, expected a service of its own for each"
        for (_, service), where in users.items()
        if len({each.partition(".")[0] for each in where}) > 1
    ]


def _any_of(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
