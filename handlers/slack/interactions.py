"""What Slack sends when a button is clicked or a dialog is submitted.

https://docs.slack.dev/reference/interaction-payloads
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.slack.action_ids import REASON, REJECT_DIALOG, Action


class MalformedPayload(ValueError):
    """The request is signed, but is not what Slack sends."""


@dataclass(frozen=True, kw_only=True)
class Click:
    """Somebody pressed a button on a board."""

    action: Action
    value: str
    """What the button carries: an approval's id, or a rollout's."""
    user: str
    team: str
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
    team: str


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
        team=_team(payload),
        trigger=str(payload.get("trigger_id", "")),
        response_url=str(payload.get("response_url", "")),
    )


def _rejection(payload: Any) -> Rejection | None:  # noqa: ANN401  (decoded JSON)
    view = payload["view"]
    if view["callback_id"] != REJECT_DIALOG:
        return None
    return Rejection(
        approval=str(view["private_metadata"]),
        reason=str(view["state"]["values"][REASON][REASON].get("value") or ""),
        user=str(payload["user"]["id"]),
        team=_team(payload),
    )


def _team(payload: Any) -> str:  # noqa: ANN401  (decoded JSON)
    """Name the workspace of whoever acts: in a shared channel that may be another one."""
    own = payload["user"].get("team_id", "")
    team = (payload.get("team") or {}).get("id", "")
    return str(own or team)
