import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.messages.shortening import FENCE, parts_of, shortened

MARKUP = ["<@U024BE7LH>", "<!subteam^S0SRE>", "<https://a.example/x|an execution>", "&amp;", "&lt;"]
PIECES = [*MARKUP, "`api:42`", "word", " ", "\n", "\n\n", "é", "*bold*", "a-rather-long-word-of-it"]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
TORN = re.compile(r"<[^>]*$|&(?:[a-z]*)$|^[^<]*>")


def test_what_fits_is_left_as_it_is():
    assert shortened("red is deployed", 15) == "red is deployed"


@pytest.mark.parametrize("piece", MARKUP)
@pytest.mark.parametrize("most", range(8, 40))
def test_nothing_is_cut_inside_a_mention_a_link_or_an_entity(piece, most):
    text = shortened(f"ab {piece} cd {piece} ef", most)

    assert len(text) <= most
    assert not TORN.search(text.removesuffix("…"))


def test_a_block_of_code_that_is_cut_is_closed():
    rows = "a line\n" * 50
    text = shortened(f"seen:\n{FENCE}\n{rows}{FENCE}", 100)

    assert len(text) <= 100
    assert text.count(FENCE) == 2


def test_pages_end_at_lines_and_keep_everything():
    text = "\n\n".join(f"*app-{number}* is not being rolled out." for number in range(40))

    parts = parts_of(text, 300)

    assert all(len(part) <= 300 for part in parts)
    assert "\n\n".join(parts) == text


def test_a_block_of_code_goes_on_in_the_next_part():
    rows = "\n".join(f"row {number:03} of a table" for number in range(60))

    parts = parts_of(f"before\n{FENCE}\n{rows}\n{FENCE}\nafter", 300)

    assert all(len(part) <= 300 and part.count(FENCE) % 2 == 0 for part in parts)
    assert all(any(f"row {number:03}" in part for part in parts) for number in range(60))


@given(text=texts, most=st.integers(40, 120))
def test_no_part_is_torn_and_no_word_is_lost(text, most):
    parts = parts_of(text, most)

    assert all(len(part) <= most for part in parts)
    assert not any(TORN.search(part) for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@given(text=st.text(max_size=400), most=st.integers(20, 60))
def test_any_text_can_be_taken_apart(text, most):
    assert all(len(part) <= most for part in parts_of(text, most))
    assert len(shortened(text, most)) <= most
