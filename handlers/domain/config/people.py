"""Who is who: the ids by which one person comes through Slack, IAM and IAM Identity Center.

Read from `[people]` of `definitions/applications.toml`. Whoever is not named there is a person by
the id that they come with: a Slack user, an IAM user, or a role with everybody who assumes it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from handlers.domain.config.toml_reader import ConfigurationError, TomlReader
from handlers.domain.model.principal import principal_of, session_of, sso_user_of

TABLE: Final = "people"
"""The table of the file that is no application."""
RESERVED: Final = frozenset({"shingo", "ecr", "unknown", "someone", "identity"})
"""What is said of those who are no people, and the one setting that stands beside the names."""
SSO: Final = "sso:"
"""Before the name of a user of IAM Identity Center."""
_ACCOUNT: Final = r"\d{12}"
_NAME: Final = r"[\w+=,.@-]+"
_ID: Final = re.compile(
    rf"[UW][A-Z0-9]{{2,}}|{SSO}\S{{1,128}}"
    rf"|arn:aws[a-z-]*:iam::{_ACCOUNT}:(root|(role|user)/([!-~]*/)?{_NAME})"
    rf"|arn:aws[a-z-]*:sts::{_ACCOUNT}:(assumed-role/{_NAME}|federated-user)/{_NAME}",
    re.ASCII,
)
_EXPECTED: Final = (
    "Slack user ids such as U024BE7LH, ARNs of IAM users, roles or sessions of roles, or sso: and "
    "the name of a user of IAM Identity Center"
)
_PERSON: Final = re.compile(r"[a-z][a-z0-9._@-]{0,63}")
_PERSON_EXPECTED: Final = (
    "a person's name of at most 64 lower-case letters, digits and . _ - @ that begins with a "
    f"letter and is not {', '.join(sorted(RESERVED))}"
)
_SLACK: Final = re.compile(r"[UW][A-Z0-9]{2,}")


class Identity(StrEnum):
    """Who is one person of those who assume one role, where `[people]` names no session of it."""

    ROLE = "role"
    """All of them together."""
    SESSION = "session"
    """Each session name."""


@dataclass(frozen=True, kw_only=True)
class People:
    """The persons that are named, and what those are who are not."""

    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name → ids."""
    identity: Identity = Identity.ROLE

    def identify(self, given: str) -> str:
        """Return the one id of a person, whichever of their ids is given; of nobody, nothing.

        It is their first Slack id, or else the name in `[people]`. Of those who are not there it is
        their own id: of a role's session that is the role, or the session itself where each
        session is a person.
        """
        name = self._name_of(given)
        if name:
            return next(filter(is_slack_user, self.ids[name]), name)
        return (
            given
            if session_of(given) and self.identity is Identity.SESSION
            else principal_of(given)
        )

    def is_same(self, one: str, other: str) -> bool:
        """Tell whether two ids are, or may be, of one person.

        A role alone may be anybody who assumes it.
        """
        if not one or not other:
            return False
        return (
            self.identify(one) == self.identify(other)
            or self._may_be_by(one, _plain(other))
            or self._may_be_by(other, _plain(one))
        )

    def _may_be_by(self, one: str, role: str) -> bool:
        """Tell whether a person has, or came by, a session of a role."""
        return ":role/" in role and role in {principal_of(each) for each in self.ids_of(one)}

    def ids_of(self, given: str) -> frozenset[str]:
        """Return every id that a person has, with the role of the session that is given."""
        name = self._name_of(given)
        listed = map(_plain, self.ids[name]) if name else ()
        return frozenset({given, principal_of(given), self.identify(given), *listed})

    def slack_id(self, given: str) -> str:
        """Return the Slack id by which people know a person; empty where there is none."""
        known = self.identify(given)
        return known if is_slack_user(known) else ""

    def slack_ids(self, given: str) -> frozenset[str]:
        """Return every Slack id of a person."""
        return frozenset(filter(is_slack_user, self.ids_of(given)))

    def persons(self, users: Iterable[str]) -> frozenset[str] | None:
        """Return who may come as these `users` of the rules; None where there is no limit.

        A role is those of whom a session is named and, but for them, one person.
        """
        found = [self._persons_of(user) for user in users]
        known = [each for each in found if each is not None]
        return frozenset().union(*known) if len(known) == len(found) else None

    def _persons_of(self, user: str) -> frozenset[str] | None:
        role = _plain(user)
        if role != principal_of(user) or ":role/" not in role or self._name_of(role):
            return frozenset({self.identify(user)})
        if self.identity is Identity.SESSION:
            return None
        named = {
            n for n, ids in self.ids.items() if any(principal_of(each) == role for each in ids)
        }
        users = {n for n, ids in self.ids.items() if any(_may_be_of(each, role) for each in ids)}
        unnamed = set() if named else {role}
        return frozenset({*unnamed, *map(self.identify, named | users)})

    def count(self, given: Iterable[str]) -> int:
        """Count the people to whom these ids belong, where each may be another's.

        A role adds nobody beside somebody who assumes it.
        """
        known = {self.identify(each) for each in given}
        return len(
            [one for one in known if not any(self._may_be_by(o, one) for o in known - {one})]
        )

    def _name_of(self, given: str) -> str:
        """Find whom an id belongs to: by a session before the role of it; empty where to nobody."""
        if given in self.ids:
            return given
        user = sso_user_of(given)
        keys = (_key(given), _key(f"{SSO}{user}") if user else "", principal_of(given))
        return next((self._names[key] for key in keys if key in self._names), "")

    @cached_property
    def _names(self) -> dict[str, str]:
        """Id, as it is compared, → name."""
        return {_key(each): name for name, ids in self.ids.items() for each in ids}


