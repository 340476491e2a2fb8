"""The dialog that asks why a release is rejected (https://docs.slack.dev/reference/views)."""

from typing import Any, Final

from handlers.domain.admission.rollout_request import MAX_REASON
from handlers.domain.model.rollout import Rollout, short_name
from handlers.slack.action_ids import REASON, REJECT_DIALOG
from handlers.slack.catalogue.texts import texts_in
from handlers.slack.messages import rollout_text

MAX_TITLE: Final = 24
"""Characters of a dialog's title."""


def reject_dialog(rollout: Rollout, color: str, approval: str) -> dict[str, Any]:
    """Return the dialog that asks for a reason, and says which colors go back to which revision.

    The question was whether the color gets the release, or whether it keeps it.
    """
    progress = rollout.colors.get(color)
    is_there = progress is not None and progress.doubt is not None and progress.doubt.id == approval
    texts, release = texts_in(rollout.language), rollout_text.title(rollout)
    back = [texts.goes_back(c.color, short_name(c.previous)) for c in rollout.changed_colors]
    refused = texts.not_kept(release, color) if is_there else texts.not_deployed(release, color)
    text = "\n".join([refused, *(back or [texts.nothing_goes_back()])])
    title = texts.roll_back_dialog_title(color) if is_there else texts.reject_dialog_title(color)
    submit = texts.roll_back() if is_there else texts.reject_dialog_submit()
    return {
        "type": "modal",
        "callback_id": REJECT_DIALOG,
        "private_metadata": approval,
        "title": _plain(title[:MAX_TITLE]),
        "submit": _plain(submit),
        "close": _plain(texts.leave()),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {
                "type": "input",
                "block_id": REASON,
                "label": _plain(texts.why_label()),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "max_length": MAX_REASON,
                    "placeholder": _plain(texts.why_placeholder()),
                },
            },
        ],
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
