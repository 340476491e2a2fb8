"""Simulated minutes of a color and its control: errors, latency and memory, before and in a bake.

The noise model, per metric, on the logarithmic scale:

- what both share at the time (traffic, the database): AR(1);
- what is the color's own: AR(1), of the same autocorrelation;
- the usual difference between the two: once per run;
- what counting adds: errors are Poisson, and a p99 of few requests is uncertain.

The control is two colors together: twice the requests, its own noise 1/√2 of a color's.

Tested in `test_verification_rates.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from handlers.domain.statistics.comparison import PairedSamples, Sample

MINUTES_BEFORE: Final = 60
"""Minutes before the deployment."""
MAX_BAKE_MINUTES: Final = 20
"""Minutes of the longest bake."""
_P99_SD: Final = 0.076
"""Standard deviation of log(p99) of 600 requests whose latency is log-normal, sigma 0.5."""
_USUAL_REQUESTS: Final = 600
_NORMAL_FROM: Final = 60
Minutes = list[float | None]


@dataclass(frozen=True, kw_only=True)
class NoiseSd:
    """Standard deviations, logarithmic (of memory, relative)."""

    shared: float
    own: float
    between: float


NOISE: Final = {
    "errors": NoiseSd(shared=0.3, own=0.15, between=0.1),
    "latency": NoiseSd(shared=0.1, own=0.05, between=0.1),
    "memory": NoiseSd(shared=0.01, own=0.01, between=0.05),
}
Change = Callable[[int], float]
"""Minute of the bake, from 0 → factor."""


def steady(factor: float) -> Change:
    """Have the same factor from the first minute on."""
    return lambda _minute: factor


def growing(per_minute: float) -> Change:
    """Grow by this share of the usual level each minute."""
    return lambda minute: 1 + per_minute * (minute + 1)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What is simulated."""

    requests: float = _USUAL_REQUESTS
    """Per minute and color."""
    error_rate: float = 0.002
    latency: float = 300.0
    """p99, milliseconds."""
    memory: float = 50.0
    """Percent."""
    autocorrelation: float = 0.5
    """Of the minutes' noise, at lag one."""
    color: dict[str, Change] = field(default_factory=dict)
    """What the release does, per metric."""
    control: dict[str, Change] = field(default_factory=dict)
    """What happens to the control in the bake that has nothing to do with the release."""
    added_errors: float = 0.0
    """Share of requests that fail by the release alone, where there were no errors."""
    lost: float = 0.0
    """Share of minutes that are missing anywhere."""
    lost_in_color: float = 0.0
    """Share of the bake's minutes that are missing in the color."""
    alone: bool = False
    """Whether nothing is left to compare with, as for green."""


def simulated(traffic: Traffic, check: str, random: Random) -> PairedSamples:
    """Return one metric over the hour before and the longest bake."""
    span, noise = MINUTES_BEFORE + MAX_BAKE_MINUTES, NOISE[check]
    shared = _ar1_series(random, noise.shared, traffic.autocorrelation, span)
    sides = []
    for is_color in (True, False):
        between = random.gauss(0, noise.between) if is_color else 0.0
        own = _ar1_series(
            random, noise.own / (1 if is_color else 2**0.5), traffic.autocorrelation, span
        )
        what = (traffic.color if is_color else traffic.control).get(check, steady(1))
        factors = [
            math.exp(one + other + between)
            * (what(minute - MINUTES_BEFORE) if minute >= MINUTES_BEFORE else 1)
            for minute, (one, other) in enumerate(zip(shared, own, strict=True))
        ]
        sides.append(_side(traffic, check, factors, is_color=is_color, random=random))
    color, control = sides
    return PairedSamples(
        color=_part(color, MINUTES_BEFORE, span),
        control=None if traffic.alone else _part(control, MINUTES_BEFORE, span),
        before=_part(color, 0, MINUTES_BEFORE),
        control_before=None if traffic.alone else _part(control, 0, MINUTES_BEFORE),
    )


def _side(
    traffic: Traffic, check: str, factors: list[float], *, is_color: bool, random: Random
) -> Sample:
    requests = traffic.requests * (1 if is_color else 2)
    counts = [float(poisson(requests, random)) for _ in factors]
    if check == "errors":
        added = [
            traffic.added_errors * (is_color and at >= MINUTES_BEFORE) for at in range(len(factors))
        ]
        values = [
            float(min(count, poisson(count * (traffic.error_rate * factor + more), random)))
            for count, factor, more in zip(counts, factors, added, strict=True)
        ]
    elif check == "latency":
        sigma = _P99_SD * math.sqrt(_USUAL_REQUESTS / requests)
        values = [traffic.latency * f * math.exp(random.gauss(0, sigma)) for f in factors]
    else:
        values = [traffic.memory * factor for factor in factors]
    gone = [
        random.random()
        < max(traffic.lost, traffic.lost_in_color * (is_color and at >= MINUTES_BEFORE))
        for at in range(len(factors))
    ]
    return Sample(
        values=[None if lost else v for v, lost in zip(values, gone, strict=True)],
        totals=[None if lost else c for c, lost in zip(counts, gone, strict=True)]
        if check == "errors"
        else (),
    )


def _ar1_series(
    random: Random, deviation: float, autocorrelation: float, count: int
) -> list[float]:
    value, values = random.gauss(0, deviation), []
    for _ in range(count):
        values.append(value)
        value = autocorrelation * value + random.gauss(
            0, deviation * math.sqrt(1 - autocorrelation**2)
        )
    return values


def _part(side: Sample, begin: int, end: int) -> Sample:
    return Sample(values=side.values[begin:end], totals=side.totals[begin:end])


def poisson(mean: float, random: Random) -> int:
    """Draw a count; of many, from the normal distribution."""
    if mean > _NORMAL_FROM:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    count, product, limit = -1, 1.0, math.exp(-mean)
    while product > limit:
        count += 1
        product *= random.random()
    return max(0, count)
