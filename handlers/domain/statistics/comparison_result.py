"""The results of a metric's comparisons, and the verdict that they come to."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.domain.model.outcomes import Verdict


@dataclass(frozen=True, kw_only=True)
class ComparisonResult:
    """The result of comparing with a limit, with the control, or with the color's own past."""

    why: str
    """A sentence."""
    is_within: bool = False
    """Significantly within the limit, or below the effect."""
    is_beyond: bool = False
    """Significantly beyond it."""
    is_suspect: bool = False
    """Beyond it in what was observed, though that may be chance."""
    is_against_past: bool = False
    """Compared with the color's own past: it may ask, and never condemns."""


def combined_verdict(results: Sequence[ComparisonResult]) -> tuple[Verdict, str]:
    """Return the verdict of one metric's results, and the sentence that says why."""
    from_control = [each for each in results if not each.is_against_past]
    from_past = [each for each in results if each.is_against_past]
    if not results:
        return Verdict.INCONCLUSIVE, "There is neither a limit nor a control to hold it against."
    if worse := next((each for each in from_control if each.is_beyond), None):
        return Verdict.UNHEALTHY, worse.why
    if against := next((each for each in from_past if each.is_beyond or each.is_suspect), None):
        return Verdict.INCONCLUSIVE, against.why
    deciding = from_control or from_past
    if unsure := next((each for each in deciding if not each.is_within), None):
        return Verdict.INCONCLUSIVE, unsure.why
    return Verdict.HEALTHY, " ".join(each.why for each in results if each.is_within)


def percent(share: float) -> str:
    """Write a share so that small ones can still be told apart: `0.42 %`, `12 %`."""
    digits = 2 if share < 0.01 else 1 if share < 0.1 else 0  # noqa: PLR2004  (1 %, 10 %)
    return f"{100 * share:.{digits}f} %"


def relative_change(times: float) -> str:
    """Write a factor as people say it: `12 % more`, `3.1 times as much`, `5 % less`."""
    if times >= 2:  # noqa: PLR2004  (twice)
        return f"{times:,.1f} times as much"
    if times >= 1:
        return f"{100 * (times - 1):.0f} % more"
    return f"{100 * (1 - times):.0f} % less"


def level_text(value: float, unit: str = "") -> str:
    """Write a level with its unit: `212 ms`, `3.4 %`."""
    digits = 0 if value >= 100 else 1 if value >= 1 else 3  # noqa: PLR2004
    return f"{value:,.{digits}f} {unit}".rstrip()
