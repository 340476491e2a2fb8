"""Chance that can be looked up: the same names and minute always give the same numbers.

A sequence of random numbers would have to be drawn from its beginning. These are digests of what
they are about, so that any minute can be asked for alone, in any order and again.
"""

import math
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from struct import unpack

CHANNELS = 8
"""Independent numbers for each name and minute."""

_STANDARD = NormalDist()
_MEMORY = 0.6
_BACK = 8
_WEIGHTS = tuple(_MEMORY**back for back in range(_BACK))
_SCALE = 1 / math.sqrt(sum(weight * weight for weight in _WEIGHTS))
_MANY = 30


@lru_cache(maxsize=4096)
def uniforms(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` numbers between 0 and 1, neither included."""
    digest = blake2b(f"{name}\0{minute}".encode(), digest_size=8 * CHANNELS).digest()
    return tuple(((bits >> 12) + 0.5) / 2**52 for bits in unpack(f"<{CHANNELS}Q", digest))


@lru_cache(maxsize=4096)
def normals(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` numbers of the standard normal distribution."""
    return tuple(_STANDARD.inv_cdf(chance) for chance in uniforms(name, minute))


@lru_cache(maxsize=4096)
def drifts(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` standard normal numbers that resemble those of the minutes before.

    They are a moving average with weights 0.6^k, so that their autocorrelation is about 0.6 from
    one minute to the next, and nothing is left of it after eight.
    """
    past = [normals(name, minute - back) for back in range(_BACK)]
    return tuple(
        _SCALE * sum(weight * row[channel] for weight, row in zip(_WEIGHTS, past, strict=True))
        for channel in range(CHANNELS)
    )


def poisson(mean: float, chance: float) -> int:
    """Return a count of events that come one by one, `mean` of them on average.

    Args:
        mean: at least 0.
        chance: between 0 and 1: which quantile it is.
    """
    if mean > _MANY:
        return max(0, round(mean + math.sqrt(mean) * _STANDARD.inv_cdf(chance)))
    count, likely = 0, math.exp(-mean)
    while chance > likely and count < 10 * _MANY:
        chance -= likely
        count += 1
        likely *= mean / count
    return count


def binomial(trials: int, share: float, chance: float) -> int:
    """Return how many of `trials` turn out so, each with a likelihood of `share` below 1."""
    mean = trials * share
    if min(mean, trials - mean) > _MANY:
        spread = math.sqrt(mean * (1 - share))
        return min(trials, max(0, round(mean + spread * _STANDARD.inv_cdf(chance))))
    odds = share / (1 - share)
    count, likely = 0, (1 - share) ** trials
    while chance > likely and count < trials:
        chance -= likely
        likely *= odds * (trials - count) / (count + 1)
        count += 1
    return count


def quantile(share: float) -> float:
    """Return the standard normal distribution's quantile."""
    return _STANDARD.inv_cdf(share)


def density(value: float) -> float:
    """Return the standard normal distribution's density."""
    return _STANDARD.pdf(value)
