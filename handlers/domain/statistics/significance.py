"""How sure a judge must be: the price of looking repeatedly and at several checks.

A bake asks every check at every look, and one false alarm is enough to roll a good release back.
So the chance that is allowed for it is shared out among all of them (Bonferroni: right however
alike looks and checks are). Passing is the other way round: a release that is bad in one metric
passes only if that metric's own check passes it, so only looks share, and only those of the
bake's second half, because no look passes a release before.
"""

from typing import Final

from handlers.domain.statistics.comparison import Multiplicity

FALSE_ALARM_ALPHA: Final = 0.005
"""Chance that a bake finds an unchanged release unhealthy by chance."""
FALSE_PASS_ALPHA: Final = 0.02
"""Chance that a bake finds a release healthy whose difference matters."""
_TESTS_PER_CHECK: Final = 4
"""In how many ways one check can fail at a look: limit or control, the whole bake or its end."""


def failure_alpha(plan: Multiplicity) -> float:
    """Return how improbable a finding must be by chance alone to condemn a release."""
    return FALSE_ALARM_ALPHA / (max(1, plan.looks) * max(1, plan.checks) * _TESTS_PER_CHECK)


def pass_alpha(plan: Multiplicity) -> float:
    """Return how improbable a finding must be of a bad release to pass it, at one look.

    Looks of one bake share most of what they see, so the half of them that may pass are worth
    about a quarter of them all: measured by `bench/verification.py`, row "errors x2".
    """
    return FALSE_PASS_ALPHA / max(1, plan.looks / 4)


MIN_COVERAGE: Final = 0.75
"""Share of the bake's periods that must be usable in the color."""
MIN_COVERAGE_OF_BOTH: Final = 0.6
"""And in color and control at once."""
MIN_PERIODS: Final = 4
"""And so many periods at least: fewer say nothing of noise."""
SILENT_PERIODS: Final = 2
"""Periods at the end of the bake without a value after which a color counts as gone silent."""
END_PARTS: Final = 3
"""The bake's last third is judged by itself, so that a slow leak is not averaged away."""
EFFECT_MARGIN: Final = 0.35
"""Share of the effect, on the logarithmic scale, that a color must be worse by beyond doubt.

Two colors of one release differ by a little for ever (instances, caches, what is routed to them),
and with enough data any difference is certain. Of an effect of 25 % more it is 8 %.
"""
