"""How much is played: a sample, or with `--prove` everything; see `tests/support/sample.py`."""

import re
from collections import Counter
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from tests.support.sample import Extent, of_all
from tests.support.sendable import sendable

PLAYED = pytest.StashKey[dict[str, Counter]]()
"""What was played → how many, and of how many."""
TESTS = "tests"
SPREAD = ("tests/simulation/", "tests/unit/security/", "tests/unit/bench/", "test_closed_door.py")
"""Tests that share nothing which is dear to make: any worker runs any of them."""
IN_PARTS = {"test_scenarios.py": 3}
"""Files whose tests share a sandbox, and take minutes: in how many parts workers run them."""
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


class Scheduling(LoadFileScheduling):
    """Gives a worker a whole file, but for those that would hold it for long."""

    def _split_scope(self, nodeid):
        path, _, test = nodeid.partition("::")
        if any(each in path for each in SPREAD):
            return nodeid
        parts = IN_PARTS.get(path.rpartition("/")[2], 1)
        parameter = re.search(r"\[(.*)\]", test)
        return f"{path} {crc32(parameter[1].encode()) % parts if parameter else 0}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what is not of this extent; have first what waits for servers."""
    other = "sample" if Extent.is_whole else "prove"
    left_out = [item for item in items if item.get_closest_marker(other)]
    listed = len(items) - (len(left_out) if Extent.is_whole else 0)
    items[:] = [item for item in items if not item.get_closest_marker(other)]
    items.sort(key=lambda item: item.get_closest_marker("wire") is None)
    config.hook.pytest_deselected(items=left_out)
    _count(config, TESTS, len(items), listed)
    if hasattr(config, "workeroutput"):
        config.workeroutput[TESTS] = [len(items), listed]


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    return sendable((yield))


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
