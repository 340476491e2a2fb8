"""Who is called to a question: those who may answer it, and have not yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.rollout import Rollout, Stage


@dataclass(frozen=True, kw_only=True)
class CalledPeople:
    """People, and groups of them."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Slack user group ids."""


def called_people(
    rules: ApprovalRules, requester: str, answers: Iterable[ApprovalAnswer] = ()
) -> CalledPeople:
    """Say who is still needed to answer a question; nobody where the rules name nobody.

    Where only people of certain groups can make an approval complete, the others are left alone.
    The requester is called only where requesters may approve.
    """
    given = list(answers)
    people = {answer.by for answer in given}
    present = {group for answer in given for group in answer.groups}
    missing = tuple(group for group in rules.must_include if group not in present)
    if missing and rules.required - rules.people.count(people) <= len(missing):
        return CalledPeople(groups=missing)
    left_alone = people if rules.requester_may_approve else people | {requester}
    known = rules.people
    users = (
        known.slack_id(user)
        for user in rules.users
        if not any(known.is_same(user, other) for other in left_alone)
    )
    groups = dict.fromkeys((*rules.groups, *missing))
    return CalledPeople(users=_once(users), groups=tuple(groups))


def people_at_end(rollout: Rollout, rules: Callable[[str], ApprovalRules]) -> CalledPeople:
    """Say whom a rollout's end concerns: who asked for it and, to put colors back by hand, more.

    Args:
        rollout: as it ended.
        rules: returns those of a color; of no color in particular, of any.
    """
    users, groups = [rollout.requested_by], list[str]()
    if rollout.outcome == RolloutOutcome.ROLLBACK_FAILED:
        left = [c.color for c in rollout.changed_colors if c.stage is not Stage.PUT_BACK]
        for needed in map(rules, left):
            users += needed.users
            groups += [*needed.groups, *needed.must_include]
    known = rules("").people
    return CalledPeople(
        users=_once(map(known.slack_id, users)), groups=tuple(dict.fromkeys(groups))
    )


def _once(users: Iterable[str]) -> tuple[str, ...]:
    """Return each Slack id once; of those who have none nobody can be called."""
    return tuple(dict.fromkeys(filter(None, users)))
