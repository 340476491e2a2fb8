"""What people are shown of the evidence, on the board, in the thread and when they ask."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.slack.messages.evidence_text import (
    MAX_CHARACTERS,
    NO_BREAK,
    evidence_line,
    evidence_message,
    no_evidence,
    rollout_evidence,
)
from handlers.slack.text_table import columns_of, table
from tests.support.builders import (
    NOW,
    a_color,
    a_decision,
    a_doubt,
    a_released_color,
    a_result,
    a_rollout,
    after,
    an_evidence,
)

REQUESTS = a_result("requests", value="6,012", control="12,110")
ERRORS = a_result("errors", series=(1, 8))
LATENCY = a_result("latency", value="212 ms", control="208 ms")
LOOK = "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logs?a=1&b=2"


def line(*results, stage=Stage.RELEASED, said="", **given):
    """Say the board's line with plain spaces."""
    shown = evidence_line(a_color(stage=stage), an_evidence(*results, **given), said)
    return shown.replace(NO_BREAK, " ")


def message(*results, color=None, **given):
    return evidence_message(color or a_released_color(), an_evidence(*results, **given))


def drawn(text):
    """Return the rows of the table in a message."""
    return text.split("```")[1].strip("\n").split("\n")


def test_the_board_says_verdict_time_requests_and_what_they_are_held_against():
    assert line(REQUESTS, ERRORS, LATENCY) == (
        "*healthy* · 10 min · 6,012 requests · errors 0.4 % (control 0.5 %) ▁█ · "
        "latency 212 ms (control 208 ms)"
    )


def test_a_number_stays_with_its_unit_on_a_narrow_screen():
    shown = evidence_line(a_color(), an_evidence(ERRORS))

    assert shown.endswith("errors 0.4\u00a0% (control\u00a00.5\u00a0%)\u00a0▁█")


def test_during_the_bake_it_says_how_long_and_how_often_it_was_looked_at():
    baking = {"stage": Stage.VERIFYING, "at": after(minutes=4), "looks": 5}

    watching = line(REQUESTS, verdict=Verdict.WATCHING, **baking)
    early = line(REQUESTS, verdict=Verdict.NO_DATA, **baking)

    assert watching == "*baking* for 4 min · 5 looks · 6,012 requests"
    assert early == "*baking* for 4 min · 5 looks · no data so far · 6,012 requests"


@pytest.mark.parametrize("early", [Verdict.NO_DATA, Verdict.INCONCLUSIVE])
def test_during_the_bake_it_is_no_trouble_that_there_is_too_little_to_tell(early):
    baking = {"stage": Stage.VERIFYING, "verdict": Verdict.WATCHING}
    few = (a_result("requests", early, value="41"), a_result("smoke", early))

    assert line(*few, **baking) == "*baking* for 10 min · 11 looks · 41 requests"
    assert "*41 requests*" in line(*few, verdict=early)
    assert "*smoke*: smoke as usual." in line(*few, verdict=early)


@pytest.mark.parametrize("bad", [Verdict.UNHEALTHY, Verdict.ERROR])
def test_during_the_bake_what_is_wrong_already_stands_out(bad):
    baking = {"stage": Stage.VERIFYING, "verdict": Verdict.WATCHING}

    shown = line(a_result(value="9 %", verdict=bad), a_result("smoke", bad), **baking)

    assert "*errors 9 %*" in shown
    assert "*smoke*: smoke as usual." in shown


def test_the_first_look_has_no_time_to_tell():
    shown = line(stage=Stage.VERIFYING, verdict=Verdict.WATCHING, at=NOW, looks=1)

    assert shown == "*baking*"


def test_a_comparison_with_its_own_past_says_so():
    assert line(ERRORS, control=()) == (
        "*healthy* · 10 min · errors 0.4 % (before 0.5 %) ▁█ · against its own past"
    )


def test_what_was_compared_with_nothing_does_not_speak_of_the_past():
    assert line(a_result(control=""), control=()) == "*healthy* · 10 min · errors 0.4 %"


def test_a_check_in_trouble_stands_out():
    bad = a_result(verdict=Verdict.UNHEALTHY, value="2.1 %")

    assert "*errors 2.1 %* (control 0.5 %)" in line(bad, verdict=Verdict.UNHEALTHY)


@pytest.mark.parametrize(
    ("check", "verdict", "said"),
    [
        ("requests", Verdict.NO_DATA, "*requests no data*"),
        ("errors", Verdict.ERROR, "*errors error* (control 0.5 %)"),
        ("latency", Verdict.NO_DATA, "*latency no data* (control 0.5 %)"),
    ],
)
def test_what_was_not_measured_is_said_and_not_left_out(check, verdict, said):
    assert line(a_result(check, verdict, value="")).endswith(f" · {said}")


