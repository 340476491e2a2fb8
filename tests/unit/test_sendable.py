import pytest
from execnet.gateway_base import DumpError, dumps

from tests.support.sendable import sendable


def test_a_report_over_half_an_emoji_can_be_sent_and_says_which():
    report = {"longrepr": [("E", "assert 'a \ud83d' == 'b'")], "duration": 0.1, "nodeid": "t"}

    with pytest.raises(DumpError):
        dumps(report)
    assert dumps(sendable(report))
    assert sendable(report)["longrepr"] == [("E", r"assert 'a \ud83d' == 'b'")]


def test_what_can_be_sent_stays_as_it_is():
    report = {"sections": [("Captured stdout", "信号 🚦")], "when": "call", "wasxfail": None}

    assert sendable(report) == report
