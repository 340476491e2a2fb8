"""What people are told when they ask for status and history."""

import pytest

from handlers.domain.history.audit import EventKind
from handlers.domain.model import console_links
from handlers.domain.model.rollout import Stage
from handlers.slack.messages import history_text
from simulator.example_release import NEW_DIGEST, image
from tests.support.builders import (
    NEW,
    NOW,
    OTHER,
    a_color,
    a_decision,
    a_deploying_color,
    a_doubt,
    a_doubted_color,
    a_released_color,
    a_rollout,
    after,
    an_awaited,
    an_ended_rollout,
    an_entry,
    execution,
    revision,
)

COLORS = ("red", "yellow", "green")
BOARD = "https://slack.com/archives/C0ROLLOUTS/p1000001"
NINE = "<!date^1795424400^{date_short_pretty} {time}|23 Nov 09:00 UTC>"


def asking(color="yellow", **given):
    usual = {"stage": Stage.ASKING, "approval": "question", "until": NOW, "times": {"asking": NOW}}
    return a_color(color, **(usual | given))


def completed(**given):
    return an_ended_rollout(*(a_released_color(color) for color in COLORS), **given)


def test_an_open_rollout_says_what_it_waits_for_since_when_and_until_when():
    rollout = a_rollout(a_released_color("red"), asking("yellow"))

    said = history_text.status_text("api", [rollout], after(minutes=20)).split("\n")

    assert said == [
        "*api v1.42.0*, for 20 min. <@U0CAROL> asked for it: faster search",
        "*red* runs the release · api:42 · approved by <@U0BOB>",
        f"*yellow* waits for an answer · api:41 · since 20 min · expires {NINE}",
        "*green* waits its turn · api:41",
        f"<{BOARD}|board> · <{console_links.execution(execution('api-v1.42.0-1'))}|execution>",
    ]


def test_an_unclear_color_says_since_when_it_waits_and_what_happens_if_nobody_answers():
    red = a_doubted_color("red", times={Stage.UNCLEAR: NOW}, doubt=a_doubt(until=NOW))

    said = history_text.status_text("api", [a_rollout(red)], after(minutes=20)).split("\n")

    assert said[1] == (
        "*red* runs the release and is unclear · api:42 · approved by <@U0BOB> · since 20 min · "
        f"rolled back {NINE}"
    )


def test_a_rollout_that_waits_for_its_image_says_for_how_long():
    rollout = a_rollout(colors={}, awaits=an_awaited())

    said = history_text.status_text("api", [rollout], after(minutes=3))

    assert "waiting for api:v1.42.0 to be pushed, since 3 min." in said
    assert "between two steps" not in said


def test_a_deployment_says_since_when_it_is_under_way():
    rollout = a_rollout(a_deploying_color("red", detail="1 of 2 tasks run"))

    said = history_text.status_text("api", [rollout], after(minutes=3))

    assert "*red* is being deployed · since 3 min\n1 of 2 tasks run\n" in said


def test_a_rollout_between_two_steps_says_so():
    said = history_text.status_text("api", [a_rollout(a_released_color("red"))], after(minutes=1))

    assert "It is between two steps." in said


def test_a_rollout_without_a_board_yet_links_to_its_execution():
    said = history_text.status_text("api", [a_rollout(board=None)], NOW)

    assert "board" not in said
    assert "|execution>" in said


def test_the_open_rollout_is_told_whatever_was_refused_since():
    refused = an_ended_rollout(id="api-2", outcome="busy", colors={})
    opening = a_rollout(id="api-3", colors={})

    said = history_text.status_text("api", [opening, refused, a_rollout(asking())], NOW)

    assert said.startswith("*api v1.42.0*, for 0 s.")


def test_without_an_open_rollout_it_is_told_what_the_colors_ran():
    said = history_text.status_text("api", [completed()], after(hours=3))

    assert said == (
        f"*api* is not being rolled out. Last: <{BOARD}|v1.42.0> *completed* "
        "<!date^1795428000^{date_short_pretty} {time}|23 Nov 10:00 UTC>. Its colors then: "
        "red ran api:42 · yellow ran api:42 · green ran api:42."
    )


def test_a_color_of_which_the_record_cannot_say_what_it_runs_is_told_as_that():
    stopped = an_ended_rollout(a_deploying_color("red"), outcome="aborted")

    said = history_text.status_text("api", [stopped], NOW)

    assert "red ran neither release for sure · yellow ran api:41" in said


def test_an_application_that_was_never_rolled_out_has_neither_status_nor_history():
    refused = an_ended_rollout(outcome="image_not_found", colors={})

    assert history_text.status_text("api", [refused], NOW) == "*api* has not been rolled out yet."
    assert history_text.history_list("api", []) == "*api* has not been rolled out yet."


