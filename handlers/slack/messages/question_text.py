"""What people are asked before a color gets the release, and what their answers still lack."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.domain.approvals.approval import Approval, Subject, mention
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.history.audit import SHINGO
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import DecisionOutcome, Verdict
from handlers.domain.model.rollout import (
    AskedQuestion,
    ColorProgress,
    Decision,
    Rollout,
    Stage,
)
from handlers.slack.messages.markup import (
    go_or_goes,
    group_mention,
    is_slack_user,
    listed,
    mentions,
    moment,
    plain,
    run_or_runs,
)
from handlers.slack.messages.rollout_text import (
    approvals_so_far,
    health_answer,
    open_health_question,
    title,
)


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


def is_open(rollout: Rollout, progress: ColorProgress, question: str) -> bool:
    """Whether people are asked a question now: then its message has buttons."""
    doubt = open_health_question(rollout, progress)
    if doubt and doubt.id == question:
        return True
    is_asked = progress.stage is Stage.ASKING and progress.decision is None
    is_left = rollout.is_open and not rollout.roll_back_asked
    return is_asked and is_left and progress.approval == question


def answerers(rollout: Rollout, asked: AskedQuestion) -> str:
    """Say who may answer a question."""
    names = [*map(mention, asked.users), *map(group_mention, asked.groups)]
    parts = [f"{', '.join(names) or 'Anyone in the workspace'} may answer"]
    if asked.must_include:
        parts.append(f"somebody of {listed(map(group_mention, asked.must_include))} must approve")
    if is_slack_user(rollout.requested_by) and not asked.requester_may_approve:
        parts.append(f"{mention(rollout.requested_by)}, who asked for it, may not approve")
    return "; ".join(parts) + "."


def question_line(rollout: Rollout, color: str, asked: AskedQuestion) -> str:
    """Say in one line what is asked, for notifications and once it is over."""
    if asked.is_about_health:
        return f"{title(rollout)} on {color} is unclear. Go on?"
    return f"May {title(rollout)} go to {color}?"


def question_end(
    rollout: Rollout, progress: ColorProgress, question: str, asked: AskedQuestion
) -> str:
    """Say how a question ended."""
    line = question_line(rollout, progress.color, asked)
    return f"*{line}*\n{_end_text(rollout, progress, question, asked)}"


def _end_text(
    rollout: Rollout, progress: ColorProgress, question: str, asked: AskedQuestion
) -> str:
    doubt = progress.doubt
    answers = {doubt.id: doubt.decision} if doubt else {}
    answers[progress.approval] = progress.decision
    if question not in answers:
        return ":arrows_counterclockwise: It is asked again in a newer message."
    decision = answers[question] or rollout.roll_back_asked
    if decision is None:
        ended = f": the rollout ended ({rollout.outcome.replace('_', ' ')})"
        return f":heavy_minus_sign: Not asked any more{ended if rollout.outcome else ''}."
    return f"{_decision_text(decision, asked)} · {moment(decision.at)}"


def _decision_text(decision: Decision, asked: AskedQuestion) -> str:
    who = mentions((*decision.others, decision.by))
    why = f": {plain(decision.reason)}" if decision.reason else ""
    by_whom = "" if decision.by == SHINGO.id else f" by {who}"
    is_health = asked.is_about_health
    texts = {
        DecisionOutcome.APPROVED: f":white_check_mark: Kept by {who} though unclear"
        if is_health
        else f":white_check_mark: Approved by {who}",
        DecisionOutcome.REJECTED: f":x: {'Not kept' if is_health else 'Rejected'} by {who}{why}",
        DecisionOutcome.EXPIRED: ":hourglass: Expired: nobody answered in time",
        DecisionOutcome.LOOK_AGAIN: f":mag: Looked at again for {who}",
        DecisionOutcome.ROLL_BACK: f":leftwards_arrow_with_hook: {who} rolled it back{why}",
    }
    withdrawn = f":heavy_minus_sign: Withdrawn{by_whom}{why}"
    return texts.get(decision.outcome, withdrawn)


def reminder(rollout: Rollout, approval: Approval, now: datetime) -> str:
    """Say how long a question has waited that nobody has answered yet."""
    waited = in_words(now - approval.asked)
    is_health = approval.about is Subject.HEALTH
    then = "is rolled back" if is_health else "expires"
    ends = f" It {then} {moment(approval.until)}." if now < approval.until else ""
    about = f"on {approval.color} is unclear, and" if is_health else f"for {approval.color}"
    return f"{title(rollout)} {about} has waited {waited} for an answer.{ends}"


def missing_approvals(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> str:
    """Say to an approver that more approvals are needed."""
    given = list(answers)
    left = rules.required - rules.people.count(answer.by for answer in given)
    present = {group for answer in given for group in answer.groups}
    missing = [group_mention(group) for group in rules.must_include if group not in present]
    needs = [f"{left} more {'approval' if left == 1 else 'approvals'}"] if left > 0 else []
    needs += [f"somebody of {listed(missing)}"] if missing else []
    return f"Your approval counts. Still needed: {listed(needs)}."
