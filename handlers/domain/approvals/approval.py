"""A question to people about one color of one rollout, and whether an answer to it counts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from handlers.domain.approvals.approval_snapshot import ColorSnapshot
from handlers.domain.config.approval_rules import (
    ApprovalAnswer,
    ApprovalRules,
    OnExpiry,
    Person,
    is_complete,
    is_entitled,
    may_approve,
)
from handlers.domain.config.people import is_slack_user
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.principal import principal_of, sso_user_of
from handlers.domain.model.rollout import Decision


class Subject(StrEnum):
    """The subject of a question about a color."""

    RELEASE = "release"
    """Whether it may get the release."""
    HEALTH = "health"
    """Whether it may keep the release although its verdict is unclear."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A question as it is recorded. Its id is all that a button carries."""

    id: str
    rollout: str
    application: str
    color: str
    about: Subject = Subject.RELEASE
    requester: str
    release: str
    """The release's pinned images, or its revision."""
    evidence: Mapping[str, ColorSnapshot] = field(default_factory=dict)
    """Color → its snapshot when the question was asked."""
    token: str = field(repr=False)
    """The task token by which the machine is answered; a bearer credential."""
    asked: datetime
    until: datetime
    """When it expires."""
    answers: Mapping[str, ApprovalAnswer] = field(default_factory=dict)
    """`answer_key` of a person → their approval."""
    reminded: int = 0
    decision: Decision | None = None


def answer_key(person: str) -> str:
    """Return a person's id as a key within a record: without dots, and unique."""
    if person.isalnum():
        return person
    readable = "".join(c if c.isalnum() else "_" for c in person)
    return f"{readable}_{hashlib.sha256(person.encode()).hexdigest()[:8]}"


def refusal(
    approval: Approval,
    rules: ApprovalRules,
    person: Person,
    outcome: DecisionOutcome,
    now: datetime,
) -> str:
    """Say to this person why their answer does not count; empty where it does.

    This is the rule alone: the caller records the answer with one conditional write.
    """
    if approval.decision is not None:
        return already_decided(approval.decision)
    if now >= approval.until and expires(approval, rules):
        return "This question has expired; the rollout is being ended."
    if not is_entitled(rules, person):
        return f"You may not answer for {approval.application}. {entitled_people(rules)}"
    requester = approval.requester
    if outcome is DecisionOutcome.APPROVED and not may_approve(rules, person, requester):
        told = "You asked for this rollout, so somebody else must approve it."
        return f"{told} {entitled_people(rules)}"
    return ""


def expires(approval: Approval, rules: ApprovalRules) -> bool:
    """Tell whether a question ends unanswered; one about an unclear verdict always does."""
    return approval.about is Subject.HEALTH or rules.on_expiry is OnExpiry.REJECT


def entitled_people(rules: ApprovalRules) -> str:
    """Name those who may answer, as Slack mentions them."""
    named = list(dict.fromkeys(mention(rules.people.identify(user)) for user in rules.users))
    named += [f"<!subteam^{group}>" for group in rules.groups]
    return f"{', '.join(named) or 'Anyone else in the workspace'} may."


def mention(person: str) -> str:
    """Mention a Slack user; name anyone else, an IAM role by its last part, never as markup."""
    if is_slack_user(person):
        return f"<@{person}>"
    named = (
        sso_user_of(person) or (principal_of(person) if ":iam:" in person else person) or "someone"
    )
    if named.startswith("arn:"):
        named = named.rsplit(":", 1)[-1].removeprefix("assumed-role/")
    return named.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def already_decided(decision: Decision) -> str:
    """Say who decided the question already, and how."""
    who, closed = mention(decision.by), "This question was closed"
    texts = {
        DecisionOutcome.EXPIRED: "This question had already expired.",
        DecisionOutcome.SUPERSEDED_BY_PUSH: f"{closed}, because {decision.reason} was pushed.",
        DecisionOutcome.STOPPED_WITH_GROUP: f"{closed}, because {decision.reason}.",
        DecisionOutcome.NOT_CONFIGURED: f"{closed}: {decision.reason}.",
        DecisionOutcome.WITHDRAWN: f"This question was withdrawn by {who}.",
        DecisionOutcome.ASK_AGAIN: "This question is being asked again, since something changed.",
        DecisionOutcome.LOOK_AGAIN: f"{who} was first: it is being looked at again.",
    }
    return texts.get(decision.outcome, f"{who} was first: {decision.outcome}.")


def approver_ids(approval: Approval) -> tuple[str, ...]:
    """Return who has approved so far, in the order in which they did."""
    by = (each.by for each in sorted(approval.answers.values(), key=lambda each: each.at))
    return tuple(dict.fromkeys(by))


def approval_decision(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> Decision:
    """Make one decision of the first approvals that suffice; later ones came second."""
    given: list[ApprovalAnswer] = []
    for each in sorted(answers, key=lambda answer: (answer.at, answer.by)):
        given.append(each)
        if is_complete(rules, given):
            break
    *others, last = given
    names = tuple(dict.fromkeys(each.by for each in others if each.by != last.by))
    return Decision(
        outcome=DecisionOutcome.APPROVED,
        by=last.by,
        at=last.at,
        others=names,
        source=last.source,
        caller=last.caller,
    )
