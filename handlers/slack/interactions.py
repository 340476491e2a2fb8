"""What Slack sends when a button is clicked or a dialog is submitted.

https://docs.slack.dev/reference/interaction-payloads
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.slack.action_ids import REASON, REJECT_DIALOG, Action
from handlers.slack.messages.markup import unescaped


class MalformedPayload(ValueError):
    """The request is signed, but is not what Slack sends."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an interaction or a command comes from."""

    team: str
    """The workspace in which it happened."""
    organization: str
    """The Enterprise Grid organization of that workspace; empty where it is in none."""
    home: str
    """The workspace or organization of the one who acts. On Enterprise Grid that may be the
    organization, or another workspace of it; in a Slack Connect channel, another company's."""

    def is_in(self, served: str) -> bool:
        """Whether it happened in this workspace, or in a workspace of this organization."""
        return bool(served) and served in {self.team, self.organization}

    @property
    def is_by_member(self) -> bool:
        """Whether the one who acts is at home where it happened."""
        return self.home in {self.team, self.organization}


@dataclass(frozen=True, kw_only=True)
class Click:
    """Somebody pressed a button on a board."""

    action: Action
    value: str
    """What the button carries: an approval's id, or a rollout's."""
    user: str
    origin: Origin
    trigger: str = field(repr=False)
    """Opens one dialog within three seconds."""
    response_url: str = field(repr=False)
    """Where a private answer goes; a secret."""


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Somebody submitted the dialog that asks why."""

    approval: str
    reason: str
    user: str
    origin: Origin


def command_origin(form: Mapping[str, str]) -> Origin:
    """Return where a slash command was typed; only members of the workspace can type one.

    https://docs.slack.dev/interactivity/implementing-slash-commands: `enterprise_id` is there on
    Enterprise Grid alone.
    """
    team = form.get("team_id", "")
    return Origin(team=team, organization=form.get("enterprise_id", ""), home=team)


def parse_interaction(form: Mapping[str, str]) -> Click | Rejection | None:
    """Read an interaction; None for one that is not about us.

    Raises:
        MalformedPayload: the payload has not the shape that Slack gives it.
    """
    try:
        payload: Any = json.loads(form["payload"])
        # Half of a surrogate pair is valid JSON and no text: nothing can be done with it.
        json.dumps(payload, ensure_ascii=False).encode()
        if not isinstance(payload["user"]["id"], str):
            raise MalformedPayload("not an interaction payload")
        if payload["type"] == "view_submission":
            return _rejection(payload)
        return _click(payload) if payload["type"] == "block_actions" else None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise MalformedPayload("not an interaction payload") from error


def _click(payload: Any) -> Click | None:  # noqa: ANN401  (decoded JSON)
    action = payload["actions"][0]
    if action["action_id"] not in set(Action):
        return None
    return Click(
        action=Action(action["action_id"]),
        value=str(action.get("value", "")),
        user=str(payload["user"]["id"]),
        origin=_origin(payload),
        trigger=str(payload.get("trigger_id", "")),
        response_url=str(payload.get("response_url", "")),
    )


def _rejection(payload: Any) -> Rejection | None:  # noqa: ANN401  (decoded JSON)
    view = payload["view"]
    if view["callback_id"] != REJECT_DIALOG:
        return None
    return Rejection(
        approval=str(view["private_metadata"]),
        reason=unescaped(str(view["state"]["values"][REASON][REASON].get("value") or "")),
        user=str(payload["user"]["id"]),
        origin=_origin(payload),
    )


def _origin(payload: Any) -> Origin:  # noqa: ANN401  (decoded JSON)
    """Read where an interaction happened, and where the one who acts is at home.

    `user.team_id` "will report an enterprise organization ID (which starts with an E)" on
    Enterprise Grid (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload,
    https://github.com/slackapi/bolt-js/issues/1875), so only `team` says where it happened. `team`
    is null where the app is installed for an organization; a dialog that was opened in a Slack
    Connect channel names the app's workspace itself (`extract_team_id` of bolt-python).
    """
    workspace = payload.get("team") or {}
    installed = (payload.get("view") or {}).get("app_installed_team_id")
    home = payload["user"].get("team_id")
    team = installed or workspace.get("id") or home or ""
    organization = workspace.get("enterprise_id") or (payload.get("enterprise") or {}).get("id")
    return Origin(team=str(team), organization=str(organization or ""), home=str(home or team))
