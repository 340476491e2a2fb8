"""What people read of a color whose verdict is unclear, and of one that fails late."""

from typing import Final

from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout
from handlers.slack.messages.markup import clipped, go_or_goes, listed, moment
from handlers.slack.messages.rollout_text import approvals_so_far

MAX_REASON: Final = 500
"""Characters of a reason: the question and its end must fit beside it."""


def health_question(rollout: Rollout, progress: ColorProgress, doubt: Doubt) -> str:
    """Ask whether the release stays on a color whose verdict is unclear."""
    detail = progress.evidence.detail if progress.evidence else progress.detail
    why = f":* {_as_sentence(detail)}" if detail else ".*"
    parts = [f"*Verification of {progress.color} is unclear{why} *Go on?*"]
    if doubt.required > 1:
        parts.append(approvals_so_far(doubt))
    back = [color.color for color in rollout.changed_colors]
    then = f"{listed(back)} {go_or_goes(back)} back" if back else "it is rolled back"
    parts.append(f"Expires {moment(doubt.until)}: then {then}.")
    return " ".join(parts)


def late_failure(color: str, asked: str, detail: str) -> str:
    """Say that a released color became unhealthy.

    Args:
        color: the one that became unhealthy.
        asked: the color that people were being asked about; empty where nobody was.
        detail: what was seen.
    """
    if not asked:
        return f"{color} turned unhealthy: {_as_sentence(detail)}"
    turned = f"{color} turned unhealthy while {asked} was asked about: {_as_sentence(detail)}"
    return f"{turned} The question is withdrawn."


def _as_sentence(detail: str) -> str:
    """Return a text of others as one sentence."""
    text = clipped(detail, MAX_REASON)
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."
