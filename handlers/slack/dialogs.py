"""The dialog that asks why a release is rejected (https://docs.slack.dev/reference/views)."""

from typing import Any, Final

from handlers.domain.admission.rollout_request import MAX_REASON
from handlers.domain.model.rollout import Rollout, short_name
from handlers.slack.action_ids import REASON, REJECT_DIALOG
from handlers.slack.messages import rollout_text

MAX_TITLE: Final = 24
"""Characters of a dialog's title."""


def reject_dialog(rollout: Rollout, color: str, approval: str) -> dict[str, Any]:
    """Return the dialog that asks for a reason, and says which colors go back to which revision.

    The question was whether the color gets the release, or whether it keeps it.
    """
    progress = rollout.colors.get(color)
    is_there = progress is not None and progress.doubt is not None and progress.doubt.id == approval
    back = [
        f"*{each.color}* goes back to {short_name(each.previous)}."
        for each in rollout.changed_colors
    ]
    consequence = "\n".join(back) or "No color was changed yet, so nothing needs to go back."
    refused = f"does not stay on {color}" if is_there else f"will not go to {color}"
    text = f"{rollout_text.title(rollout)} {refused}, and the rollout ends.\n{consequence}"
    verb = "Roll back" if is_there else "Reject"
    return {
        "type": "modal",
        "callback_id": REJECT_DIALOG,
        "private_metadata": approval,
        "title": _plain(f"{verb} {color}"[:MAX_TITLE]),
        "submit": _plain(verb),
        "close": _plain("Go back"),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
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
