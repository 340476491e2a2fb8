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
    [("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"), ("&lt;", "&amp;lt;"), ("a * b", "a * b")],
)
def test_exactly_slacks_three_characters_are_escaped(text, shown):
    assert markup.plain(text) == shown


def test_text_that_is_cut_is_cut_between_what_is_escaped():
    assert markup.clipped("a < b\n```", 20) == "a &lt; b '''"
    assert markup.clipped("<" * 9, 10) == "&lt;&lt;…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* and _italic_", "\u2217bold* and \u02cditalic_"),
        ("~struck~, `code`", "\u223cstruck~, \u02cbcode`"),
        ("```all of it```", "\u02cb\u02cb\u02cball of it```"),
        ("foo_bar_baz 2*3*4 v1.2~rc", "foo_bar_baz 2*3*4 v1.2~rc"),
    ],
)
def test_what_people_write_is_no_markup(text, shown):
    assert markup.plain(text) == shown


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        ("U024BE7LH rejected yellow: W3C says no", "<@U024BE7LH> rejected yellow: W3C says no"),
        ("W024BE7LH withdrew the rollout.", "<@W024BE7LH> withdrew the rollout."),
        ("Red was unclear. U0BOB rolled it back", "Red was unclear. <@U0BOB> rolled it back"),
        ("api: U0BOB rejected red", "api: <@U0BOB> rejected red"),
        ("arn:aws:iam::123456789012:role/on-call rejected red", "role/on-call rejected red"),
        ("Nobody answered for red. USERS complain", "Nobody answered for red. USERS complain"),
    ],
)
def test_a_sentence_about_what_somebody_did_mentions_them(cause, shown):
    assert markup.with_people(cause) == shown


def test_those_who_cannot_answer_and_their_groups_are_mentioned():
    said = "red: none can: U0BOB asked for it, U0ERIN is deactivated, nobody is in S0NIGHT."

    assert markup.with_people(said) == (
        "red: none can: <@U0BOB> asked for it, <@U0ERIN> is deactivated, nobody is in "
        "<!subteam^S0NIGHT>."
    )
    assert markup.with_people("somebody of S0SRE must be among those who approve").startswith(
        "somebody of <!subteam^S0SRE> must"
    )