def test_other_checks_are_explained_only_when_they_are_in_trouble():
    alarm = a_result("alarm api-red-5xx", Verdict.UNHEALTHY, detail="It is in ALARM.")
    memory = a_result("memory")

    assert line(alarm, memory).split("\n")[1:] == ["✗ *alarm api-red-5xx*: It is in ALARM."]


def test_what_the_board_says_already_is_not_said_again():
    alarm = a_result("alarm a", Verdict.UNHEALTHY, detail="p99 < 3 s.")

    assert "\n" not in line(alarm, said="*red* failed\np99 &lt; 3 s.")


def test_a_check_in_trouble_without_words_of_its_own_is_named_all_the_same():
    alarm = a_result("alarm a", Verdict.ERROR, detail="")

    assert line(alarm, said="*red* failed").endswith("\n! *alarm a*: error")


def test_of_many_checks_in_trouble_the_worst_are_explained_and_the_rest_counted():
    unsure = [a_result(f"log {n}", Verdict.INCONCLUSIVE) for n in range(4)]
    bad = a_result("smoke", Verdict.UNHEALTHY, detail="It answered 500.")

    explained = line(*unsure, bad).split("\n")[1:]

    assert explained[0] == "✗ *smoke*: It answered 500."
    assert len(explained) == 4
    assert explained[-1] == "… and 2 more"


@pytest.mark.parametrize("check", ["latency", "cpu"])
def test_a_dry_run_is_never_on_the_board(check):
    assert check not in line(a_result(check, Verdict.UNHEALTHY, dry_run=True), ERRORS)


def test_the_thread_has_a_table_of_all_numbers():
    told = message(REQUESTS, ERRORS, a_result("tasks", value="", control=""))

    assert drawn(told) == [
        "check         now  control",
        "✓ requests  6,012   12,110",
        "✓ errors    0.4 %    0.5 %",
        "✓ tasks",
    ]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_mark(verdict):
    told = message(a_result(verdict=verdict))

    assert len(drawn(told)[1].split(" errors")[0]) == 1


def test_it_says_what_was_found_what_follows_how_long_and_against_whom():
    bad = {"verdict": Verdict.UNHEALTHY, "reaction": Reaction.ROLL_BACK, "detail": "Too many."}

    told = message(ERRORS, **bad, at=after(minutes=3), looks=4)

    assert told.split("\n")[:2] == [
        "*red* is *unhealthy* → roll back · 3 min, 4 looks · control: yellow and green",
        "Too many.",
    ]


def test_a_weaker_verdict_says_why_it_is_weaker_and_its_table_does_not_speak_of_a_control():
    told = message(ERRORS, control=(), looks=1)

    assert "*red* is *healthy* · 10 min, 1 look · against its own past, which is weaker\n" in told
    assert drawn(told)[0].split() == ["check", "now", "before"]


def test_reasons_come_worst_first_and_dry_runs_last():
    told = message(
        a_result("cpu", Verdict.UNHEALTHY, dry_run=True),
        ERRORS,
        a_result("memory", Verdict.INCONCLUSIVE),
        a_result("smoke", Verdict.UNHEALTHY),
    )

    assert told.split("```\n")[-1].split("\n") == [
        "✗ *smoke*: smoke as usual.",
        "? *memory*: memory as usual.",
        "✓ *errors*: errors as usual.",
        "✗ *cpu* (dry run): cpu as usual.",
    ]
    assert drawn(told)[-1].startswith("✗ (cpu)")


def test_a_link_leads_to_where_one_can_look_closer():
    told = message(a_result(link=LOOK))

    assert told.endswith(f"errors as usual. <{LOOK.replace('&', '&amp;')}|look>")


def test_the_dashboard_is_linked_with_the_verdict():
    told = message(link=LOOK)

    assert told.split("\n")[1].endswith(f" <{LOOK.replace('&', '&amp;')}|dashboard>")


def test_a_link_that_holds_slacks_own_marks_stays_one_link():
    told = message(a_result(link="https://example.com/a|b<c>"))

    assert told.endswith("<https://example.com/a%7Cb%3Cc%3E|look>")


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://a b", "!channel"])
def test_what_is_no_address_is_no_link(link):
    assert "|look>" not in message(a_result(link=link))


def test_what_the_verdict_says_is_not_said_again_but_still_linked():
    told = message(ERRORS, a_result("memory", link=LOOK), detail="errors as usual.")

    assert told.count("errors as usual.") == 1
    assert message(a_result(link=LOOK), detail="errors as usual.").count("errors as usual.") == 1
    assert "✓ *errors* <https" in message(a_result(link=LOOK), detail="errors as usual.")


