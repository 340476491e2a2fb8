"""A few of the bench's simulations, so that the rates in the documentation cannot silently rot."""

from collections import Counter
from pathlib import Path

import pytest

from bench.judges import is_high, mann_whitney, score
from bench.verification import ASKED, PASSED, ROLLED_BACK, ROWS, ends, heading, line

RUNS = 30
BAD = [row for row in ROWS if row.is_bad]
GOOD = [row for row in ROWS if not row.is_bad]


def shingos(row, runs=RUNS):
    return Counter(how for how, _ in ends(row, "rates", range(runs), ["Shingo"])["Shingo"])


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.name)
def test_a_release_that_is_no_worse_is_not_rolled_back(row):
    assert shingos(row)[ROLLED_BACK] <= 1


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.name)
def test_a_release_that_is_worse_is_not_passed(row):
    assert shingos(row)[PASSED] <= 2


def row_of(name):
    return next(row for row in ROWS if row.name == name)


def test_at_ordinary_traffic_a_good_release_passes_without_a_question():
    assert shingos(row_of("no difference: all three, autocorrelation 0.5"))[ASKED] <= 3


def test_errors_from_zero_are_rolled_back_within_ten_minutes():
    found = ends(row_of("errors from zero (0 to 1 %)"), "rates", range(RUNS), ["Shingo"])["Shingo"]

    assert {how for how, _ in found} == {ROLLED_BACK}
    assert max(minute for _, minute in found) <= 10


def test_the_same_seed_gives_the_same_table():
    row = ROWS[0]

    assert line(row, ends(row, "7", range(5))) == line(row, ends(row, "7", range(5)))
    assert heading().count("\n") == 1


def test_the_documentation_has_every_row():
    text = (Path(__file__).parents[3] / "bench" / "verification.md").read_text()
    assert [row.name.split() for row in ROWS] == [
        line.split("|")[1].split() for line in text.split(heading())[1].splitlines() if "|" in line
    ][: len(ROWS)]


def test_mann_whitney_of_four_against_four_apart_is_as_in_the_books():
    assert mann_whitney([5, 6, 7, 8], [1, 2, 3, 4]) == pytest.approx(0.0152, abs=1e-4)
    assert mann_whitney([1, 2, 3, 4], [5, 6, 7, 8]) > 0.95
    assert mann_whitney([1, 1], [1, 1]) == 1


def test_kayentas_rules_want_a_shift_and_an_effect():
    low, high = [float(at) for at in range(10, 20)], [float(at) for at in range(30, 40)]

    assert is_high(high, low, increase=1.25)
    assert not is_high(high, low, increase=5)
    assert not is_high(low, low, increase=1)
    assert is_high([], low, increase=1) is None


def test_kayentas_score_is_zero_where_half_has_no_data():
    assert score([False, None], [1, 1]) == 0
    assert score([False, True, False], [1, 1, 2]) == 75
