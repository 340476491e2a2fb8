"""`make load`, with a handful of applications."""

import pytest
from rich.console import Console

from bench.crowd import STORIES, applications
from bench.load import print_report, run

pytestmark = pytest.mark.wire


def test_of_every_ten_rollouts_some_crash_some_are_unhealthy_and_some_are_refused():
    assert len(set(STORIES)) == 4
    assert len(set(applications(200).values())) == 4


def test_many_rollouts_at_once_all_end_rightly_within_the_published_rates(capsys):
    report = run(6, acceleration=60, workers=3, clock="world", console=Console(quiet=True))
    print_report(report, Console(width=200))

    assert report.problems == []
    assert report.dropped == 0
    said = capsys.readouterr().out
    assert "| rollouts at once | 6 |" in said
    assert "| RegisterTaskDefinition | 20 / 1 | 6 |" in said
