"""What others wrote is never markup."""

import pytest

from handlers.slack.messages import markup
from tests.support.builders import after

UNTIL = after(hours=8)


def test_a_time_is_told_in_each_readers_own_time_zone():
    stamp = int(UNTIL.timestamp())

    assert (
        markup.moment(UNTIL) == f"<!date^{stamp}^{{date_short_pretty}} {{time}}|23 Nov 17:00 UTC>"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"), ("&lt;", "&amp;lt;"), ("*é*", "*é*")],
)
def test_exactly_slacks_three_characters_are_escaped(text, shown):
    assert markup.plain(text) == shown


def test_text_that_is_cut_is_cut_between_what_is_escaped():
    assert markup.clipped("a < b\n```", 20) == "a &lt; b '''"
    assert markup.clipped("<" * 9, 10) == "&lt;&lt;…"