def test_without_numbers_there_is_no_table():
    assert "```" not in message(a_result("tasks", value="", control=""))
    assert "```" not in message()


def test_an_answer_to_the_question_whether_it_stays_is_told_with_it():
    kept = a_released_color(doubt=a_doubt(decision=a_decision(by="U0ALICE")))

    told = message(ERRORS, color=kept)

    assert told.split("\n")[0].endswith(" · kept by <@U0ALICE> though unclear")


def test_too_many_reasons_are_counted():
    told = message(*(a_result(f"check-{n}", detail="x" * 90) for n in range(200)))

    assert len(told) <= MAX_CHARACTERS
    assert re.search(r"\n… and 1\d\d more$", told)
    assert len(drawn(told)) == 22
    assert drawn(told)[-1] == "… and 180 more"


def test_where_room_is_short_links_are_left_out_and_no_reason_is():
    long = f"https://example.com/{'y' * 900}"

    told = message(*(a_result(f"check-{n}", link=long) for n in range(10)))

    assert len(told) <= MAX_CHARACTERS
    assert told.count("*check-") == 10
    assert told.count("|look>") == 2
    assert "check-0 as usual. <https" in told


def test_the_evidence_of_a_rollout_is_that_of_each_color_that_has_any():
    red = a_released_color("red", evidence=an_evidence(ERRORS))
    yellow = a_released_color("yellow", evidence=an_evidence(ERRORS, control=("green",)))

    told = rollout_evidence(a_rollout(red, yellow)).split("\n\n")

    assert told[0] == "What was seen of *api v1.42.0* (api-v1.42.0-1):"
    assert [part.split(" ")[0] for part in told[1:]] == ["*red*", "*yellow*"]


def test_a_rollout_that_was_not_verified_yet_says_so():
    assert rollout_evidence(a_rollout()) == "No color of api v1.42.0 was verified yet."
    assert no_evidence("api") == "There is no evidence of any recent rollout of api."


texts = st.text(st.sampled_from("<>&`*@!|🍣漢 \nab"), max_size=40) | st.just("<&>" * 400)
results = st.builds(
    a_result,
    check=texts,
    verdict=st.sampled_from(Verdict),
    detail=texts,
    value=texts,
    control=texts,
    link=texts.map(lambda text: f"https://{text}"),
    dry_run=st.booleans(),
    series=st.lists(st.floats(), max_size=30),
)
evidences = st.builds(
    lambda results, **given: an_evidence(*results, **given),
    st.lists(results, max_size=30),
    verdict=st.sampled_from(Verdict),
    reaction=st.sampled_from(Reaction),
    detail=texts,
    control=st.sampled_from([(), ("yellow",), ("yellow", "green")]),
)


@given(evidences)
def test_text_of_others_is_never_markup_nor_ends_the_table(evidence):
    color = a_released_color(evidence=evidence)

    told = evidence_message(color, evidence)

    without_links = re.sub(r"<https://[^<>|]*\|look>", "", told)
    assert "<" not in without_links
    assert ">" not in without_links
    assert told.count("```") in {0, 2}
    assert "<" not in evidence_line(color, evidence)
    assert len(told) <= MAX_CHARACTERS


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8))
def test_a_table_is_never_wider_than_it_may_be(rows):
    lines = table([("check", "now", "control"), *rows], (24, 13, 13)).split("\n")

    assert len(lines) == len(rows) + 1
    assert max(map(columns_of, lines)) <= 24 + 13 + 13 + 4
    assert "`" not in "".join(lines)


def test_wide_characters_are_aligned_by_what_they_take_on_the_screen():
    rows = [("check", "now"), ("寿司", "1"), ("soup", "22")]

    assert table(rows, (10, 10)) == "check  now\n寿司     1\nsoup    22"


def test_a_cell_that_is_too_wide_is_cut():
    assert table([("check", "now"), ("寿司寿司", "1")], (5, 5)) == "check  now\n寿司…    1"


def test_a_column_that_nothing_is_in_is_left_out():
    assert table([("check", "now", "control"), ("a", "", "1")], (9, 9, 9)) == (
        "check  control\na            1"
    )


def test_the_table_of_evidence_fits_a_phone_whatever_its_checks_are_called():
    long = [a_result("alarm " + "x" * 90, value="1,234.56 ms" * 3, control="9" * 40)]
    red = a_released_color("red", evidence=an_evidence(*long))

    rows = evidence_message(red, red.evidence).split("```")[1].strip().split("\n")

    assert max(map(columns_of, rows)) <= 38
