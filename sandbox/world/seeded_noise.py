"""Noise as a function of name and minute: the same arguments always give the same numbers.

A sequence of random numbers would have to be drawn from its beginning. These numbers are digests
of their arguments, so that any minute can be computed alone, in any order and again.

Tested in `tests/sandbox/world/test_world_traffic.py`.
"""

import math
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from struct import unpack

CHANNELS = 8
"""Independent numbers for each name and minute."""

_STANDARD = NormalDist()
_AUTOCORRELATION = 0.6
_LAGS = 8
_WEIGHTS = tuple(_AUTOCORRELATION**back for back in range(_LAGS))
_SCALE = 1 / math.sqrt(sum(weight * weight for weight in _WEIGHTS))
_NORMAL_FROM = 30


@lru_cache(maxsize=4096)
def uniforms(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` numbers between 0 and 1, neither included."""
    digest = blake2b(f"{name}\0{minute}".encode(), digest_size=8 * CHANNELS).digest()
    return tuple(((bits >> 12) + 0.5) / 2**52 for bits in unpack(f"<{CHANNELS}Q", digest))


@lru_cache(maxsize=4096)
def normals(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` numbers of the standard normal distribution."""
    return tuple(_STANDARD.inv_cdf(uniform) for uniform in uniforms(name, minute))


@lru_cache(maxsize=4096)
def autocorrelated_normals(name: str, minute: int) -> tuple[float, ...]:
    """Return `CHANNELS` standard normal numbers, correlated with those of the minutes before.

    They are a moving average with the weights 0.6^k over eight minutes, so that their
    autocorrelation is about 0.6 at a lag of one minute and 0 beyond eight.
    """
    past = [normals(name, minute - back) for back in range(_LAGS)]
    return tuple(
        _SCALE * sum(weight * row[channel] for weight, row in zip(_WEIGHTS, past, strict=True))
        for channel in range(CHANNELS)
    )


def poisson(mean: float, uniform: float) -> int:
    """Return a Poisson distributed count.

    Args:
        mean: at least 0.
        uniform: between 0 and 1: the quantile that is returned.
    """
    if mean > _NORMAL_FROM:
        return max(0, round(mean + math.sqrt(mean) * _STANDARD.inv_cdf(uniform)))
    count, likely = 0, math.exp(-mean)
    while uniform > likely and count < 10 * _NORMAL_FROM:
        uniform -= likely
        count += 1
        likely *= mean / count
    return count


def binomial(trials: int, share: float, uniform: float) -> int:
    """Return a binomially distributed count: `trials` with the probability `share`, below 1."""
    mean = trials * share
    if min(mean, trials - mean) > _NORMAL_FROM:
        spread = math.sqrt(mean * (1 - share))
        return min(trials, max(0, round(mean + spread * _STANDARD.inv_cdf(uniform))))
    odds = share / (1 - share)
    count, likely = 0, (1 - share) ** trials
    while uniform > likely and count < trials:
        uniform -= likely
        likely *= odds * (trials - count) / (count + 1)
        count += 1
    return count


def quantile(share: float) -> float:
    """Return the standard normal distribution's quantile."""
    return _STANDARD.inv_cdf(share)


def density(value: float) -> float:
    """Return the standard normal distribution's density."""
    return _STANDARD.pdf(value)
