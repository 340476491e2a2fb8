"""A question about a color: which one a step has asked, and what the records hold of it.

Tested in `test_request_approval.py`.
"""

from collections.abc import Mapping
from datetime import datetime

from handlers.domain.approvals.approval import Approval, Subject
from handlers.domain.approvals.approval_snapshot import ColorSnapshot
from handlers.domain.config.approval_rules import ApprovalRules, OnExpiry
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import AskedQuestion, ColorChanges, Doubt, Rollout, Stage
from handlers.domain.model.step_input import Step


def asked_before(step: Step, rollout: Rollout) -> str:
    """Return the id of the question that this step has asked; empty where a new one is due.

    An answer to look again was followed once verification is unclear anew: that is a new question.
    """
    progress = rollout.colors[step.color]
    if step.about != Subject.HEALTH:
        return progress.approval
    doubt = progress.doubt
    answer = doubt.decision.outcome if doubt and doubt.decision else ""
    is_over = answer == DecisionOutcome.LOOK_AGAIN and progress.stage is Stage.UNCLEAR
    return doubt.id if doubt and not is_over else ""


def new_question(
    step: Step,
    rollout: Rollout,
    shown: Mapping[str, ColorSnapshot],
    rules: ApprovalRules,
    now: datetime,
    *,
    question: str,
) -> Approval:
    """Make the question of this id: bound to this release, and to what is shown of every color."""
    release = rollout.release
    images = release.images_for(step.color).values()
    return Approval(
        id=question,
        rollout=rollout.id,
        application=rollout.application,
        color=step.color,
        about=Subject(step.about or Subject.RELEASE),
        requester=rollout.requested_by,
        release=release.revision_for(step.color) or ", ".join(images),
        evidence=shown,
        token=step.token,
        asked=now,
        until=now + rules.expires_after,
    )


def question_changes(approval: Approval, rules: ApprovalRules) -> ColorChanges:
    """Return what the color's record holds of an open question."""
    if approval.about is Subject.HEALTH:
        doubt = Doubt(id=approval.id, until=approval.until, required=rules.required)
        return {"stage": Stage.UNCLEAR, "doubt": doubt}
    return {
        "approval": approval.id,
        "stage": Stage.ASKING,
        "until": approval.until,
        "keeps_waiting": rules.on_expiry is OnExpiry.KEEP_WAITING,
        "required": rules.required,
        "approved_by": (),
    }


def asked_by(rules: ApprovalRules, *, is_about_health: bool) -> AskedQuestion:
    """Return what a question's message says of who may answer it."""
    return AskedQuestion(
        is_about_health=is_about_health,
        users=tuple(dict.fromkeys(map(rules.people.identify, rules.users))),
        groups=rules.groups,
        must_include=rules.must_include,
        requester_may_approve=rules.requester_may_approve,
    )


def is_on_record(approval: Approval, rollout: Rollout) -> bool:
    """Whether a question is the one that the color's record names."""
    color = rollout.colors[approval.color]
    return approval.id in {color.approval, color.doubt.id if color.doubt else ""}
