"""Token buckets, and how near to their limits the calls came.

Tested in `tests/contract/wire/test_rates.py` and `test_slack_limits.py`.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """How many calls may come at once, and how many a second are added."""

    burst: int
    per_second: float


@dataclass
class Bucket:
    """A token bucket and its counts.

    Attributes:
        rate: its size and refill.
        at: the moment of `left`, in seconds of the caller's clock.
        left: calls that may come at once.
        lowest: the least that was ever left.
        taken, refused: numbers of calls.
        by_second: whole second → calls in it, refused ones included.
    """

    rate: Rate
    at: float
    left: float = field(init=False)
    lowest: float = field(init=False)
    taken: int = 0
    refused: int = 0
    by_second: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin full."""
        self.left = self.lowest = float(self.rate.burst)

    @property
    def peak(self) -> int:
        """The most calls within one whole second, refused ones included."""
        return max(self.by_second.values(), default=0)

    def take(self, now: float) -> float:
        """Take one call; return 0, or the seconds after which one will be admitted."""
        gone = max(0.0, now - self.at)
        self.left = min(float(self.rate.burst), self.left + gone * self.rate.per_second)
        self.at = max(self.at, now)
        self.by_second[int(now)] += 1
        if self.left < 1:
            self.refused += 1
            return (1 - self.left) / self.rate.per_second
        self.left -= 1
        self.lowest = min(self.lowest, self.left)
        self.taken += 1
        return 0.0
