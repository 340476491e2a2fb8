"""The board, held against Slack's limits by slack_sdk's own block models."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from handlers.domain.model import console_links
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome, Verdict
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.rollout import AskedQuestion, Board, Stage
from handlers.slack.action_ids import Action
from handlers.slack.board_blocks import rollout_board
from handlers.slack.message_budget import fits
from handlers.slack.messages.rollout_text import rollout_summary
from sandbox.wire.slack.slack_limits import problems_of_blocks
from simulator.example_release import image
from tests.support.builders import (
    NEW,
    a_color,
    a_decision,
    a_doubt,
    a_doubted_color,
    a_release,
    a_released_color,
    a_result,
    a_rollout,
    after,
    an_awaited,
    an_ended_rollout,
    an_evidence,
    execution,
)

MOST_BLOCKS = 50
MOST_TEXT = 40_000
"""Characters of a message's `text`: https://docs.slack.dev/reference/methods/chat.postMessage."""


def buttons(rollout):
    found = [
        e for block in rollout_board(rollout) for e in block.get("elements", ()) if "action_id" in e
    ]
    return {button["action_id"]: button for button in found}


def texts(rollout):
    """List all texts of a board, whatever block they are in."""
    shown = [block["text"]["text"] for block in rollout_board(rollout) if "text" in block]
    return shown + [
        e["text"] for b in rollout_board(rollout) if b["type"] == "context" for e in b["elements"]
    ]


def line_of(rollout, color):
    return next(text for text in texts(rollout) if f"*{color}*" in text)


def asking(color="red", **given):
    return a_color(color, stage=Stage.ASKING, approval=f"question-{color}", **given)


def slack_takes(rollout):
    drawn = rollout_board(rollout)
    for block in Block.parse_all(drawn):
        block.validate_json()
    assert len(drawn) <= MOST_BLOCKS
    assert all(text.strip() for text in texts(rollout))
    assert 0 < len(rollout_summary(rollout)) <= MOST_TEXT
    json.dumps(drawn)
    return True


def test_what_is_asked_is_asked_by_a_message_of_its_own_to_which_the_board_links():
    message = Board(channel="C0ROLLOUTS", ts="2.000002", link="https://recipes.slack.com/p2")
    asked = {"question-red": AskedQuestion(message=message)}
    rollout = a_rollout(asking("red", asked=asked))

    assert set(buttons(rollout)) == {Action.WITHDRAW}
    assert line_of(rollout, "red").endswith("<https://recipes.slack.com/p2|question>")


def test_the_board_says_what_who_why_and_where_each_color_is():
    rollout = a_rollout(a_released_color("red"), asking("yellow"))

    shown = texts(rollout)

    assert shown[0] == "api v1.42.0"
    assert shown[1] == "<@U0CAROL> asked for it: faster search"
    assert ":red_circle: :white_check_mark: *red* runs the release · api:42" in shown[2]
    assert ":large_yellow_circle: :question: *yellow* waits for an answer" in shown[3]
    assert ":large_green_circle: :white_circle: *green* waits its turn" in shown[4]


def test_it_links_to_the_execution_and_shows_the_digest():
    footer = texts(a_rollout())[-1]

    assert (
        f"<{console_links.execution(execution('api-v1.42.0-1'))}|execution api-v1.42.0-1>" in footer
    )
    assert "`sha256:222222222222`" in footer


def test_the_link_names_the_region_and_the_execution():
    url = console_links.execution(execution("api-v1.42.0-1"))

    assert url.startswith("https://ap-northeast-1.console.aws.amazon.com/states/home?region=ap-")
    assert url.endswith(execution("api-v1.42.0-1"))


def test_before_anything_was_changed_a_rollout_can_be_withdrawn():
    rollout = a_rollout(asking("red"))

    button = buttons(rollout)[Action.WITHDRAW]

    assert (button["value"], Action.ROLL_BACK_NOW in buttons(rollout)) == (rollout.id, False)
    assert button["confirm"]["title"]["text"] == "Withdraw?"


@pytest.mark.parametrize(
    ("kind", "what", "said"),
    [
        (Awaits.IMAGE, "api:v1", "waiting for api:v1 to be pushed, since <!date^"),
        (Awaits.SCAN, "api:v1", "waiting for the scan of api:v1, since <!date^"),
        (Awaits.TURN, "api-v1-5f", "waiting its turn: api-v1-5f has api, since <!date^"),
    ],
)
def test_what_is_waited_for_is_said_and_can_be_withdrawn(kind, what, said):
    waiting = a_rollout(colors={}, awaits=an_awaited(kind=kind, what=what))

    assert any(said in text for text in texts(waiting))
    assert said in rollout_summary(waiting)
    assert list(buttons(waiting)) == [Action.WITHDRAW]
    slack_takes(waiting)