def _may_be_of(given: str, role: str) -> bool:
    """Tell whether a user of IAM Identity Center may begin sessions of a role."""
    user = given.removeprefix(SSO)
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
    return given != user and bool(sso_user_of(f"{session}/{user}"))


def is_slack_user(given: str) -> bool:
    return _SLACK.fullmatch(given) is not None


def load_people(document: Mapping[str, object]) -> People:
    """Read who is who.

    Raises:
        ConfigurationError: with every problem: key, value, what is expected.
    """
    problems: list[str] = []
    people = read_people(document.get(TABLE, {}), problems)
    if problems:
        raise ConfigurationError("\n".join(problems))
    return people


def read_people(table: object, problems: list[str]) -> People:
    """Read `[people]`, and report each of its problems."""
    if not isinstance(table, dict):
        problems.append(f"{TABLE}: found {table!r}, expected a table of name = list of ids")
        return People()
    read = TomlReader(TABLE, table, problems)
    names = [name for name in table if name != "identity"]
    ids = {name: _ids(read, name) for name in names}
    _report_shared(read, ids)
    return People(ids=ids, identity=read.choice("identity", Identity.ROLE))


def _ids(read: TomlReader, name: str) -> tuple[str, ...]:
    if not _PERSON.fullmatch(name) or name in RESERVED:
        read.problems.append(f"{TABLE}.{name}: expected {_PERSON_EXPECTED}")
    ids = read.strings(name, _ID, _EXPECTED)
    if read.table[name] == []:
        read.report(name, [], "at least one id")
    twice = sorted({each for each in ids if [_key(other) for other in ids].count(_key(each)) > 1})
    if twice:
        read.report(name, twice, "each once")
    return ids


def _report_shared(read: TomlReader, ids: Mapping[str, tuple[str, ...]]) -> None:
    """Report each id that is in two people, and each session of a role that is somebody else's."""
    owners: dict[str, list[str]] = {}
    for name, own in ids.items():
        for key in dict.fromkeys(map(_key, own)):
            owners.setdefault(key, []).append(name)
    for key, names in owners.items():
        others = [each for each in owners.get(principal_of(key), ()) if each not in names]
        if len(names) > 1:
            where = " and ".join(f"{TABLE}.{name}" for name in names)
            read.problems.append(f"{where}: found {key!r} in each, expected it in one of them")
        elif others and principal_of(key) != key:
            whose = f"the role is {' and '.join(others)}'s"
            read.report(names[0], key, f"no session of a role of somebody else: {whose}")


def _plain(given: str) -> str:
    """Return the ARN of a user or a role without its path; a session as it is."""
    return given if session_of(given) else principal_of(given)


def _key(given: str) -> str:
    """Return an id as it is compared: Identity Center's user names are the same in any case."""
    return given.casefold() if given.startswith(SSO) else _plain(given)
