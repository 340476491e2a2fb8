"""Whether enough periods were measured to compare. A missing or invalid value never passes.

Tested in `test_unmeasured.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.domain.model.outcomes import Verdict
from handlers.domain.statistics.autocorrelation import Series, count_invalid, is_usable
from handlers.domain.statistics.comparison import Judgement
from handlers.domain.statistics.significance import (
    MIN_COVERAGE,
    MIN_COVERAGE_OF_BOTH,
    MIN_PERIODS,
    SILENT_PERIODS,
)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Why too little was measured for a check to pass."""

    why: str
    """A sentence."""
    is_fatal: bool = False
    """Whether nothing can be judged. Otherwise what is there may still condemn."""
    lacks_control: bool = False
    """Whether too little of the control is measured to compare with; limits still hold."""


def coverage_gap(color: Sequence[Series], control: Sequence[Series]) -> Gap | None:
    """Return what is missing from the bake, if that is too much.

    Args:
        color: The series that a period must have to count: counts, and their totals.
        control: The control's, of the same periods; empty without a control.
    """
    periods = max((len(each) for each in (*color, *control)), default=0)
    seen = usable_periods(color, periods)
    both = usable_periods([*color, *control], periods)
    if sum(seen) < MIN_PERIODS:
        why = f"{sum(seen)} of {periods} periods measured, too few to judge."
        return Gap(why=why, is_fatal=True)
    if sum(both) < MIN_PERIODS:
        why = f"{sum(both)} of {periods} periods measured with the control, too few to judge."
        return Gap(why=why, lacks_control=True)
    why = _missing_periods(seen, both) or _invalid_values(
        sum(count_invalid(each) for each in (*color, *control))
    )
    return Gap(why=why) if why else None


def _missing_periods(seen: Sequence[bool], both: Sequence[bool]) -> str:
    periods = len(seen)
    if sum(seen) < MIN_COVERAGE * periods:
        return f"Only {sum(seen)} of {periods} periods measured."
    if sum(both) < MIN_COVERAGE_OF_BOTH * periods:
        return f"Only {sum(both)} of {periods} periods measured with the control."
    if not any(seen[-SILENT_PERIODS:]):
        return f"Nothing came from the color in the last {SILENT_PERIODS} periods."
    return ""


def _invalid_values(count: int) -> str:
    values = "1 value is" if count == 1 else f"{count} values are"
    return f"{values} no number, negative, or more than there can be." if count else ""


def usable_periods(series: Sequence[Series], periods: int) -> list[bool]:
    """Return for each period whether every series has a usable value."""
    return [all(at < len(each) and is_usable(each[at]) for each in series) for at in range(periods)]


def with_gap(judgement: Judgement, found: Gap | None) -> Judgement:
    """Return the judgement where it condemns or nothing is missing, and `no_data` otherwise."""
    if found is None or judgement.verdict is Verdict.UNHEALTHY:
        return judgement
    return replace(judgement, verdict=Verdict.NO_DATA, detail=found.why)