def test_nothing_is_waited_for_once_it_has_ended():
    over = an_ended_rollout(colors={}, awaits=an_awaited(), outcome="image_not_found")

    assert not any("waiting" in text for text in texts(over))
    assert buttons(over) == {}


def test_once_a_color_was_changed_a_rollout_can_be_rolled_back_at_any_time():
    rollout = a_rollout(a_released_color("red"), a_color("yellow", stage=Stage.DEPLOYING))

    button = buttons(rollout)[Action.ROLL_BACK_NOW]

    assert (button["value"], Action.WITHDRAW in buttons(rollout)) == (rollout.id, False)
    assert "red" in button["confirm"]["text"]["text"]


def test_what_is_going_back_already_offers_nothing_more():
    asked = a_rollout(a_released_color("red"), roll_back_asked=a_decision("roll_back"))
    only_back = a_rollout(a_released_color("red"), rolls_back="api-0")

    assert buttons(asked) == buttons(only_back) == {}


@pytest.mark.parametrize("decided", ["rejected", "expired", "withdrawn"])
def test_a_color_that_was_refused_does_not_say_that_it_waits(decided):
    color = asking("yellow", decision=a_decision(decided))

    assert "waits for an answer" not in line_of(a_rollout(color), "yellow")


@pytest.mark.parametrize("color", [asking("yellow"), a_color("yellow")], ids=["asking", "waiting"])
def test_once_a_rollout_has_ended_no_color_waits(color):
    rollout = an_ended_rollout(color, outcome="aborted", cause="Stopped.")

    assert "waits" not in line_of(rollout, "yellow")


@pytest.mark.parametrize(
    "outcome",
    sorted(
        set(RolloutOutcome)
        - {RolloutOutcome.ABORTED, RolloutOutcome.TIMED_OUT, RolloutOutcome.FAULT}
    ),
)
def test_a_rollout_that_ended_by_itself_has_nothing_to_press(outcome):
    rollout = an_ended_rollout(a_released_color("red"), asking("yellow"), outcome=outcome)

    assert buttons(rollout) == {}


@pytest.mark.parametrize("outcome", ["aborted", "timed_out", "fault"])
def test_a_rollout_that_was_ended_from_outside_can_be_rolled_back_by_a_button(outcome):
    rollout = an_ended_rollout(a_released_color("red"), asking("yellow"), outcome=outcome)

    shown = buttons(rollout)

    assert set(shown) == {Action.ROLL_BACK}
    assert shown[Action.ROLL_BACK]["value"] == rollout.id


@pytest.mark.parametrize(
    "colors",
    [(), (a_color("red", stage=Stage.PUT_BACK, changed=True),)],
    ids=["nothing changed", "all put back"],
)
def test_there_is_nothing_to_roll_back_where_nothing_is_left_changed(colors):
    rollout = an_ended_rollout(*colors, outcome="aborted")

    assert not rollout.can_be_put_back
    assert buttons(rollout) == {}


def test_an_open_rollout_is_not_put_back_by_another():
    assert not a_rollout(a_released_color("red")).can_be_put_back


def test_an_ended_rollout_says_how_and_why_and_how_long_it_took():
    rollout = an_ended_rollout(
        outcome="rejected", cause="U0BOB rejected red: 502s & more", ended=after(minutes=65)
    )

    shown = texts(rollout)

    assert "*Rejected.* <@U0BOB> rejected red: 502s &amp; more" in shown
    assert "took 1 h 5 min" in shown[-1]
    assert (
        rollout_summary(rollout)
        == "api v1.42.0: *Rejected.* <@U0BOB> rejected red: 502s &amp; more"
    )


def test_an_open_rollout_says_nothing_of_an_end():
    assert not any("**" in text for text in texts(a_rollout(a_released_color("red"))))


def test_under_a_color_stands_what_is_seen_of_it():
    rollout = a_rollout(a_released_color("red", evidence=an_evidence(a_result("errors"))))

    shown = texts(rollout)
    under = rollout_board(rollout)[3]

    assert line_of(rollout, "red") == shown[2]
    assert under["type"] == "context"
    assert under["elements"][0]["text"].startswith("*healthy* · 10 min · errors 0.4")


def test_a_color_of_which_nothing_is_seen_yet_has_nothing_under_it():
    assert [b["type"] for b in rollout_board(a_rollout())[2:5]] == ["section"] * 3


def test_a_reason_stands_once_on_the_board():
    alarm = a_result("alarm api-red-5xx", Verdict.UNHEALTHY, detail="It is in ALARM.")
    seen = an_evidence(alarm, verdict=Verdict.UNHEALTHY, detail="It is in ALARM.")
    failed = a_color("red", stage=Stage.FAILED, changed=True, detail=seen.detail, evidence=seen)
    unclear = a_doubted_color("red", evidence=seen, detail=seen.detail)

    assert "\n".join(texts(a_rollout(failed))).count("It is in ALARM.") == 1
    assert "\n".join(texts(a_rollout(unclear))).count("It is in ALARM.") == 1


