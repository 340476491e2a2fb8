"""Whether anybody can meet a color's rules, by what Slack says of those who are named in them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from handlers.domain.config.approval_rules import ApprovalRules, Person, may_approve
from handlers.domain.config.people import is_slack_user


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What Slack says of groups and accounts; each is asked for only where it matters."""

    members: Callable[[str], Iterable[str]]
    """Returns the Slack users of a group."""
    can_act: Callable[[str], bool]
    """Tells whether a Slack user can press a button: their account is a person's, and active."""
    is_member: Callable[[str], bool]
    """Tells whether a Slack user is a full member of the workspace."""


def unmet_rule(rules: ApprovalRules, requester: str, directory: Directory) -> str:
    """Say which rule of a color nobody can meet; empty where somebody can, as far as is known."""
    for group in rules.must_include:
        if not any(_may(rules, each, requester, directory) for each in directory.members(group)):
            return f"somebody of {group} must be among those who approve, and nobody of it can"
    if not rules.users and not rules.groups:
        return ""
    able: set[str] = set()
    for persons in _named(rules, directory):
        if persons is None:
            return ""
        able |= {each for each in persons if _can(rules, each, requester, directory)}
        if rules.people.count(able) >= rules.required:
            return ""
    needed = "1 approval is" if rules.required == 1 else f"{rules.required} approvals are"
    left = rules.people.count(able)
    return f"{needed} needed, and {left or 'none'} of those who are named can give one"


def _named(rules: ApprovalRules, directory: Directory) -> Iterator[frozenset[str] | None]:
    """Yield those whom the rules name, a user or a member at a time; None for no limit."""
    yield from (rules.people.persons((user,)) for user in rules.users)
    for group in rules.groups:
        yield from (frozenset({rules.people.identify(m)}) for m in directory.members(group))


def _may(rules: ApprovalRules, user: str, requester: str, directory: Directory) -> bool:
    """Tell whether a member of a group is entitled, and can approve."""
    if not rules.users and not rules.groups:
        return _can(rules, user, requester, directory) and directory.is_member(user)
    person = rules.people.identify(user)
    is_named = any(persons is None or person in persons for persons in _named(rules, directory))
    return is_named and _can(rules, person, requester, directory)


def _can(rules: ApprovalRules, person: str, requester: str, directory: Directory) -> bool:
    """Tell whether somebody who is named can approve: not who asked, and by some way at all."""
    if not may_approve(rules, Person(id=person), requester):
        return False
    ways = rules.people.ids_of(person)
    by_iam = any(way.startswith(("arn:", "sso:")) for way in ways)
    return by_iam or any(directory.can_act(way) for way in ways if is_slack_user(way))
