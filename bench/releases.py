"""The releases that the bench lets every judge watch: one row of its table each.

Tested in `test_verification_rates.py`.
"""

from dataclasses import dataclass, field
from typing import Final

from bench.minutes import Traffic, growing, steady


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that a release may do."""

    name: str
    is_bad: bool = False
    """Whether its difference is at or above the configured effect: passing it is wrong."""
    checks: tuple[str, ...] = ("errors", "latency", "memory")
    traffic: Traffic = field(default_factory=Traffic)


_FIVE: Final = {"errors": steady(5)}
_SLOW: Final = {"latency": steady(1.3)}


def _without_difference() -> list[Row]:
    """Return the rows of good releases."""
    return [
        *(
            Row(
                name=f"no difference: errors {rate} %",
                checks=("errors",),
                traffic=Traffic(error_rate=rate / 100),
            )
            for rate in (0.1, 0.2, 0.5)
        ),
        Row(name="no difference: latency", checks=("latency",)),
        Row(name="no difference: memory", checks=("memory",)),
        *(
            Row(
                name=f"no difference: all three, autocorrelation {a}",
                traffic=Traffic(autocorrelation=a),
            )
            for a in (0, 0.5, 0.8)
        ),
        Row(name="no difference: all three, 60 requests/min", traffic=Traffic(requests=60)),
        Row(name="no difference: all three, 6,000 requests/min", traffic=Traffic(requests=6000)),
        Row(
            name="no difference, control degraded (errors x3, latency +30 %)",
            traffic=Traffic(control={"errors": steady(3), **_SLOW}),
        ),
        Row(name="no difference, 10 % of minutes missing", traffic=Traffic(lost=0.1)),
        Row(name="no difference, 40 % missing in color", traffic=Traffic(lost_in_color=0.4)),
        Row(name="no difference, nothing to compare with", traffic=Traffic(alone=True)),
        Row(
            name="latency +10 % (below the effect)", traffic=Traffic(color={"latency": steady(1.1)})
        ),
    ]


def _with_errors() -> list[Row]:
    """Return the rows of releases with more errors."""
    return [
        Row(
            name="errors x2 (0.5 % to 1 %)",
            is_bad=True,
            traffic=Traffic(error_rate=0.005, color={"errors": steady(2)}),
        ),
        Row(
            name="errors x2 (0.5 % to 1 %), autocorrelation 0.8",
            is_bad=True,
            traffic=Traffic(error_rate=0.005, color={"errors": steady(2)}, autocorrelation=0.8),
        ),
        *(
            Row(
                name=f"errors x5, autocorrelation {a}",
                is_bad=True,
                traffic=Traffic(color=_FIVE, autocorrelation=a),
            )
            for a in (0, 0.5, 0.8)
        ),
        Row(
            name="errors x5, 60 requests/min",
            is_bad=True,
            traffic=Traffic(color=_FIVE, requests=60),
        ),
        Row(
            name="errors from zero (0 to 1 %)",
            is_bad=True,
            traffic=Traffic(error_rate=0, added_errors=0.01),
        ),
    ]


def _with_latency() -> list[Row]:
    """Return the rows of releases that are slower."""
    return [
        *(
            Row(
                name=f"latency +30 %, autocorrelation {a}",
                is_bad=True,
                traffic=Traffic(color=_SLOW, autocorrelation=a),
            )
            for a in (0, 0.5, 0.8)
        ),
        Row(name="latency +60 %", is_bad=True, traffic=Traffic(color={"latency": steady(1.6)})),
        Row(
            name="latency +30 %, 60 requests/min",
            is_bad=True,
            traffic=Traffic(color=_SLOW, requests=60),
        ),
        Row(
            name="latency +30 %, 6,000 requests/min",
            is_bad=True,
            traffic=Traffic(color=_SLOW, requests=6000),
        ),
    ]


def _in_odd_conditions() -> list[Row]:
    """Return the rows of bad releases that grow worse, and of what is measured badly."""
    return [
        Row(
            name="slow leak: memory +2 points/min",
            is_bad=True,
            traffic=Traffic(color={"memory": growing(0.04)}),
        ),
        Row(
            name="slow leak: latency +3 %/min",
            is_bad=True,
            traffic=Traffic(color={"latency": growing(0.03)}),
        ),
        Row(
            name="errors x5, control degraded x2",
            is_bad=True,
            traffic=Traffic(color=_FIVE, control={"errors": steady(2)}),
        ),
        Row(
            name="errors x5, 10 % of minutes missing",
            is_bad=True,
            traffic=Traffic(color=_FIVE, lost=0.1),
        ),
        Row(
            name="errors x5, 40 % missing in color",
            is_bad=True,
            traffic=Traffic(color=_FIVE, lost_in_color=0.4),
        ),
        Row(
            name="errors x5, nothing to compare with",
            is_bad=True,
            traffic=Traffic(color=_FIVE, alone=True),
        ),
        Row(
            name="latency +30 %, nothing to compare with",
            is_bad=True,
            traffic=Traffic(color=_SLOW, alone=True),
        ),
        Row(
            name="latency +60 %, nothing to compare with",
            is_bad=True,
            traffic=Traffic(color={"latency": steady(1.6)}, alone=True),
        ),
    ]


ROWS: Final = [
    *_without_difference(),
    *_with_errors(),
    *_with_latency(),
    *_in_odd_conditions(),
]
