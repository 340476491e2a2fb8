"""How every step of the machine begins: read the rollout, and see whether the step is still wanted.

An execution that was ended from outside may be redriven; its rollout, which was closed with it, is
then opened again.
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handlers.domain.config.removed_application import removal
from handlers.domain.history.audit import SHINGO, rollback_entry
from handlers.domain.model.errors import Refused
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.domain.model.rollout import Decision, Rollout, by_turn
from handlers.domain.model.step_input import Step, parse_step
from handlers.observability import about
from handlers.services.context import Context
from handlers.services.rollout_lock import lock_of

SEARCHED: Final = 50
"""Rollouts among which the last that has had the application is looked for."""


@dataclass(frozen=True, kw_only=True)
class OpenedStep:
    """A step of a rollout that is open."""

    step: Step
    rollout: Rollout
    now: datetime


def open_step(context: Context, event: Mapping[str, Any]) -> OpenedStep | None:
    """Read the rollout of a step, open it again if its execution was redriven, and key the log.

    It is to go back from here where the settings do not have its application any more.

    Returns:
        None where the rollout has ended: the step came late and has nothing to do.

    Raises:
        NotThere: there is no such rollout.
        Refused: it was redriven, and cannot be opened again.
    """
    step, now = parse_step(event), context.now()
    rollout = reopen_if_redriven(context, context.gateways.rollouts.read(step.rollout))
    about(rollout, step.color)
    if not rollout.is_open:
        return None
    rollout = _take_back_if_removed(context, rollout, now)
    return OpenedStep(step=step, rollout=rollout, now=now)


def _take_back_if_removed(context: Context, rollout: Rollout, now: datetime) -> Rollout:
    """Have a rollout go back whose application was removed while it was open.

    Going back needs no more than what is recorded. Every step obeys what is asked here. Where a
    cluster or a service was renamed, it goes on with those that are recorded.
    """
    is_known = rollout.application in context.settings.applications
    if is_known or rollout.roll_back_asked or rollout.rolls_back:
        return rollout
    why = removal(rollout, None)
    decision = Decision(outcome=DecisionOutcome.NOT_CONFIGURED, by=SHINGO.id, at=now, reason=why)
    rollout = context.gateways.rollouts.ask_rollback_once(rollout.id, decision)
    if rollout.roll_back_asked == decision:
        context.gateways.audit.note(rollback_entry(rollout, decision, SHINGO))
    return rollout


def reopen_if_redriven(context: Context, rollout: Rollout) -> Rollout:
    """Return an open rollout as it is, and one that was cut short as it is once it goes on.

    Where its execution does not run, a step is only late: the rollout stays ended. Where it does,
    the rollout takes its application again, as it left it: somebody else may have it by now, or may
    have put its colors back or released something else. Who counts is who had the application after
    it, whenever they started: what was refused did not, and what a push started may have waited.

    Raises:
        Refused: another rollout holds the application, or has had it since.
    """
    gateways = context.gateways
    if not rollout.was_cut_short or not gateways.executions.is_running(rollout.execution):
        return rollout
    newest = gateways.rollouts.newest(rollout.application, SEARCHED)
    last = next(iter(by_turn(newest)), None)
    if last and last.held and rollout.held and last.held > rollout.held:
        raise Refused(f"{rollout.application} was rolled out by {last.id} since.")
    if not rollout.waits_its_turn:
        holder = gateways.locks.take(lock_of(context, rollout))
        if holder.execution != rollout.execution:
            raise Refused(f"{rollout.application} is being rolled out by {holder.rollout} by now.")
    return gateways.rollouts.reopen(rollout)