def test_the_history_says_of_each_rollout_how_it_ended_who_asked_and_who_decided():
    rejected = an_ended_rollout(
        a_released_color("red"),
        asking("yellow", decision=a_decision("rejected", by="U0ALICE")),
        outcome="rejected",
        requested_by="",
    )

    lines = history_text.history_list("api", [completed(), rejected]).split("\n")

    assert lines == [
        "*api*, newest first:",
        (
            f"<{BOARD}|v1.42.0> *completed* · {NINE} · took 1 h · asked for by <@U0CAROL> · "
            "red and yellow and green approved by <@U0BOB>"
        ),
        (
            f"<{BOARD}|v1.42.0> *rejected* · {NINE} · took 1 h · asked for by the API · "
            "red approved by <@U0BOB> · yellow rejected by <@U0ALICE>"
        ),
    ]


def test_several_approvers_are_named_together():
    decision = a_decision(by="U0BOB", others=("U0ALICE",))

    said = history_text.history_list("api", [a_rollout(a_released_color("red", decision=decision))])

    assert "*open*" in said
    assert "red approved by <@U0ALICE> and <@U0BOB>" in said


def test_who_kept_an_unclear_color_is_told_with_the_other_decisions():
    doubt = a_doubt(decision=a_decision(by="U0ALICE"))

    said = history_text.history_list(
        "api", [completed(colors={"red": a_doubted_color("red", doubt=doubt)})]
    )

    assert said.endswith("red approved by <@U0BOB> · red kept by <@U0ALICE> though unclear")


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_entry_has_its_words(kind):
    said = history_text.audit_trail("api-1", [an_entry(kind=kind, color="red", detail="")])

    assert said.startswith(f"What happened in api-1:\n{NINE} <@U0CAROL> ")
    assert not said.endswith((":", " "))


def test_a_story_is_told_step_by_step():
    entries = [
        an_entry(),
        an_entry(kind=EventKind.ASKED, actor="shingo", color="red", detail=""),
        an_entry(kind=EventKind.DECIDED, color="red", actor="U0BOB", detail="approved: looks good"),
    ]

    assert history_text.audit_trail("api-1", entries).split("\n")[1:] == [
        f"{NINE} <@U0CAROL> asked for it: faster search",
        f"{NINE} Shingo asked about red",
        f"{NINE} <@U0BOB> decided red: approved: looks good",
    ]


def test_of_a_long_story_the_end_is_told_and_the_rest_counted():
    entries = [an_entry(detail=f"number {n}!") for n in range(history_text.MAX_ENTRIES + 5)]

    said = history_text.audit_trail("api-1", entries)

    assert "… 5 earlier, which the audit's export has." in said
    assert "number 5!" in said
    assert "number 4!" not in said


def test_images_and_revisions_are_told_as_people_say_them():
    entry = an_entry(kind=EventKind.ASKED, color="red", detail=f"{image(NEW_DIGEST)} on {NEW}")
    decided = an_entry(kind=EventKind.DECIDED, color="red", detail="approved: ")

    said = history_text.audit_trail("api-1", [entry, decided])

    assert "asked about red: api@222222222222 on api:42\n" in said
    assert said.endswith("decided red: approved")


def test_a_long_detail_is_cut():
    said = history_text.audit_trail("api-1", [an_entry(detail="x " * 1000)])

    assert said.endswith("…")
    assert len(said) < 400


@pytest.mark.parametrize("said", ["<!channel>", "<@U0EVE>", "U<!here>"])
def test_what_others_wrote_is_no_markup(said):
    entry = an_entry(actor=said, detail=said)
    rollout = completed(requested_by=said, reason=said)

    told = [
        history_text.audit_trail(said, [entry]),
        history_text.history_list("api", [rollout]),
        history_text.unknown_rollout("api", said),
        history_text.unknown_application(said, ["api"]),
        history_text.release_changes(a_rollout(changes=(f"app: environment: {said} added",))),
    ]

    assert [text for text in told if said in text] == []


def test_an_iam_role_is_named_as_it_is():
    entry = an_entry(actor="arn:aws:iam::123456789012:role/OnCall", source="api")

    assert " role/OnCall asked for it" in history_text.audit_trail("api-1", [entry])


def test_what_changes_is_a_line_each():
    rollout = a_rollout(changes=("app: image 1 → 2", "app: memory 1 → 2"))

    assert history_text.release_changes(rollout) == (
        "What changes against api:41, which green runs:\n• app: image 1 → 2\n• app: memory 1 → 2"
    )


def test_going_back_says_where_to_and_what_follows():
    said = history_text.rollback_started(completed(), dict.fromkeys(COLORS, OTHER))

    assert said == (
        "Going back to api:99, which ran before api v1.42.0, as a rollout of its own with its "
        "approvals."
    )


def test_going_back_names_the_revision_of_each_color_where_these_differ():
    before = {"red": revision(3, "api-red"), "green": revision(9, "api-green")}

    said = history_text.rollback_started(completed(), before)

    assert said.startswith("Going back to red api-red:3, green api-green:9, which ran before")


def test_several_ways_back_are_named_with_how_to_take_one():
    rollout = completed(colors={"red": a_color("red", previous=NEW), "green": a_color("green")})

    said = history_text.several_previous_revisions(rollout)

    assert "different revisions: red api:42, green api:41." in said
    assert "`aws stepfunctions start-execution --input" in said
