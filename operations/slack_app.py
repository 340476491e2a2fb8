"""The Slack app, tried before a deployment: its token, workspace, scopes, and whom it reaches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from samtranslator.yaml_helper import yaml_parse

from handlers.domain.config.applications import Application
from handlers.gateways.slack_refusals import TOKEN_REFUSED
from operations.inspection import Inspection
from operations.package import ROOT
from operations.slack_api import Answer, SlackApi, SlackSilentError
from operations.slack_secrets import put_command

MANIFEST: Final = ROOT / "definitions" / "slack-manifest.yaml"
LOOKS: Final = {"channels:read", "groups:read"}
"""The scopes that this look alone needs: an app without them works, and is looked at less."""
_MOST_NAMED: Final = 3


@dataclass(frozen=True, kw_only=True)
class SlackUse:
    """What a deployment asks of Slack."""

    team: str
    token_name: str
    """Of the SSM parameter with the bot token."""
    channels: Mapping[str, list[str]]
    """Channel's id → the settings that name it."""
    groups: Mapping[str, list[str]]
    """User group's id → the same."""
    users: Mapping[str, list[str]]
    """User's id → the same."""


def slack_use(
    team: str, channel: str, token_name: str, applications: Iterable[Application]
) -> SlackUse:
    """Gather what the settings name of Slack."""
    channels = {channel: ["SLACK_CHANNEL"]}
    groups, users = dict[str, list[str]](), dict[str, list[str]]()
    for application in applications:
        if application.channel:
            channels.setdefault(application.channel, []).append(f"{application.name}.channel")
        rules, where = application.rules.values(), f"{application.name}.approvals"
        for group in sorted({g for each in rules for g in (*each.groups, *each.must_include)}):
            groups.setdefault(group, []).append(where)
        for user in sorted(
            {u for r in rules for each in r.users for u in r.people.slack_ids(each)}
        ):
            users.setdefault(user, []).append(where)
    return SlackUse(team=team, token_name=token_name, channels=channels, groups=groups, users=users)


def inspect_slack(slack: SlackApi, use: SlackUse, inspection: Inspection) -> None:
    """Try what the deployment will rely on; note each thing that is wrong, with its mend."""
    try:
        who = slack.call("auth.test")
        if who.error:
            inspection.problems.append(_refusal(use, who.error))
            return
        inspection.problems += _problems_of_token(use, who)
        _inspect_scopes(who, inspection)
        bot = str(who.document.get("user", "shingo"))
        for channel, named in use.channels.items():
            _inspect_channel(slack, channel, named, bot, inspection)
        for group, named in use.groups.items():
            inspection.problems += _problems_of_group(slack, group, named)
        for user, named in use.users.items():
            inspection.problems += _problems_of_user(slack, user, named)
    except SlackSilentError as error:
        inspection.notes.append(
            f"Slack did not answer at {slack.url} ({error}): not all that is asked of it was tried"
        )


def _refusal(use: SlackUse, error: str) -> str:
    if error in TOKEN_REFUSED:
        return (
            f"SSM parameter {use.token_name}: Slack refuses the token ({error}); take the Bot User "
            "OAuth Token of the app's page OAuth & Permissions: "
            f"{put_command(use.token_name, '--overwrite')}"
        )
    return f"SSM parameter {use.token_name}: Slack refuses the token's app or workspace ({error})"


def _problems_of_token(use: SlackUse, who: Answer) -> Iterator[str]:
    told = who.document
    team, name = str(told.get("team_id", "")), told.get("team", "")
    # On Enterprise Grid, the workspace and the organization that it is of.
    if use.team not in {team, told.get("enterprise_id")}:
        yield (
            f"SLACK_TEAM: found {use.team}, and the bot token is of the workspace {team} ({name}); "
            f"expected SLACK_TEAM={team}, or the token of the app that is installed in {use.team}: "
            f"{put_command(use.token_name, '--overwrite')}"
        )
    if not told.get("bot_id"):
        yield (
            f"SSM parameter {use.token_name}: is the token of a person ({told.get('user', '')}), "
            "expected the Bot User OAuth Token of the app's page OAuth & Permissions: "
            f"{put_command(use.token_name, '--overwrite')}"
        )


def _inspect_scopes(who: Answer, inspection: Inspection) -> None:
    if who.scopes is None:
        inspection.notes.append("Slack did not say which scopes the app has: they are not tried")
        return
    wanted = set(yaml_parse(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"])
    mend = f"paste {MANIFEST.name} into its App Manifest, and install it again"
    lacking = wanted - who.scopes
    if needed := sorted(lacking - LOOKS):
        inspection.problems.append(f"Slack app: lacks the scopes {', '.join(needed)}; {mend}")
    if looks := sorted(lacking & LOOKS):
        inspection.notes.append(
            f"Slack app: lacks the scopes {', '.join(looks)}, without which it cannot be tried "
            f"whether it is in every channel; {mend}"
        )


def _inspect_channel(
    slack: SlackApi, channel: str, named: list[str], bot: str, inspection: Inspection
) -> None:
    answer, where = slack.call("conversations.info", channel=channel), _where(named)
    found = answer.document.get("channel", {})
    name = f"#{found.get('name', channel)} ({channel})"
    if answer.error == "missing_scope":
        return
    if answer.error == "channel_not_found":
        inspection.problems.append(
            f"{where}: Slack knows no channel {channel} that @{bot} may see; correct the id, or, "
            f"where it is private, invite @{bot} to it"
        )
    elif answer.error:
        inspection.problems.append(f"{where}: Slack says {answer.error} of channel {channel}")
    elif found.get("is_archived"):
        inspection.problems.append(f"{where}: {name} is archived; unarchive it, or name another")
    elif not found.get("is_member", True):
        inspection.problems.append(f"{where}: invite @{bot} to {name}, where it is no member")


def _problems_of_group(slack: SlackApi, group: str, named: list[str]) -> Iterator[str]:
    answer, where = slack.call("usergroups.users.list", usergroup=group), _where(named)
    if answer.error == "missing_scope":
        return
    if answer.error == "no_such_subteam":
        yield f"{where}: Slack has no user group {group}; correct the id"
    elif answer.error:
        yield f"{where}: Slack says {answer.error} of user group {group}"
    elif not answer.document.get("users"):
        yield f"{where}: nobody is in the user group {group}; put people into it, or enable it"


def _problems_of_user(slack: SlackApi, user: str, named: list[str]) -> Iterator[str]:
    answer, where = slack.call("users.info", user=user), _where(named)
    found = answer.document.get("user", {})
    if answer.error == "missing_scope":
        return
    if answer.error:
        yield f"{where}: Slack knows no user {user} ({answer.error}); correct the id"
    elif found.get("deleted"):
        yield f"{where}: the account {user} ({found.get('name', '')}) is deactivated; name another"
    elif found.get("is_bot"):
        yield f"{where}: the account {user} ({found.get('name', '')}) is a bot's; name a person"


def _where(named: list[str]) -> str:
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more
