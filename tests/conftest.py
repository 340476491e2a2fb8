"""How much is played: a sample, or with `--prove` everything; see `tests/support/sample.py`."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from tests.support.sample import Extent, of_all

PLAYED = pytest.StashKey[dict[str, Counter]]()
"""What was played → how many, and of how many."""
TESTS = "tests"
EXAMPLES = 100
"""Hypothesis's own number for each test."""


def pytest_addoption(parser):
    parser.addoption("--prove", action="store_true", help="play everything, and not a sample")


def pytest_configure(config):
    Extent.is_whole = config.getoption("--prove")
    config.stash[PLAYED] = {}
    # The same examples every time and no files left behind: a red build is a defect, not bad
    # luck. How long one takes depends on the machine, and is nobody's fault.
    settings.register_profile(
        "shingo",
        max_examples=of_all(EXAMPLES),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    # `pytest --hypothesis-profile thorough` looks further.
    settings.register_profile("thorough", max_examples=2_000, database=None, deadline=None)
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("shingo")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what is not of this extent."""
    other = "sample" if Extent.is_whole else "prove"
    left_out = [item for item in items if item.get_closest_marker(other)]
    listed = len(items) - (len(left_out) if Extent.is_whole else 0)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    _count(config, TESTS, len(items), listed)
    if hasattr(config, "workeroutput"):
        config.workeroutput[TESTS] = [len(items), listed]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take over from a worker how many tests there are: every worker collects them all."""
    if TESTS in getattr(node, "workeroutput", {}):
        node.config.stash[PLAYED].pop(TESTS, None)
        _count(node.config, TESTS, *node.workeroutput[TESTS])


def _count(config, what, played, listed):
    counted = config.stash[PLAYED].setdefault(what, Counter())
    counted.update(played=played, listed=listed)


def pytest_terminal_summary(terminalreporter, config):
    """Say how many of how many were played."""
    for report in terminalreporter.getreports(""):
        for what, value in getattr(report, "user_properties", ()):
            if report.when == "teardown" and isinstance(value, (list, tuple)):
                _count(config, what, *value)
    of = [f"{n['played']:,} of {n['listed']:,} {what}" for what, n in config.stash[PLAYED].items()]
    extent = "all of it" if Extent.is_whole else "a sample; random examples at a tenth"
    terminalreporter.write_line(f"Played {', '.join(of)}: {extent}.")
