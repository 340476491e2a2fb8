"""Samples made by hand to be compared: their noise repeats, so nothing is left to chance."""

from typing import Any

from handlers.domain.statistics.comparison import Multiplicity, PairedSamples, Sample

MULTIPLICITY = Multiplicity(looks=20, checks=3)
_NOISE = (0.3, -0.5, 0.8, -0.2, -0.9, 0.4, 0.1, -0.6, 0.9, -0.3, 0.5, -0.5)


def levels(
    value: float, count: int = 10, noise: float = 0.05, shift: int = 0, growing: float = 0.0
) -> Sample:
    """Return a level that jitters by a few percent."""
    return Sample(
        values=[
            value * (1 + noise * _NOISE[(at + shift) % 12]) * (1 + growing * at)
            for at in range(count)
        ]
    )


def counts(proportion: float, count: int = 10, requests: float = 600.0, shift: int = 0) -> Sample:
    """Return errors that jitter as Poisson counts do, and requests."""
    mean = proportion * requests
    values = [
        max(0.0, round(mean + mean**0.5 * 1.7 * _NOISE[(at + shift) % 12])) for at in range(count)
    ]
    return Sample(values=[float(each) for each in values], totals=[float(requests)] * count)


def latency(
    color: float = 200.0,
    control: float | None = 200.0,
    before: float = 200.0,
    control_before: float = 200.0,
    **more: Any,
) -> PairedSamples:
    """Measure a latency in a bake of ten minutes, after an hour."""
    return PairedSamples(
        color=levels(color, **more),
        control=None if control is None else levels(control, shift=5),
        before=levels(before, count=60, shift=2),
        control_before=None if control is None else levels(control_before, count=60, shift=9),
    )


def errors(
    color: float = 0.002,
    control: float | None = 0.002,
    before: float = 0.002,
    requests: float = 600.0,
    minutes: int = 10,
) -> PairedSamples:
    """Measure errors in a bake of ten minutes, after an hour; the control has twice the requests."""
    return PairedSamples(
        color=counts(color, count=minutes, requests=requests),
        control=None
        if control is None
        else counts(control, count=minutes, requests=2 * requests, shift=5),
        before=counts(before, count=60, requests=requests, shift=2),
        control_before=None
        if control is None
        else counts(before, count=60, requests=2 * requests, shift=9),
    )
