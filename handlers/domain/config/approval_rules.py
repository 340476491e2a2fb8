"""The rules of a color's question: who may answer, how many must, and how long it waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.domain.model.principal import is_same, principal_of


class OnExpiry(StrEnum):
    """What happens to a question that nobody answered in time."""

    REJECT = "reject"
    KEEP_WAITING = "keep waiting"


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
    """A Slack user id, or an IAM ARN."""
    groups: frozenset[str] = frozenset()
    """The groups of the rules that they are in."""
    is_outsider: bool = False
    """Whether they are no full member of the workspace: a guest, a bot, another company's."""


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswer:
    """One person's approval; several may be needed for a decision."""

    by: str
    at: datetime
    groups: tuple[str, ...] = ()
    source: str = "slack"
    """From where it came, one of `audit.Source`."""


def is_named(rules: ApprovalRules, person: str) -> bool:
    """Tell whether somebody is one of the users that the rules name."""
    return any(is_same(person, each) for each in rules.users)


def is_entitled(rules: ApprovalRules, person: Person) -> bool:
    """Tell whether a person is one of those who may answer."""
    in_workspace = not person.id.startswith("arn:") and not person.is_outsider
    anyone = rules.is_for_anyone and in_workspace
    return anyone or is_named(rules, person.id) or not person.groups.isdisjoint(rules.groups)


def may_approve(rules: ApprovalRules, person: Person, requester: str) -> bool:
    """Tell whether an entitled person may approve this requester's rollout."""
    return rules.requester_may_approve or not is_same(person.id, requester)


def is_answerable(rules: ApprovalRules, requester: str) -> bool:
    """Tell whether enough people are named who may approve what a requester asks for."""
    if rules.requester_may_approve or rules.groups or not rules.users:
        return True
    people = {principal_of(each) for each in rules.users}
    return len(people - {principal_of(requester)}) >= rules.required


def is_complete(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> bool:
    """Tell whether these approvals decide the question."""
    given = {answer.by: answer for answer in answers}
    present = {group for answer in given.values() for group in answer.groups}
    return len(given) >= rules.required and present.issuperset(rules.must_include)


def reminders_due(rules: ApprovalRules, asked: datetime, now: datetime) -> int:
    """Count the reminders that should have been given by now."""
    return max(0, (now - asked) // rules.remind_every)
