"""What one comparison of a metric found, and what all of them together say."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.domain.model.outcomes import Verdict


@dataclass(frozen=True, kw_only=True)
class ComparisonResult:
    """What one comparison found: with a limit, with the control, or with the color's own past."""

    why: str
    """A sentence."""
    is_fine: bool = False
    """Shown to be within the limit, or below the effect."""
    is_worse: bool = False
    """Shown to be beyond it."""
    is_suspect: bool = False
    """Beyond it as far as can be seen, though it may be chance."""
    is_weak: bool = False
    """Found against the color's own past: it may ask, and never condemns."""


def combined_verdict(findings: Sequence[ComparisonResult]) -> tuple[Verdict, str]:
    """Weigh the findings of one metric; return the verdict and the sentence that says why."""
    strong = [each for each in findings if not each.is_weak]
    weak = [each for each in findings if each.is_weak]
    if not findings:
        return Verdict.INCONCLUSIVE, "There is neither a limit nor a control to hold it against."
    if worse := next((each for each in strong if each.is_worse), None):
        return Verdict.UNHEALTHY, worse.why
    if against := next((each for each in weak if each.is_worse or each.is_suspect), None):
        return Verdict.INCONCLUSIVE, against.why
    deciding = strong or weak
    if unsure := next((each for each in deciding if not each.is_fine), None):
        return Verdict.INCONCLUSIVE, unsure.why
    return Verdict.HEALTHY, " ".join(each.why for each in findings if each.is_fine)


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
