"""The bake: what follows from all checks of one look, and when a color has been watched enough.

A clear failure ends it early; a success never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.model.evidence import Result
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.verification_settings import Reaction

MAX_REASONS: Final = 3

_VERDICTS_BY_SEVERITY: Final = (
    Verdict.HEALTHY,
    Verdict.WATCHING,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.ERROR,
    Verdict.UNHEALTHY,
)
_REACTIONS_BY_SEVERITY: Final = (
    Reaction.GO_ON,
    Reaction.LOOK_AGAIN,
    Reaction.ASK,
    Reaction.ROLL_BACK,
)


@dataclass(frozen=True, kw_only=True)
class BakeProgress:
    """How far the watching has come."""

    now: datetime
    enough: datetime
    """From when on a verdict counts that is not a clear failure."""
    at_most: datetime
    """When people are asked instead of looking again."""


@dataclass(frozen=True, kw_only=True)
class BakeVerdict:
    """What all checks of one look come to."""

    verdict: Verdict
    reaction: Reaction
    detail: str


def bake_verdict(results: Sequence[Result], bake: BakeProgress) -> BakeVerdict:
    """Say what follows from one look at a color.

    Every check that decides must be healthy for it to go on; so an empty list never does.
    """
    deciding = [result for result in results if not result.dry_run]
    if not deciding:
        return BakeVerdict(
            verdict=Verdict.NO_DATA, reaction=Reaction.ASK, detail="Nothing was measured."
        )
    reactions = [_reaction_now(result, bake) for result in deciding]
    reaction = max(reactions, key=_REACTIONS_BY_SEVERITY.index)
    reasons = [
        result
        for result, own in zip(deciding, reactions, strict=True)
        if own is reaction and result.verdict is not Verdict.HEALTHY
    ]
    verdict = max((each.verdict for each in reasons or deciding), key=_VERDICTS_BY_SEVERITY.index)
    if reaction is Reaction.LOOK_AGAIN:
        verdict = Verdict.WATCHING
    return BakeVerdict(verdict=verdict, reaction=reaction, detail=_reasons_text(reasons, deciding))


def _reaction_now(result: Result, bake: BakeProgress) -> Reaction:
    """Return what follows from one check now: its configured reaction, in its time."""
    if result.verdict is Verdict.UNHEALTHY and result.reaction is Reaction.ROLL_BACK:
        return result.reaction
    if bake.now < bake.enough:
        return Reaction.LOOK_AGAIN
    if result.reaction is Reaction.LOOK_AGAIN and bake.now >= bake.at_most:
        return Reaction.ASK
    return result.reaction


def _reasons_text(reasons: Sequence[Result], deciding: Sequence[Result]) -> str:
    """Give the reasons, the heaviest first; where there are none, what the tasks do."""
    heavy = sorted(reasons, key=lambda result: -_VERDICTS_BY_SEVERITY.index(result.verdict))
    told = [f"{result.check}: {result.detail}" for result in heavy[:MAX_REASONS]]
    more = len(heavy) - MAX_REASONS
    told += [f"and {more} more"] if more > 0 else []
    return sentence(*told) if told else f"All {len(deciding)} checks are healthy."
