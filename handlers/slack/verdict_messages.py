"""Words about a color of which verification could not tell, and of one that turned bad late."""

from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import Approval
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.durations import in_words
from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout
from handlers.slack.messages import approvals_so_far, called, clipped, goes, listed, moment, title

MAX_WHY: Final = 500
"""Characters of a reason: the question and its end must fit beside it."""


def question(rollout: Rollout, progress: ColorProgress, doubt: Doubt) -> str:
    """Ask whether the release stays on a color of which verification could not tell."""
    detail = progress.evidence.detail if progress.evidence else progress.detail
    why = f":* {_why(detail)}" if detail else ".*"
    said = [f"*Verification of {progress.color} is unclear{why} *Go on?*"]
    if doubt.required > 1:
        said.append(approvals_so_far(doubt))
    back = [color.color for color in rollout.changed_colors]
    then = f"{listed(back)} {goes(back)} back" if back else "it is rolled back"
    said.append(f"Expires {moment(doubt.until)}: then {then}.")
    return " ".join(said)


def announcement(rollout: Rollout, approval: Approval, detail: str, rules: ApprovalRules) -> str:
    """Call people to the question whether the release stays on a color."""
    asked = f"{title(rollout)} on {approval.color} is unclear: {_why(detail)}"
    call = called(rules, approval.requester)
    return f"{call}{asked} Go on, look again or roll back? Answer on the board."


def reminder(rollout: Rollout, approval: Approval, rules: ApprovalRules, now: datetime) -> str:
    """Call people to that question again."""
    waited = in_words(now - approval.asked)
    asked = (
        f"{title(rollout)} on {approval.color} is unclear, and has waited {waited} for an answer."
    )
    ends = f" It is rolled back {moment(approval.until)}." if now < approval.until else ""
    return f"{called(rules, approval.requester)}{asked}{ends}"


def late_failure(color: str, asked: str, detail: str) -> str:
    """Tell that a color that runs the release turned bad after it was released.

    Args:
        color: the one that turned bad.
        asked: the color that people were being asked about; empty where nobody was.
        detail: what was seen.
    """
    if not asked:
        return f"{color} turned unhealthy: {_why(detail)}"
    turned = f"{color} turned unhealthy while {asked} was asked about: {_why(detail)}"
    return f"{turned} The question is withdrawn."


def _why(detail: str) -> str:
    """Say a reason of others as one sentence of ours."""
    said = clipped(detail, MAX_WHY)
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."
