"""The alphas of all tests of a bake, corrected for how many tests it makes.

A bake asks every check at every look, and one false alarm is enough to roll a good release back.
So the chance of a false alarm is divided by the number of tests (Bonferroni, which holds however
correlated looks and checks are). A pass is the other way round: a release that is bad in one metric
passes only if that metric's own check passes it. So only the looks share the chance, and only those
of the bake's second half, because no look passes a release before.

Tested in `bench/verification.py` and `test_verification_rates.py`.
"""

from typing import Final

from handlers.domain.statistics.comparison import Multiplicity

FALSE_ALARM_ALPHA: Final = 0.005
"""Chance that a bake finds an unchanged release unhealthy."""
FALSE_PASS_ALPHA: Final = 0.02
"""Chance that a bake finds a release healthy whose difference matters."""
_TESTS_PER_CHECK: Final = 4
"""Tests of one check at a look: limit or control, the whole bake or its last third."""


def failure_alpha(multiplicity: Multiplicity) -> float:
    """Return the alpha of one test that may condemn a release."""
    return FALSE_ALARM_ALPHA / (
        max(1, multiplicity.looks) * max(1, multiplicity.checks) * _TESTS_PER_CHECK
    )


def pass_alpha(multiplicity: Multiplicity) -> float:
    """Return the alpha of one look that may pass a release.

    The looks of one bake share most of their data, so the half of them that may pass count as about
    a quarter of all: measured by `bench/verification.py`, row "errors x2".
    """
    return FALSE_PASS_ALPHA / max(1, multiplicity.looks / 4)


MIN_COVERAGE: Final = 0.75
"""Share of the bake's periods that must be usable in the color."""
MIN_COVERAGE_OF_BOTH: Final = 0.6
"""Share of them that must be usable in color and control at once."""
MIN_PERIODS: Final = 4
"""Usable periods that a comparison needs: fewer say nothing of noise."""
SILENT_PERIODS: Final = 2
"""Periods at the end of the bake without a value after which a color counts as gone silent."""
END_PARTS: Final = 3
"""The bake's last third is also compared by itself, so that a slow leak is not averaged away."""
EFFECT_MARGIN: Final = 0.35
"""Share of the effect, on the logarithmic scale, by which a color must be significantly worse.

Two colors of one release always differ a little (instances, caches, routing), and with enough data
any difference is significant. Of an effect of 25 % more it is 8 %.
"""
