"""The distributions that the comparisons need; the tests compare them with SciPy.

SciPy is over 100 MB unpacked, too much for a Lambda function that needs four of its functions.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_TINY: Final = 1e-300
_CONVERGENCE: Final = 1e-15
_ROOT_TOLERANCE: Final = 1e-9
_NORMAL_FROM: Final = 1e7
"""From so many degrees of freedom, or events, a distribution is normal to six digits."""


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return P(X ≤ x) of a beta distribution: the regularised incomplete beta function I_x(a, b).

    The chance of at least k of n events of probability p is `beta_cdf(p, k, n - k + 1)`; neither
    count need be whole. Lentz's evaluation of the continued fraction DLMF 8.17.22.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if a + b > _NORMAL_FROM:
        return _approximate_beta_cdf(x, a, b)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _beta_continued_fraction(x, a, b) / a
    return 1 - front * _beta_continued_fraction(1 - x, b, a) / b


def t_cdf(t: float, degrees_of_freedom: float) -> float:
    """Return P(T ≤ t) of Student's t; the degrees of freedom need not be whole."""
    if degrees_of_freedom > _NORMAL_FROM:
        return NormalDist().cdf(t)
    tail = (
        beta_cdf(degrees_of_freedom / (degrees_of_freedom + t * t), degrees_of_freedom / 2, 0.5) / 2
    )
    return tail if t < 0 else 1 - tail


@lru_cache(maxsize=256)
def t_quantile(alpha: float, degrees_of_freedom: float) -> float:
    """Return the t that Student's t exceeds with probability `alpha` (at most 0.5)."""
    if degrees_of_freedom > _NORMAL_FROM:
        return -NormalDist().inv_cdf(alpha)
    return _root(
        lambda t: alpha - t_cdf(-t, degrees_of_freedom), 0.0, -NormalDist().inv_cdf(alpha) + 1
    )


def gamma_cdf(x: float, shape: float) -> float:
    """Return P(X ≤ x) of a gamma distribution of scale one: P(a, x), DLMF 8.7.1 and 8.9.2."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while term > total * _CONVERGENCE:
            step += 1
            term *= x / step
            total += term
        return min(1.0, front * total)
    return 1 - front * _gamma_continued_fraction(x, shape)


def poisson_lower_limit(events: float, alpha: float) -> float:
    """Return the lower confidence limit of a Poisson mean after `events`.

    Exact (Garwood 1936); wrong with probability `alpha` at most. `events` need not be whole.
    """
    if events <= 0:
        return 0.0
    if events > _NORMAL_FROM:
        return _approximate_gamma_quantile(events, NormalDist().inv_cdf(alpha))
    return _root(lambda mean: gamma_cdf(mean, events) - alpha, 0.0, events)


def poisson_upper_limit(events: float, alpha: float) -> float:
    """Return the upper confidence limit of a Poisson mean after `events`."""
    if events > _NORMAL_FROM:
        return _approximate_gamma_quantile(events + 1, -NormalDist().inv_cdf(alpha))
    return _root(lambda mean: gamma_cdf(mean, events + 1) - (1 - alpha), events, events + 10)


def _approximate_gamma_quantile(shape: float, z: float) -> float:
    """Return a quantile of a gamma distribution by Wilson and Hilferty's cube root (1931)."""
    return float(shape * (1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3)


def _approximate_beta_cdf(x: float, a: float, b: float) -> float:
    """Return P(X ≤ x) of a beta distribution by Paulson's cube roots (1942)."""
    left, right = (b * x) ** (1 / 3), (a * (1 - x)) ** (1 / 3)
    off = left * (1 - 1 / (9 * b)) - right * (1 - 1 / (9 * a))
    return NormalDist().cdf(3 * off / math.sqrt(left**2 / b + right**2 / a))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Find where a rising function crosses zero, at or above `low`; `high` is a guess.

    False position with the Illinois correction, and a bisection where that is slow.
    """
    under, over = rising(low), rising(high)
    while over < 0:
        low, under, high = high, over, 2 * high + 1
        over = rising(high)
    moved = 0
    for step in range(200):
        if high - low <= _ROOT_TOLERANCE * (1 + abs(high)) or over <= under:
            break
        middle = (low * over - high * under) / (over - under)
        if step % 4 == 3 or not low < middle < high:  # noqa: PLR2004  (every fourth step)
            middle = (low + high) / 2
        value = rising(middle)
        side = -1 if value < 0 else 1
        if side < 0:
            low, under = middle, value
            over /= 2 if moved == side else 1
        else:
            high, over = middle, value
            under /= 2 if moved == side else 1
        moved = side
    return (low + high) / 2


def _beta_continued_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _nonzero(1 + step * d)
            c = _nonzero(1 + step / c)
            value *= d * c
        if abs(d * c - 1) < _CONVERGENCE:
            break
    return value


def _gamma_continued_fraction(x: float, shape: float) -> float:
    b = x + 1 - shape
    c, d = 1 / _TINY, 1 / _nonzero(b)
    value = d
    for i in range(1, 10_000):
        step = i * (shape - i)
        b += 2
        d = 1 / _nonzero(step * d + b)
        c = _nonzero(b + step / c)
        value *= d * c
        if abs(d * c - 1) < _CONVERGENCE:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
