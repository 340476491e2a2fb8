"""Whether anybody can meet a color's rules, by what Slack says of those who are named in them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from handlers.domain.config.approval_rules import ApprovalRules, Person, may_approve
from handlers.domain.config.people import is_slack_user

MOST_REASONS: Final = 5
"""People of whom it is told why they cannot approve."""
MUST_BE: Final = "somebody of {group} must be among those who approve, and nobody of it can"


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What Slack says of groups and accounts; each is asked for only where it matters."""

    members: Callable[[str], Iterable[str]]
    """Returns the Slack users of a group."""
    why_unable: Callable[[str], str]
    """Says why a Slack user can press no button, such as "is deactivated"; empty where they can."""
    is_member: Callable[[str], bool]
    """Tells whether a Slack user is a full member of the workspace."""


def unmet_rule(rules: ApprovalRules, requester: str, directory: Directory) -> str:
    """Say which rule of a color nobody can meet, and why; empty where somebody can.

    Where Slack is not asked any more, everybody counts.
    """
    for group in rules.must_include:
        members = list(directory.members(group))
        why_not = [_why_not_of_group(rules, each, requester, directory) for each in members]
        if all(why_not):
            return _because(MUST_BE.format(group=group), why_not or [f"nobody is in {group}"])
    return "" if rules.is_for_anyone else _too_few(rules, requester, directory)


def _too_few(rules: ApprovalRules, requester: str, directory: Directory) -> str:
    able, reasons = set[str](), list[str]()
    for named, persons in _named(rules, directory):
        if persons is None:
            return ""
        found = {each: _why_not(rules, each, requester, directory) for each in sorted(persons)}
        reasons += [why for why in found.values() if why] or ([] if found else [named])
        able |= {each for each, why in found.items() if not why}
        if rules.people.count(able) >= rules.required:
            return ""
    needed = "1 approval is" if rules.required == 1 else f"{rules.required} approvals are"
    left = rules.people.count(able)
    said = f"{needed} needed, and {left or 'none'} of those who are named can give one"
    return _because(said, reasons)


def _because(said: str, reasons: Iterable[str]) -> str:
    """Add the first reasons to a sentence."""
    each = list(dict.fromkeys(filter(None, reasons)))
    more = [f"and {len(each) - MOST_REASONS} more"] if len(each) > MOST_REASONS else []
    return f"{said}: {', '.join([*each[:MOST_REASONS], *more])}" if each else said


def _named(
    rules: ApprovalRules, directory: Directory
) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield those whom the rules name, a user or a member at a time; None for no limit.

    With each stands what is told where there is nobody.
    """
    for user in rules.users:
        yield "", rules.people.persons((user,))
    for group in rules.groups:
        members = list(directory.members(group))
        for member in members:
            yield "", frozenset({rules.people.identify(member)})
        if not members:
            yield f"nobody is in {group}", frozenset()


def _why_not_of_group(rules: ApprovalRules, user: str, requester: str, directory: Directory) -> str:
    """Say why a member of a group is not entitled, or cannot approve."""
    person = rules.people.identify(user)
    if rules.is_for_anyone:
        is_entitled = directory.is_member(user)
    else:
        named = (persons for _, persons in _named(rules, directory))
        is_entitled = any(persons is None or person in persons for persons in named)
    why = "" if is_entitled else f"{person} may not answer"
    return _why_not(rules, person, requester, directory) or why


def _why_not(rules: ApprovalRules, person: str, requester: str, directory: Directory) -> str:
    """Say why somebody who is named cannot approve, by whichever way."""
    if not may_approve(rules, Person(id=person), requester):
        return f"{person} asked for it"
    ways = rules.people.ids_of(person)
    if any(way.startswith(("arn:", "sso:")) for way in ways):
        return ""
    unable = [directory.why_unable(way) for way in sorted(ways) if is_slack_user(way)]
    return f"{person} {unable[0]}" if unable and all(unable) else ""
