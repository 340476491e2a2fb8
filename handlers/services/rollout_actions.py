"""What people do to a whole rollout: roll it back, withdraw it, cancel it, put its colors back."""

from handlers.domain.approvals.approval import entitled_people, mention
from handlers.domain.config.approval_rules import is_entitled
from handlers.domain.history.audit import Actor, Source, identified
from handlers.domain.model.errors import SlackUnavailable
from handlers.domain.model.execution_names import EXECUTION_NAME, execution_name
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout
from handlers.services.approvals import NO_GROUPS, Reply, look_up_person
from handlers.services.context import Context
from handlers.services.prerequisites import rollout_waiting_for_turn
from handlers.services.rollback import take_back
from handlers.services.rollout_lock import holder
from handlers.slack.messages import rollout_text
from handlers.slack.messages.markup import board_place


def roll_back_now(context: Context, rollout_id: str, actor: Actor) -> Reply:
    """Take an open rollout back, for those who may approve one of its colors."""
    rollout, actor = find_rollout(context, rollout_id), identified(context.settings.people, actor)
    if rollout is None or not rollout.is_open:
        return Reply(counts=False, text="This rollout has ended.")
    if not rollout.changed_colors:
        return Reply(counts=False, text="No color was changed yet: reject or withdraw instead.")
    refused = _refusal(context, rollout, actor)
    if refused:
        return Reply(counts=False, text=refused)
    return _take_back(context, rollout, DecisionOutcome.ROLL_BACK, actor)


def withdraw_rollout(context: Context, rollout_id: str, actor: Actor) -> Reply:
    """End a rollout before anything was changed, for its requester.

    Of one whose requester is not known, or is nobody in Slack, those may who may answer.
    """
    rollout, actor = find_rollout(context, rollout_id), identified(context.settings.people, actor)
    if rollout is None or not rollout.is_open:
        return Reply(counts=False, text="This rollout has ended.")
    if rollout.changed_colors:
        text = "Colors have been changed already: press *Roll back now* on the board instead."
        return Reply(counts=False, text=text)
    refused = _withdrawal_refusal(context, rollout, actor)
    if refused:
        return Reply(counts=False, text=refused)
    return _take_back(context, rollout, DecisionOutcome.WITHDRAWN, actor)


def cancel_rollout(context: Context, application: str, user: str) -> str:
    """Withdraw an application's open rollout, or roll it back; return what is said of it."""
    # The one that has the application comes before one that waits for it.
    rollout = holder(context, application) or rollout_waiting_for_turn(context, application)
    if rollout is None:
        return f"{application} has no open rollout."
    end = roll_back_now if rollout.changed_colors else withdraw_rollout
    reply = end(context, rollout.id, Actor(id=user, source=Source.SLACK))
    return reply.text or f"{rollout_text.title(rollout)} is being ended."


def start_put_back(context: Context, rollout_id: str, actor: Actor, trigger: str) -> Reply:
    """Start putting back what a rollout that was ended from outside had changed.

    `trigger` tells this time from any other, so that a click delivered twice starts one.
    """
    rollout, actor = find_rollout(context, rollout_id), identified(context.settings.people, actor)
    if rollout is None or not rollout.can_be_put_back:
        return Reply(counts=False, text="There is nothing left to put back.")
    refused = _refusal(context, rollout, actor)
    if refused:
        return Reply(counts=False, text=refused)
    document = {
        "application": rollout.application,
        "rollBack": rollout.id,
        "requestedBy": actor.caller or actor.id,
    }
    name = execution_name(f"roll-back-{rollout.id}", rollout.id + trigger)
    context.gateways.executions.start(name, document)
    here = rollout.board.channel if rollout.board else ""
    place = board_place(context.channel_of(rollout.application), here)
    text = f"Rolling back {rollout_text.title(rollout)}. {place}"
    return Reply(counts=True, text=text)


def find_rollout(context: Context, rollout_id: str) -> Rollout | None:
    return (
        context.gateways.rollouts.get(rollout_id) if EXECUTION_NAME.fullmatch(rollout_id) else None
    )


def _take_back(context: Context, rollout: Rollout, outcome: DecisionOutcome, actor: Actor) -> Reply:
    at = context.now()
    decision = Decision(outcome=outcome, by=actor.id, at=at, caller=actor.caller)
    return take_back(context, rollout, decision, actor)


def _withdrawal_refusal(context: Context, rollout: Rollout, actor: Actor) -> str:
    """Say why somebody may not withdraw a rollout; its requester may."""
    people = context.settings.people
    requester = "" if rollout.is_by_push else rollout.requested_by
    if any(people.is_same(each, requester) for each in (actor.id, actor.caller)):
        return ""
    # A push, a role or a script presses no button, nor can who is not known be told apart.
    if not people.slack_id(requester):
        return _refusal(context, rollout, actor, "withdraw a rollout of")
    return f"Only {mention(people.slack_id(requester))}, who asked for it, may withdraw it."


def _refusal(context: Context, rollout: Rollout, actor: Actor, what: str = "roll back") -> str:
    """Say why somebody may not act on a whole rollout: those who may for any color may."""
    application = context.settings.applications.get(rollout.application)
    if application is None:
        return f"{rollout.application} is not configured any more."
    rules = list(application.rules.values())
    try:
        if any(is_entitled(each, look_up_person(context, each, actor)) for each in rules):
            return ""
    except SlackUnavailable:
        return NO_GROUPS
    return f"You may not {what} {rollout.application}. {entitled_people(rules[-1])}"
