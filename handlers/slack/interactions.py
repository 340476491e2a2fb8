"""What Slack sends when a button is clicked (https://docs.slack.dev/reference/interaction-payloads)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.slack.actions import Action


class Malformed(ValueError):
    """The request is signed, but is not what Slack sends."""


@dataclass(frozen=True, kw_only=True)
class Click:
    """Somebody pressed a button on a board."""

    action: Action
    value: str
    """What the button carries: an approval's id, or a rollout's."""
    user: str
    team: str
    response_url: str
    """Where a private answer goes; a secret."""


def parse_click(form: Mapping[str, str]) -> Click | None:
    """Read an interaction; None for one that is not about a button of ours.

    Raises:
        Malformed: the payload has not the shape that Slack gives it.
    """
    try:
        payload: Any = json.loads(form["payload"])
        if payload["type"] != "block_actions":
            return None
        action = payload["actions"][0]
        if action["action_id"] not in set(Action):
            return None
        return Click(
            action=Action(action["action_id"]),
            value=str(action.get("value", "")),
            user=str(payload["user"]["id"]),
            team=str((payload.get("team") or payload["user"]).get("id", "")),
            response_url=str(payload.get("response_url", "")),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise Malformed("not an interaction payload") from error
