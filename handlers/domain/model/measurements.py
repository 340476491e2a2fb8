"""What was measured, or why it was not. There is nothing in between.

Tested in `test_cloudwatch.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.domain.model.outcomes import Verdict


@dataclass(frozen=True, kw_only=True)
class Query:
    """What CloudWatch is asked for: one statistic of one metric, or one expression.

    In the configuration, texts may hold the placeholders of `placeholders.filled`.
    """

    namespace: str = ""
    metric: str = ""
    statistic: str = "Average"
    """`Average`, `Sum`, `Maximum`, …, or a percentile such as `p99`."""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    expression: str = ""
    """Metric math, `SEARCH(…)` or a Metrics Insights query that yields one series."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """The values of one series: start of the period → value. Complete periods only."""

    values: Mapping[datetime, float]


@dataclass(frozen=True, kw_only=True)
class Unmeasured:
    """Why there are no values: nothing is there (`no_data`), or it cannot be read (`error`)."""

    verdict: Verdict
    why: str
    """A sentence."""


Measured = Points | Unmeasured


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One CloudWatch alarm at one moment."""

    name: str
    state: str
    """CloudWatch's word: `OK`, `ALARM`, `INSUFFICIENT_DATA`."""
    reason: str = ""
    blind: str = ""
    """Its `EvaluationState`, where it cannot see all that it should; empty where it can."""


@dataclass(frozen=True, kw_only=True)
class Lines:
    """What a log pattern found in one color's streams."""

    count: int
    examples: tuple[str, ...] = ()
    """Distinct messages, values masked, oldest first; a few."""
    is_whole: bool = True
    """Whether all was read; otherwise `count` is a lower bound."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a color answered to a request of our own."""

    status: int
    body: str
    """Its beginning: 64 KiB at most."""
