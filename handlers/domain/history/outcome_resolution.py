"""The outcome of a rollout, resolved from the machine's data and the record."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.model.outcomes import (
    ERRORS,
    DecisionOutcome,
    DeploymentOutcome,
    RolloutOutcome,
)
from handlers.domain.model.rollout import ColorProgress, Decision, Rollout, Stage, short_name


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """The rollout's outcome, and the sentences that explain it."""

    outcome: RolloutOutcome
    cause: str


def resolve_outcome(rollout: Rollout | None, state: Mapping[str, object]) -> Resolution:
    """Return how the rollout ended.

    Args:
        rollout: its record; None when not even that could be written.
        state: the state machine's data on entering the last step: `outcome` of prepare,
            then `approval`, `deployment`, `verification`, `rollback` and `fault` as far as
            it came.
    """
    first = _requested_end(rollout) or _first_end(rollout, state)
    stranded = _stranded(rollout, state)
    if stranded:
        return Resolution(
            outcome=RolloutOutcome.ROLLBACK_FAILED,
            cause=sentence(stranded, f"It all began with: {first.cause}"),
        )
    if first.outcome in {RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK}:
        return first
    return Resolution(outcome=first.outcome, cause=sentence(first.cause, _put_back_text(rollout)))


def _requested_end(rollout: Rollout | None) -> Resolution | None:
    """Return the end that somebody asked for; None where every color was released before."""
    asked = rollout.roll_back_asked if rollout else None
    if (
        rollout is None
        or asked is None
        or (rollout.colors and all(c.stage is Stage.RELEASED for c in rollout.colors.values()))
    ):
        return None
    if asked.outcome == DecisionOutcome.SUPERSEDED_BY_PUSH:
        return Resolution(outcome=RolloutOutcome.SUPERSEDED_BY_PUSH, cause=_superseded(asked))
    if asked.outcome == DecisionOutcome.STOPPED_WITH_GROUP:
        return Resolution(outcome=RolloutOutcome.STOPPED_WITH_GROUP, cause=f"{asked.reason}.")
    if asked.outcome == DecisionOutcome.NOT_CONFIGURED:
        return Resolution(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=f"{asked.reason}.")
    why = f": {asked.reason}" if asked.reason else "."
    done = "withdrew" if asked.outcome == DecisionOutcome.WITHDRAWN else "rolled back"
    outcome = (
        RolloutOutcome.WITHDRAWN
        if asked.outcome == DecisionOutcome.WITHDRAWN
        else RolloutOutcome.ROLLED_BACK_BY_HAND
    )
    return Resolution(outcome=outcome, cause=f"{asked.by} {done} the rollout{why}")


def _first_end(rollout: Rollout | None, state: Mapping[str, object]) -> Resolution:
    if "fault" in state:
        return Resolution(outcome=RolloutOutcome.FAULT, cause=_fault(state["fault"]))
    prepared = str(state.get("outcome", ""))
    if prepared == "roll_back":
        return Resolution(outcome=RolloutOutcome.PUT_BACK, cause="Its colors were put back.")
    if prepared != "ready":
        refusals = {str(each) for each in ERRORS}
        outcome = RolloutOutcome(prepared) if prepared in refusals else RolloutOutcome.FAULT
        return Resolution(outcome=outcome, cause=str(state.get("cause", "It was not prepared.")))
    for color in rollout.colors.values() if rollout else ():
        ended = _color_end(color)
        if ended is not None:
            return ended
    released = rollout and all(c.stage is Stage.RELEASED for c in rollout.colors.values())
    if rollout and released and "rollback" not in state:
        own = f"{rollout.release.name}: " if rollout.release.by_color else ""
        cause = f"Every color runs {own}{rollout.released_text}."
        return Resolution(outcome=RolloutOutcome.COMPLETED, cause=cause)
    return Resolution(
        outcome=RolloutOutcome.FAULT, cause="It ended in a way that no step recorded."
    )


def _color_end(color: ColorProgress) -> Resolution | None:
    if color.decision is not None and color.decision.outcome != DecisionOutcome.APPROVED:
        return Resolution(
            outcome=RolloutOutcome(color.decision.outcome), cause=decision_cause(color)
        )
    doubted = color.doubt.decision if color.doubt else None
    if doubted is not None and doubted.outcome in {
        DecisionOutcome.REJECTED,
        DecisionOutcome.EXPIRED,
    }:
        return Resolution(
            outcome=RolloutOutcome(doubted.outcome), cause=_doubt_cause(color, doubted)
        )
    if color.outcome in {"", DeploymentOutcome.COMPLETED}:
        return None
    return Resolution(
        outcome=RolloutOutcome(color.outcome), cause=f"{color.color}: {color.failure}"
    )


def decision_cause(color: ColorProgress) -> str:
    """Say in one sentence how a question ended without an approval."""
    decision = color.decision
    if decision is None:
        return f"Nobody was asked about {color.color}."
    if decision.outcome == DecisionOutcome.EXPIRED:
        return f"Nobody answered for {color.color} in time."
    if decision.outcome == DecisionOutcome.SUPERSEDED_BY_PUSH:
        return _superseded(decision)
    why = f": {decision.reason}" if decision.reason else ""
    return f"{decision.by} {decision.outcome} {color.color}{why}"


def _superseded(decision: Decision) -> str:
    return f"{decision.reason} was pushed before anything was changed."


def _doubt_cause(color: ColorProgress, decision: Decision) -> str:
    """Say how the question about an unclear verdict ended."""
    seen = color.evidence.detail if color.evidence else color.detail
    unclear = sentence(f"Verification of {color.color} was unclear", seen)
    if decision.outcome == DecisionOutcome.EXPIRED:
        return sentence(unclear, "Nobody said in time whether to go on")
    why = f": {decision.reason}" if decision.reason else ""
    return sentence(unclear, f"{decision.by} rolled it back{why}")


def _stranded(rollout: Rollout | None, state: Mapping[str, object]) -> str:
    """Name the colors that the rollback could not put back or did not reach."""
    if rollout is None or not ("rollback" in state or rollout.rolls_back):
        return ""
    left = [c for c in rollout.changed_colors if c.stage is not Stage.PUT_BACK]
    return " ".join(
        f"{color.color} could not be put back to {short_name(color.previous)}: "
        f"{color.detail or 'see the execution.'}"
        for color in left
    )


def _put_back_text(rollout: Rollout | None) -> str:
    back = [c for c in rollout.changed_colors if c.stage is Stage.PUT_BACK] if rollout else []
    if not back:
        return ""
    places = ", ".join(f"{color.color} to {short_name(color.previous)}" for color in back)
    return f"Put back: {places}."


def _fault(fault: object) -> str:
    error = fault.get("Error", "") if isinstance(fault, Mapping) else ""
    return f"A step failed ({error or 'no error name'}). See the execution for its cause."
