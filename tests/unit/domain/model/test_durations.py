from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.domain.model.durations import in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90 s", timedelta(seconds=90)),
        ("30 min", timedelta(minutes=30)),
        ("8 h", timedelta(hours=8)),
        ("2 d", timedelta(days=2)),
        ("1 h 30 min", timedelta(minutes=90)),
        ("1h30min", timedelta(minutes=90)),
        (" 5 min ", timedelta(minutes=5)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "soon", "30", "min", "0 s", "-5 min", "1.5 h", "30 minutes", "5 min later", "1 h, 5 min"],
)
def test_what_is_no_positive_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not a duration such as '30 min' or '8 h'"):
        parse_duration(text)


def test_a_duration_longer_than_python_can_hold_is_refused_likewise():
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration("999999999999 d")


@given(
    larger=st.integers(0, 23),
    smaller=st.integers(0, 23),
    units=st.sampled_from([("minutes", "seconds"), ("hours", "minutes"), ("days", "hours")]),
)
def test_what_is_said_in_two_units_is_read_back_as_the_same(larger, smaller, units):
    duration = timedelta(**dict(zip(units, (larger, smaller), strict=True)))
    assume(duration)

    assert parse_duration(in_words(duration)) == duration


@given(st.timedeltas(timedelta(), timedelta(days=400)))
def test_a_duration_is_said_in_at_most_two_units_and_never_longer_than_it_is(duration):
    said = in_words(duration)

    seconds = timedelta(seconds=round(duration.total_seconds()))
    if said == "0 s":
        assert not seconds
        return
    assert len(said.split()) <= 4
    assert timedelta() <= seconds - parse_duration(said) < max(seconds / 2, timedelta(seconds=1))


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(milliseconds=400), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(seconds=200), "3 min 20 s"),
        (timedelta(hours=8), "8 h"),
        (timedelta(hours=1, seconds=5), "1 h"),
        (timedelta(days=1, hours=2, minutes=3), "1 d 2 h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration, said):
    assert in_words(duration) == said
