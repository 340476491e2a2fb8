"""Taking a rollout back: now, before anything was changed, or after it was ended from outside.

Whoever takes it back leaves word on the record, which every step obeys; then every wait that is
open is ended, so that the machine goes on to roll back at once.
"""

from contextlib import suppress
from typing import Final

from handlers.domain.admission.image_push import is_by_push
from handlers.domain.approvals.approval import entitled_people, mention
from handlers.domain.config.approval_rules import is_entitled
from handlers.domain.history.audit import AuditEntry, EventKind, Source
from handlers.domain.model.errors import NotThere, SlackUnavailable
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services import prerequisites, task_tokens
from handlers.services.approvals import KNOWN_ID, NO_GROUPS, Actor, Reply, acting, follow_up
from handlers.services.context import Context
from handlers.services.rollout_lock import holder
from handlers.slack.messages import rollout_text

SHINGO: Final = Actor(id="shingo", source=Source.MACHINE)


def roll_back_now(context: Context, rollout_id: str, actor: Actor) -> Reply:
    """Take an open rollout back, for those who may approve one of its colors."""
    now, rollout = context.now(), _rollout(context, rollout_id)
    if rollout is None or not rollout.is_open:
        return Reply(counts=False, text="This rollout has ended.")
    if not rollout.changed_colors:
        return Reply(counts=False, text="No color was changed yet: reject or withdraw instead.")
    refused = _refused_for_all(context, rollout, actor)
    if refused:
        return Reply(counts=False, text=refused)
    return end_early(
        context, rollout, Decision(outcome=DecisionOutcome.ROLL_BACK, by=actor.id, at=now), actor
    )


def withdraw(context: Context, rollout_id: str, actor: Actor) -> Reply:
    """End a rollout that its requester does not want any more, before anything was changed."""
    now, rollout = context.now(), _rollout(context, rollout_id)
    if rollout is None or not rollout.is_open:
        return Reply(counts=False, text="This rollout has ended.")
    if rollout.changed_colors:
        text = "Colors have been changed already: press *Roll back now* on the board instead."
        return Reply(counts=False, text=text)
    if is_by_push(rollout):
        refused = _refused_for_all(context, rollout, actor)
        if refused:
            return Reply(counts=False, text=refused)
    elif actor.id != rollout.requested_by:
        text = f"Only {mention(rollout.requested_by)}, who asked for it, may withdraw it."
        return Reply(counts=False, text=text)
    return end_early(
        context, rollout, Decision(outcome=DecisionOutcome.WITHDRAWN, by=actor.id, at=now), actor
    )


def cancel(context: Context, application: str, user: str) -> str:
    """Carry out `/rollout cancel`: withdraw the open rollout, or roll it back."""
    # The one that has the application comes before one that waits for it.
    rollout = holder(context, application) or prerequisites.one_that_waits(context, application)
    if rollout is None:
        return f"{application} has no open rollout."
    actor = Actor(id=user, source="slack")
    act = roll_back_now if rollout.changed_colors else withdraw
    reply = act(context, rollout.id, actor)
    return reply.text or f"{rollout_text.title(rollout)} is being ended."


def stop_with_group(context: Context, rollout: Rollout, why: str) -> None:
    """Take an open rollout back because another application of the same release failed."""
    end_early(context, rollout, group_stop_decision(context, why), SHINGO)


def group_stop_decision(context: Context, why: str) -> Decision:
    """Make the decision by which that is done."""
    outcome = DecisionOutcome.STOPPED_WITH_GROUP
    return Decision(outcome=outcome, by=SHINGO.id, at=context.now(), reason=why)


def put_back(context: Context, rollout_id: str, actor: Actor, trigger: str) -> Reply:
    """Start putting back what a rollout that was ended from outside had changed.

    `trigger` tells this time from any other, so that a click delivered twice starts one.
    """
    rollout = _rollout(context, rollout_id)
    if rollout is None or not rollout.can_be_put_back:
        return Reply(counts=False, text="There is nothing left to put back.")
    refused = _refused_for_all(context, rollout, actor)
    if refused:
        return Reply(counts=False, text=refused)
    document = {
        "application": rollout.application,
        "rollBack": rollout.id,
        "requestedBy": actor.id,
    }
    name = execution_name(f"roll-back-{rollout.id}", rollout.id + trigger)
    context.gateways.executions.start(name, document)
    text = f"Rolling back {rollout_text.title(rollout)}. Its board will follow here."
    return Reply(counts=True, text=text)


def end_early(context: Context, rollout: Rollout, decision: Decision, actor: Actor) -> Reply:
    """Note on the record that it is to go back, then end every wait that is open."""
    rollout, stands = request_rollback(context, rollout, decision, actor)
    if stands.by != actor.id:
        return Reply(counts=False, text=f"{mention(stands.by)} was first: it is being ended.")
    for question in rollout.open_questions:
        # One that is about to be asked is closed by whoever asks it.
        with suppress(NotThere):
            approval, _ = context.gateways.approvals.decide(question, stands)
            follow_up(context, approval, approval.decision or stands)
    prerequisites.wake(context, rollout, stands.outcome)
    for color in rollout.colors.values():
        if color.deployment:
            _wake(context, color.service_arn, rollout)
    return Reply(counts=True)


def request_rollback(
    context: Context, rollout: Rollout, decision: Decision, actor: Actor
) -> tuple[Rollout, Decision]:
    """Note that a rollout is to go back, which every step obeys; safe to do again.

    Returns:
        The rollout, and the decision that stands: the first that was made.
    """
    rollout = context.gateways.rollouts.change(rollout.id, **{"roll_back_asked?": decision})
    stands = rollout.roll_back_asked or decision
    if stands.by == actor.id:
        context.gateways.audit.note(
            AuditEntry(
                rollout=rollout.id,
                application=rollout.application,
                at=stands.at,
                kind=EventKind.ROLL_BACK_ASKED,
                actor=actor.id,
                source=actor.source,
                detail=f"{stands.outcome}: {stands.reason}" if stands.reason else stands.outcome,
                id=rollout.id,
            )
        )
    return rollout, stands


def _wake(context: Context, service: str, rollout: Rollout) -> None:
    """End the wait for a deployment: rolling back supersedes it."""
    wait = context.gateways.waits.get(service) if service else None
    if wait is None or wait.rollout != rollout.id or wait.returning:
        return
    task_tokens.answer_if_open(context, wait.token, {"outcome": DecisionOutcome.ROLL_BACK})


def _rollout(context: Context, rollout_id: str) -> Rollout | None:
    return context.gateways.rollouts.get(rollout_id) if KNOWN_ID.fullmatch(rollout_id) else None


def _refused_for_all(context: Context, rollout: Rollout, actor: Actor) -> str:
    """Say why somebody may not act on a whole rollout: those who may for any color may."""
    application = context.settings.applications.get(rollout.application)
    if application is None:
        return f"{rollout.application} is not configured any more."
    rules = list(application.rules.values())
    try:
        if any(is_entitled(each, acting(context, each, actor)) for each in rules):
            return ""
    except SlackUnavailable:
        return NO_GROUPS
    return f"You may not roll back {rollout.application}. {entitled_people(rules[-1])}"
