"""The dialog that asks why a release is rejected (https://docs.slack.dev/reference/views)."""

from typing import Any, Final

from handlers.domain.request import MAX_REASON
from handlers.domain.rollout import Rollout, short_name
from handlers.slack import words
from handlers.slack.actions import REASON, REJECT_DIALOG

MAX_TITLE: Final = 24
"""Characters of a dialog's title."""


def reject_dialog(rollout: Rollout, color: str, approval: str) -> dict[str, Any]:
    """Ask why, and say which colors go back to what."""
    back = [
        f"*{each.color}* goes back to {short_name(each.previous)}."
        for each in rollout.changed_colors
    ]
    consequence = "\n".join(back) or "No color was changed yet, so nothing needs to go back."
    said = f"{words.title(rollout)} will not go to {color}, and the rollout ends.\n{consequence}"
    return {
        "type": "modal",
        "callback_id": REJECT_DIALOG,
        "private_metadata": approval,
        "title": _plain(f"Reject {color}"[:MAX_TITLE]),
        "submit": _plain("Reject"),
        "close": _plain("Go back"),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": said}},
            {
                "type": "input",
                "block_id": REASON,
                "label": _plain("Why?"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "max_length": MAX_REASON,
                    "placeholder": _plain("What did you see?"),
                },
            },
        ],
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
