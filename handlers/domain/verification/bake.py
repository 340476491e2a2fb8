"""The bake: the verdict of all checks of one observation, and the reaction that follows.

A clear failure ends the bake early; a success never does.

Tested in `test_verdict_record.py`.
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
    """How far a bake has come."""

    now: datetime
    earliest_pass: datetime
    """From when on a verdict other than a clear failure counts."""
    latest_end: datetime
    """From when on people are asked instead of looking again."""


@dataclass(frozen=True, kw_only=True)
class BakeVerdict:
    """What all checks of one observation come to."""

    verdict: Verdict
    reaction: Reaction
    detail: str


def bake_verdict(results: Sequence[Result], bake: BakeProgress) -> BakeVerdict:
    """Return what follows from one observation of a color.

    It goes on only where every deciding check is healthy; an empty list never does.
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
    """Return the reaction to one check now: during the bake only a clear failure has its own."""
    if result.verdict is Verdict.UNHEALTHY and result.reaction is Reaction.ROLL_BACK:
        return result.reaction
    if bake.now < bake.earliest_pass:
        return Reaction.LOOK_AGAIN
    if result.reaction is Reaction.LOOK_AGAIN and bake.now >= bake.latest_end:
        return Reaction.ASK
    return result.reaction


def _reasons_text(reasons: Sequence[Result], deciding: Sequence[Result]) -> str:
    """Return the reasons, the worst first, or that all checks are healthy."""
    worst_first = sorted(reasons, key=lambda result: -_VERDICTS_BY_SEVERITY.index(result.verdict))
    texts = [f"{result.check}: {result.detail}" for result in worst_first[:MAX_REASONS]]
    more = len(worst_first) - MAX_REASONS
    texts += [f"and {more} more"] if more > 0 else []
    return sentence(*texts) if texts else f"All {len(deciding)} checks are healthy."
