"""What people are asked before a color gets the release, and what their answers still lack."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.domain.approvals.approval import Approval
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import DecisionOutcome, Verdict
from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout, Stage
from handlers.slack.messages.markup import (
    approver_mentions,
    go_or_goes,
    listed,
    mentions,
    moment,
    run_or_runs,
)
from handlers.slack.messages.rollout_text import health_answer, title


def release_question(rollout: Rollout, progress: ColorProgress) -> str:
    """Ask whether one color gets the release: what is known, what is missing, and until when."""
    parts = [f"*Deploy {title(rollout)} to {progress.color}?*"]
    released = [c for c in rollout.colors.values() if c.stage is Stage.RELEASED]
    before = [c.color for c in released]
    if before:
        parts += _released_note(released)
    if progress.required > 1:
        parts.append(approvals_so_far(progress))
    if progress.until:
        ends = "is asked on" if progress.keeps_waiting else "is rejected"
        back = f", and {listed(before)} {go_or_goes(before)} back" if before else ""
        back = "" if progress.keeps_waiting else back
        parts.append(f"Expires {moment(progress.until)}: then it {ends}{back}.")
    return " ".join(parts)


def _released_note(released: Sequence[ColorProgress]) -> list[str]:
    """Say how healthy the colors are that run the release already."""
    names = [color.color for color in released]
    doubtful = [text for color in released if (text := _health_note(color))]
    if not doubtful:
        look = "looks" if len(names) == 1 else "look"
        return [f"{listed(names)} already {run_or_runs(names)} it and {look} healthy."]
    return [f"{listed(names)} already {run_or_runs(names)} it.", *doubtful]


def _health_note(progress: ColorProgress) -> str:
    """Say why a color that runs the release is not known to be healthy; empty where it is."""
    answer = progress.doubt.decision if progress.doubt else None
    if answer and answer.outcome == DecisionOutcome.APPROVED:
        return f"{progress.color} was {health_answer(progress)}."
    if not progress.evidence or progress.evidence.verdict is Verdict.HEALTHY:
        return ""
    return f"The last look at {progress.color}: {progress.evidence.verdict.replace('_', ' ')}."


def approvals_so_far(asked: ColorProgress | Doubt) -> str:
    """Say how many of several approvals were given, and by whom."""
    by = f" so far: {mentions(asked.approved_by)}." if asked.approved_by else "."
    return f"{len(asked.approved_by)} of {asked.required} approvals{by}"


def release_announcement(rollout: Rollout, approval: Approval, rules: ApprovalRules) -> str:
    asked = f"may {title(rollout)} go to {approval.color}? Answer on the board."
    return f"{approver_mentions(rules, approval.requester)}{asked}"


def release_reminder(
    rollout: Rollout, approval: Approval, rules: ApprovalRules, now: datetime
) -> str:
    waited = in_words(now - approval.asked)
    ends = f" It expires {moment(approval.until)}." if now < approval.until else ""
    asked = f"{title(rollout)} has waited {waited} for an answer about {approval.color}.{ends}"
    return f"{approver_mentions(rules, approval.requester)}{asked}"


def missing_approvals(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> str:
    """Say to an approver that more approvals are needed."""
    given = list(answers)
    left = rules.required - rules.people.count(answer.by for answer in given)
    present = {group for answer in given for group in answer.groups}
    missing = [f"<!subteam^{group}>" for group in rules.must_include if group not in present]
    needs = [f"{left} more {'approval' if left == 1 else 'approvals'}"] if left > 0 else []
    needs += [f"somebody of {listed(missing)}"] if missing else []
    return f"Your approval counts. Still needed: {listed(needs)}."
