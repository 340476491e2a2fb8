"""The rules of a color's question: who may answer, how many must, and how long it waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.domain.config.people import People
from handlers.domain.model.principal import principal_of


class OnExpiry(StrEnum):
    """What happens to a question that nobody answered in time."""

    REJECT = "reject"
    KEEP_WAITING = "keep waiting"


class Notify(StrEnum):
    """How people are called: to a question, and at a rollout's end."""

    MENTION = "mention"
    DM = "dm"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class ApprovalRules:
    """The rules of the question about one color."""

    users: tuple[str, ...] = ()
    """Slack user ids and IAM role or user ARNs. With no users and no groups: anyone in the
    workspace, and no IAM caller."""
    groups: tuple[str, ...] = ()
    """Slack user group ids."""
    required: int = 1
    """How many people must approve."""
    must_include: tuple[str, ...] = ()
    """Groups of which somebody must approve."""
    requester_may_approve: bool = False
    expires_after: timedelta = timedelta(hours=8)
    remind_every: timedelta = timedelta(hours=2)
    on_expiry: OnExpiry = OnExpiry.REJECT
    notify: Notify = Notify.MENTION
    people: People = field(default_factory=People)
    """Who is who."""

    @property
    def is_for_anyone(self) -> bool:
        """Whether every full member of the workspace may answer."""
        return not self.users and not self.groups

    @property
    def asks_for_groups(self) -> bool:
        """Whether the rules need the groups that a person is in."""
        return bool(self.groups or self.must_include)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts, with their groups at that moment."""

    id: str
    """A Slack user id, an IAM ARN, or a name in `[people]`."""
    groups: frozenset[str] = frozenset()
    """The groups of the rules that they are in."""
    is_outsider: bool = False
    """Whether they are no full member of the workspace: a guest, a bot, another company's."""
    caller: str = ""
    """The ARN by which they came, with the session of an assumed role; empty in Slack."""


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswer:
    """One person's approval; several may be needed for a decision."""

    by: str
    at: datetime
    groups: tuple[str, ...] = ()
    source: str = "slack"
    """From where it came, one of `audit.Source`."""
    caller: str = ""
    """The ARN by which they came; empty in Slack."""


def is_entitled(rules: ApprovalRules, person: Person) -> bool:
    """Tell whether a person is one of those who may answer, whichever way they come."""
    in_workspace = bool(rules.people.slack_id(person.id)) and not person.is_outsider
    anyone = rules.is_for_anyone and in_workspace
    return anyone or is_named(rules, person) or not person.groups.isdisjoint(rules.groups)


def is_named(rules: ApprovalRules, person: Person) -> bool:
    """Tell whether somebody is one of the users that the rules name, by whichever name."""
    people = rules.people
    ids = people.ids_of(person.id) | people.ids_of(person.caller or person.id)
    return not ids.isdisjoint({each for user in rules.users for each in (user, principal_of(user))})


def may_approve(rules: ApprovalRules, person: Person, requester: str) -> bool:
    """Tell whether an entitled person may approve this requester's rollout."""
    if rules.requester_may_approve:
        return True
    return not any(rules.people.is_same(each, requester) for each in (person.id, person.caller))


def is_answerable(rules: ApprovalRules, requester: str) -> bool:
    """Tell whether enough people are named who may approve what a requester asks for."""
    if rules.requester_may_approve or rules.groups or not rules.users:
        return True
    people = rules.people
    persons = people.persons(rules.users)
    if persons is None:
        return True
    return len([p for p in persons if not people.is_same(p, requester)]) >= rules.required


def is_complete(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> bool:
    """Tell whether these approvals decide the question: two of one person are one."""
    given = list(answers)
    present = {group for answer in given for group in answer.groups}
    approvers = rules.people.count(answer.by for answer in given)
    return approvers >= rules.required and present.issuperset(rules.must_include)


def reminders_due(rules: ApprovalRules, asked: datetime, now: datetime) -> int:
    """Count the reminders that should have been given by now."""
    return max(0, (now - asked) // rules.remind_every)
