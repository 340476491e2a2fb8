"""Whether enough was measured to judge by. What is missing or broken never passes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.domain.model.outcomes import Verdict
from handlers.domain.statistics.autocorrelation import Series, broken, usable
from handlers.domain.statistics.comparison import Judgement
from handlers.domain.statistics.significance import COVERAGE, COVERAGE_OF_BOTH, FEWEST, SILENT


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What keeps a check from passing."""

    why: str
    """A sentence."""
    is_fatal: bool = False
    """Whether nothing at all can be said. Otherwise what is there may still condemn."""
    is_alone: bool = False
    """Whether there is too little of the control to compare with; the limits can be held still."""


def gap(color: Sequence[Series], control: Sequence[Series]) -> Gap | None:
    """Return what is missing from the bake, if anything that matters is.

    Args:
        color: The series that must be there for a period to count: counts, and what they are of.
        control: The control's, of the same periods; empty without a control.
    """
    periods = max((len(each) for each in (*color, *control)), default=0)
    seen = whole(color, periods)
    both = whole([*color, *control], periods)
    if sum(seen) < FEWEST:
        why = f"{sum(seen)} of {periods} periods measured, too few to judge."
        return Gap(why=why, is_fatal=True)
    if sum(both) < FEWEST:
        why = f"{sum(both)} of {periods} periods measured with the control, too few to judge."
        return Gap(why=why, is_alone=True)
    why = _hole(seen, both) or _wrong(sum(broken(each) for each in (*color, *control)))
    return Gap(why=why) if why else None


def _hole(seen: Sequence[bool], both: Sequence[bool]) -> str:
    periods = len(seen)
    if sum(seen) < COVERAGE * periods:
        return f"Only {sum(seen)} of {periods} periods measured."
    if sum(both) < COVERAGE_OF_BOTH * periods:
        return f"Only {sum(both)} of {periods} periods measured with the control."
    if not any(seen[-SILENT:]):
        return f"Nothing came from the color in the last {SILENT} periods."
    return ""


def _wrong(count: int) -> str:
    values = "1 value is" if count == 1 else f"{count} values are"
    return f"{values} no number, negative, or more than there can be." if count else ""


def whole(sides: Sequence[Series], periods: int) -> list[bool]:
    """Say of each period whether every series has a usable value."""
    return [all(at < len(each) and usable(each[at]) for each in sides) for at in range(periods)]


def with_gap(judgement: Judgement, found: Gap | None) -> Judgement:
    """Let a judgement to which something is missing condemn, and nothing else."""
    if found is None or judgement.verdict is Verdict.UNHEALTHY:
        return judgement
    return replace(judgement, verdict=Verdict.NO_DATA, detail=found.why)
