"""What people read of a color whose verdict is unclear, and of one that fails late."""

from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import Approval
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.durations import in_words
from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout
from handlers.slack.messages.markup import approver_mentions, clipped, go_or_goes, listed, moment
from handlers.slack.messages.question_text import approvals_so_far
from handlers.slack.messages.rollout_text import title

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


def health_announcement(
    rollout: Rollout, approval: Approval, detail: str, rules: ApprovalRules
) -> str:
    """Call people to the question whether the release stays on a color."""
    asked = f"{title(rollout)} on {approval.color} is unclear: {_as_sentence(detail)}"
    call = approver_mentions(rules, approval.requester)
    return f"{call}{asked} Go on, look again or roll back? Answer on the board."


def health_reminder(
    rollout: Rollout, approval: Approval, rules: ApprovalRules, now: datetime
) -> str:
    """Call people to that question again."""
    waited = in_words(now - approval.asked)
    asked = (
        f"{title(rollout)} on {approval.color} is unclear, and has waited {waited} for an answer."
    )
    ends = f" It is rolled back {moment(approval.until)}." if now < approval.until else ""
    return f"{approver_mentions(rules, approval.requester)}{asked}{ends}"


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
