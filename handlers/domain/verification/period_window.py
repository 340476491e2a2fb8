"""The measured time in complete periods. Tested in `test_verdict_record.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class PeriodWindow:
    """The measured time of a color: on the release, and before it."""

    since: datetime
    """When it began to run the release; the next complete period is the first that counts."""
    until: datetime
    before_since: datetime
    before_until: datetime
    """When its deployment began; until `since` it runs neither release alone."""
    period: timedelta

    @property
    def periods(self) -> Sequence[datetime]:
        """The starts of the complete periods since it runs the release.

        The last one is left out: for about a minute CloudWatch goes on counting into it.
        """
        return _complete_periods(self.since, self.until - self.period, self.period)

    @property
    def periods_before(self) -> Sequence[datetime]:
        """The starts of the complete periods before its deployment began."""
        return _complete_periods(self.before_since, self.before_until, self.period)


def period_start(moment: datetime, period: timedelta) -> datetime:
    """Return the start of the period in which a moment lies."""
    return moment - (moment - _EPOCH) % period


def _complete_periods(since: datetime, until: datetime, period: timedelta) -> list[datetime]:
    first, end = period_start(since, period), period_start(until, period)
    if first < since:
        first += period
    return [first + n * period for n in range(max(0, (end - first) // period))]
