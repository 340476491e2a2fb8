"""A Slack account as Slack knows it. Tested in `test_slack_guests.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose account it is: https://docs.slack.dev/reference/objects/user-object."""

    team: str
    """The workspace, or on Enterprise Grid the organization, in which it is at home."""
    organization: str = ""
    """The Enterprise Grid organization; empty where it is in none."""
    workspaces: tuple[str, ...] = ()
    """The workspaces of that organization to which it belongs."""
    is_guest: bool = False
    """Whether it is restricted to some channels, or to one."""
    is_bot: bool = False
    is_deactivated: bool = False

    def is_full_member(self, served: str) -> bool:
        """Whether it is one of "anyone" in a workspace or an organization."""
        is_person = not (self.is_guest or self.is_bot or self.is_deactivated)
        return is_person and served in {self.team, self.organization, *self.workspaces}

    def is_of_another_company(self, served: str) -> bool:
        """Whether it is not of the workspace that is served, nor of any organization.

        Of two workspaces of one Enterprise Grid organization Slack alone knows who meets where.
        """
        return not self.organization and served != self.team
