"""Weighing what the comparisons of one metric found, and how numbers are written."""

import pytest

from handlers.domain.model.outcomes import Verdict
from handlers.domain.statistics.comparison_result import (
    ComparisonResult,
    combined_verdict,
    level_text,
    percent,
    relative_change,
)

FINE = ComparisonResult(why="Fine.", is_within=True)
WORSE = ComparisonResult(why="Worse.", is_beyond=True)
UNSURE = ComparisonResult(why="Unsure.")
PAST_FINE = ComparisonResult(why="As ever.", is_within=True, is_against_past=True)
PAST_WORSE = ComparisonResult(why="Worse than ever.", is_beyond=True, is_against_past=True)
PAST_SUSPECT = ComparisonResult(why="It may be worse.", is_suspect=True, is_against_past=True)
PAST_UNSURE = ComparisonResult(why="Nobody knows.", is_against_past=True)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.INCONCLUSIVE),
        ([FINE], Verdict.HEALTHY),
        ([FINE, WORSE], Verdict.UNHEALTHY),
        ([FINE, UNSURE], Verdict.INCONCLUSIVE),
        ([FINE, PAST_FINE], Verdict.HEALTHY),
        ([FINE, PAST_UNSURE], Verdict.HEALTHY),
        ([FINE, PAST_SUSPECT], Verdict.INCONCLUSIVE),
        ([FINE, PAST_WORSE], Verdict.INCONCLUSIVE),
        ([WORSE, PAST_FINE], Verdict.UNHEALTHY),
        ([PAST_FINE], Verdict.HEALTHY),
        ([PAST_UNSURE], Verdict.INCONCLUSIVE),
        ([PAST_WORSE], Verdict.INCONCLUSIVE),
    ],
)
def test_all_findings_together_make_the_verdict(findings, verdict):
    assert combined_verdict(findings)[0] is verdict


def test_the_sentence_is_of_the_finding_that_decides():
    assert combined_verdict([FINE, WORSE])[1] == "Worse."
    assert combined_verdict([FINE, PAST_WORSE])[1] == "Worse than ever."
    assert combined_verdict([FINE, PAST_FINE])[1] == "Fine. As ever."


def test_numbers_are_written_as_people_say_them():
    assert [percent(share) for share in (0.0042, 0.042, 0.42)] == ["0.42 %", "4.2 %", "42 %"]
    assert [relative_change(times) for times in (0.9, 1.25, 3.14)] == [
        "10 % less",
        "25 % more",
        "3.1 times as much",
    ]
    assert [level_text(1234.5, "ms"), level_text(3.44, "%"), level_text(0.5)] == [
        "1,234 ms",
        "3.4 %",
        "0.500",
    ]
