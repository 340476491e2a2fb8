"""The directory of the sandbox's Slack workspace: people, user groups, channels, the app.

Tested in `tests/contract/wire/test_slack_wire.py`.
"""

from dataclasses import dataclass

TEAM_ID = "T0SHINGO"
TEAM_DOMAIN = "shingo"
APP_ID = "A0SHINGO"
ORGANIZATION_ID = "E0RECIPES"


@dataclass(frozen=True)
class Person:
    """An account: a person's, or an app's bot user."""

    id: str
    name: str
    real_name: str
    bot_id: str = ""
    team: str = TEAM_ID
    """The workspace in which it is at home; another company's is met in Slack Connect channels."""
    is_guest: bool = False
    """Whether it is restricted to some channels."""
    is_deactivated: bool = False
    """Whether the person has left."""


@dataclass(frozen=True)
class UserGroup:
    """A user group (`@sre`), which is mentioned as `<!subteam^ID>`."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Channel:
    """A channel, and how the app's bot stands to it."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_member: bool = True
    """Whether the bot is in it."""


@dataclass(frozen=True)
class SlashCommand:
    """A command as the app's manifest declares it."""

    command: str
    usage_hint: str
    description: str


SCOPES = (
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "usergroups:read",
    "users:read",
)
"""What the app was granted, as its manifest asks."""

ALICE = Person("U0ALICE", "alice", "Alice Aoki")
BOB = Person("U0BOB", "bob", "Bob Brandt")
CAROL = Person("U0CAROL", "carol", "Carol Castro")
DAVE = Person("U0DAVE", "dave", "Dave Dupont")
GRETA = Person("U0GRETA", "greta", "Greta, a contractor", is_guest=True)
ERIN = Person("U0ERIN", "erin", "Erin, who has left", is_deactivated=True)
OTTO = Person("U0OTTO", "otto", "Otto, of another company", team="T0OTHER")
SHINGO = Person("U0SHINGO", "shingo", "Shingo", bot_id="B0SHINGO")
SLACKBOT = Person("USLACKBOT", "slackbot", "Slackbot", bot_id="B01")

PEOPLE = (ALICE, BOB, CAROL, DAVE)
GROUPS = (
    UserGroup("S0SRE", "sre", "Site reliability", (BOB.id, DAVE.id)),
    UserGroup("S0NIGHT", "night", "Night shift", (ERIN.id,)),
    UserGroup("S0WEB", "web", "Web developers", (ALICE.id, CAROL.id)),
)
DEPLOYS = Channel("C0DEPLOYS", "deploys", "Releases, color by color")
ROLLOUT = SlashCommand(
    "/rollout", "api v1.42.0 [reason]", "Roll a release through red, yellow and green"
)


@dataclass(frozen=True)
class Directory:
    """The accounts, groups, channels and commands of a workspace."""

    people: tuple[Person, ...] = PEOPLE
    groups: tuple[UserGroup, ...] = GROUPS
    channels: tuple[Channel, ...] = (DEPLOYS,)
    commands: tuple[SlashCommand, ...] = (ROLLOUT,)
    bot: Person = SHINGO
    visitors: tuple[Person, ...] = (GRETA, OTTO, ERIN)
    """Guests of the workspace, people of other companies in its Slack Connect channels, and who
    has left."""
    organization: str = ""
    """The Enterprise Grid organization that the workspace is in."""

    def person(self, key: str) -> Person | None:
        """Return the account with this id (`U0ALICE`) or name (`alice`)."""
        everybody = (*self.people, *self.visitors, self.bot, SLACKBOT)
        return next((one for one in everybody if key in (one.id, one.name)), None)

    def channel(self, key: str) -> Channel | None:
        """Return the channel with this id, or with this name with or without its `#`.

        To who is not in it, a private channel is not there.
        """
        name = key.removeprefix("#")
        seen = (one for one in self.channels if one.is_member or not one.is_private)
        return next((one for one in seen if key == one.id or name == one.name), None)

    def group(self, key: str) -> UserGroup | None:
        """Return the user group with this id."""
        return next((one for one in self.groups if one.id == key), None)
