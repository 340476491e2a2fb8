"""What people are asked about a color whose verdict is unclear, and told of one that fails late."""

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
    """Ask whether the release stays on a color of which verification could not tell."""
    detail = progress.evidence.detail if progress.evidence else progress.detail
    why = f":* {_as_sentence(detail)}" if detail else ".*"
    said = [f"*Verification of {progress.color} is unclear{why} *Go on?*"]
    if doubt.required > 1:
        said.append(approvals_so_far(doubt))
    back = [color.color for color in rollout.changed_colors]
    then = f"{listed(back)} {go_or_goes(back)} back" if back else "it is rolled back"
    said.append(f"Expires {moment(doubt.until)}: then {then}.")
    return " ".join(said)


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
    """Tell that a color that runs the release turned bad after it was released.

    Args:
        color: the one that turned bad.
        asked: the color that people were being asked about; empty where nobody was.
        detail: what was seen.
    """
    if not asked:
        return f"{color} turned unhealthy: {_as_sentence(detail)}"
    turned = f"{color} turned unhealthy while {asked} was asked about: {_as_sentence(detail)}"
    return f"{turned} The question is withdrawn."


def _as_sentence(detail: str) -> str:
    """Say a reason of others as one sentence of ours."""
    said = clipped(detail, MAX_REASON)
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."