def test_notifications_say_where_each_color_is():
    rollout = a_rollout(a_released_color("red"), a_color("yellow", stage=Stage.GOING_BACK))

    assert rollout_summary(rollout) == "api v1.42.0: red released, yellow going back, green waiting"


def test_the_question_is_nowhere_but_in_its_buttons():
    rollout = a_rollout(asking("red"))

    drawn = rollout_board(rollout)
    for block in drawn:
        for element in block.get("elements", ()):
            element.pop("value", None)

    assert "question-red" not in json.dumps(drawn)
    assert "question-red" not in rollout_summary(rollout)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("color", COLORS)
def test_slack_takes_every_stage_of_every_color(stage, color):
    progress = a_color(
        color, stage=stage, changed=True, approval="q", detail="why", outcome="failed"
    )

    assert slack_takes(a_rollout(progress))


@pytest.mark.parametrize("outcome", RolloutOutcome)
def test_slack_takes_every_end(outcome):
    assert slack_takes(an_ended_rollout(a_released_color("red"), outcome=outcome))


def test_slack_takes_a_refused_rollout_that_has_no_colors():
    assert slack_takes(a_rollout(colors={}, release=a_release(name="", images={}, revision="")))


def test_slack_takes_a_rollout_of_very_many_images():
    images = {f"container-{number}": image() for number in range(1_000)}
    release = a_release(
        name=", ".join(f"image-{number}:v1.42.0" for number in range(4_000)), images=images
    )

    assert slack_takes(a_rollout(release=release))


long_texts = st.text(st.sampled_from("<>&ab`*é😀 \n"), max_size=30).flatmap(
    lambda text: st.sampled_from([text, text * 200, text * 2_000])
)


results = st.builds(
    a_result,
    check=st.sampled_from(["requests", "errors", "latency", "smoke"]) | long_texts,
    verdict=st.sampled_from(Verdict),
    detail=long_texts,
    value=long_texts,
    control=long_texts,
    series=st.lists(st.floats(), max_size=60),
)
evidences = st.builds(
    lambda results, **given: an_evidence(*results, **given),
    st.lists(results, max_size=6),
    verdict=st.sampled_from(Verdict),
    detail=long_texts,
    control=st.sampled_from([(), ("yellow", "green")]),
)


@st.composite
def rollouts(draw):
    colors = [
        a_color(
            color,
            stage=draw(st.sampled_from(Stage)),
            changed=draw(st.booleans()),
            approval=draw(st.sampled_from(["", f"question-{color}"])),
            decision=draw(st.none() | st.builds(a_decision, by=st.just("U0BOB"))),
            detail=draw(long_texts),
            failure=draw(long_texts),
            evidence=draw(st.none() | evidences),
            doubt=draw(st.none() | st.builds(a_doubt, approved_by=st.just(("U0BOB",)))),
        )
        for color in draw(st.permutations(COLORS))[: draw(st.integers(0, 3))]
    ]
    is_open = draw(st.booleans())
    end = (
        {}
        if is_open
        else {"outcome": draw(st.sampled_from(RolloutOutcome)), "ended": after(days=6)}
    )
    return a_rollout(
        *colors,
        requested_by=draw(st.sampled_from(["", "U0CAROL", "nightly build"])),
        reason=draw(long_texts)[:500],
        cause=draw(long_texts),
        release=a_release(revision=draw(st.sampled_from(["", NEW]))),
        **end,
    )


@given(rollouts())
def test_slack_takes_every_board(rollout):
    assert slack_takes(rollout)


def test_a_digest_that_containers_share_is_shown_once():
    images = {"app": image(), "sidekiq": image()}

    footer = texts(a_rollout(release=a_release(images=images)))[-1]

    assert footer.count("sha256:") == 1


def test_rolling_back_an_ended_rollout_is_confirmed_like_rolling_back_now():
    rollout = an_ended_rollout(a_released_color("red"), a_color("yellow"), outcome="aborted")

    elements = [e for block in rollout_board(rollout) for e in block.get("elements", ())]
    (pressed,) = [e for e in elements if e.get("action_id")]

    assert pressed["action_id"] == "roll_back"
    assert pressed["confirm"]["text"]["text"] == "red will be put back."


def test_the_longest_board_fits_into_one_message():
    colors = [
        a_color(name, stage=Stage.FAILED, detail="<@U0BOB> " * 900, service=f"api-{name}")
        for name in ("red", "yellow", "green")
    ]
    rollout = an_ended_rollout(*colors, outcome="failed", cause="&" * 9_000, reason="*why* " * 700)

    drawn = rollout_board(rollout)

    assert fits(drawn)
    assert problems_of_blocks(drawn) == []
