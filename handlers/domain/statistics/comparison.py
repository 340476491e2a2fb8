"""What comparing a metric takes, and the judgement that it yields.

Tested in `test_level_comparison.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.domain.model.outcomes import Verdict


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The values of a metric, period by period; None where nothing was measured."""

    values: Sequence[float | None]
    """Levels, or counts of events."""
    totals: Sequence[float | None] = ()
    """Of a proportion: the trials among which the events are counted (requests)."""


@dataclass(frozen=True, kw_only=True)
class PairedSamples:
    """One metric of a color and of its control. Samples of the same time are aligned."""

    color: Sample
    """Since the bake began, oldest first."""
    control: Sample | None
    """The same periods of the colors on the old release, taken together; None without any."""
    before: Sample
    """The color itself, on its old release, before the deployment began; may be empty."""
    control_before: Sample | None = None
    """The control in the periods of `before`."""


@dataclass(frozen=True, kw_only=True)
class Multiplicity:
    """How many tests one bake makes, which their alphas are corrected for."""

    looks: int
    """At most, over the whole bake with its extension."""
    checks: int
    """How many checks decide about the color."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What comparing one metric came to."""

    verdict: Verdict
    """`healthy` and `unhealthy` are significant; `inconclusive` is neither; or `no_data`."""
    detail: str
    """One sentence without markup: what was seen, against what, and how sure it is."""
    value: float | None = None
    """The color's level or proportion, over all periods."""
    control: float | None = None
    """The control's; without one, the color's own before."""
