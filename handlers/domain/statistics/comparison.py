"""What the judges of metrics are given, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.domain.model.outcomes import Verdict


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One side of a comparison, period by period; None where nothing was measured."""

    values: Sequence[float | None]
    """Levels, or counts of events."""
    of: Sequence[float | None] = ()
    """For a share: how many there were that could be such an event (requests)."""


@dataclass(frozen=True, kw_only=True)
class PairedSamples:
    """One metric of a color and of its control. The sides of one time are aligned."""

    color: Sample
    """Since the bake began, oldest first."""
    control: Sample | None
    """The same periods of the colors on the old release, together; None where there are none."""
    before: Sample
    """The color itself, on its old release, before the deployment began; may be empty."""
    control_before: Sample | None = None
    """The control in the periods of `before`."""


@dataclass(frozen=True, kw_only=True)
class Multiplicity:
    """How often a verdict will be asked for: what correcting for looking repeatedly needs."""

    looks: int
    """At most, over the whole bake with its extension."""
    checks: int
    """How many checks decide about the color."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a judge says of one metric."""

    verdict: Verdict
    """`healthy` and `unhealthy` are shown beyond doubt; `inconclusive` is neither; `no_data`."""
    detail: str
    """One sentence without markup: what was seen, against what, and how sure it is."""
    value: float | None = None
    """The color's level or share, over all periods."""
    control: float | None = None
    """The control's; without one, the color's own before."""
