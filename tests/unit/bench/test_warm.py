"""When the bench of the acknowledgement path fails: never because the machine is busy."""

import pytest

from bench.warm import ClickResult, failures


def click(seconds=0.1, status=200):
    return ClickResult(seconds=seconds, status=status)


@pytest.mark.parametrize(
    ("clicks", "problems"),
    [
        ([click(), click()], []),
        ([click(), click(seconds=20)], []),
        ([click(), click(status=0)], ["50 at once: 1 of 2 clicks were not answered with 200"]),
        ([click(seconds=3.5)], ["50 at once: the fastest click took 3.5 s"]),
    ],
    ids=["well", "one is late", "one is lost", "all are late"],
)
def test_a_late_click_is_no_failure_unless_all_are(clicks, problems):
    assert failures({"1 at a time": [click()], "50 at once": clicks}) == problems
