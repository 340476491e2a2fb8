"""Slash commands, from the signed request to what is true afterwards and what the audit says."""

import json

import pytest

from handlers.domain.admission.rollout_request import parse_request
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.history.audit import EventKind
from handlers.domain.model.execution_names import execution_name
from handlers.domain.model.release import ColorRelease
from simulator.recorded_events import recorded
from tests.support.builders import (
    NEW,
    NOW,
    OLD,
    OTHER,
    a_color,
    a_release,
    a_released_color,
    a_rollout,
    after,
    an_application,
    an_ended_rollout,
    an_entry,
    an_evidence,
)
from tests.support.own_definitions import NEXT, OWN
from tests.support.slack_requests import answer_of, click, command, shown_by

COLORS = ("red", "yellow", "green")


def completed(**given):
    """Make a rollout that reached all colors."""
    return an_ended_rollout(*(a_released_color(color) for color in COLORS), **given)


def one_started(outside):
    ((name, document),) = outside.executions.started.items()
    return name, document


def test_a_recorded_command_starts_a_rollout(outside):
    said = shown_by(recorded("slack_command"))

    assert said == "Starting api v1.42.0. Its board will follow here."
    _, document = one_started(outside)
    assert document == {
        "application": "api",
        "tag": "v1.42.0",
        "requestedBy": "U0CAROL",
        "reason": "faster search",
    }


def test_a_command_typed_in_place_of_a_tag_starts_nothing_and_says_what_was_meant(outside):
    said = shown_by(command("api rollback"))

    assert outside.executions.started == {}
    assert said.startswith("Nothing was started. Did you mean `/rollout rollback api`?")


def test_who_alone_may_approve_is_told_that_nobody_would_be_left(outside):
    rules = dict.fromkeys(COLORS, ApprovalRules(users=("U0CAROL",)))
    outside.apps = {"api": an_application(rules=rules)}

    said = shown_by(recorded("slack_command"))

    assert said.startswith("requestedBy: found 'U0CAROL', expected somebody else")
    assert outside.executions.started == {}


def test_a_request_is_noted_under_the_name_of_its_execution(outside):
    shown_by(recorded("slack_command"))

    name, _ = one_started(outside)
    (entry,) = outside.audit.entries(name)
    assert (entry.kind, entry.actor, entry.source) == (EventKind.REQUESTED, "U0CAROL", "slack")
    assert (entry.application, entry.at, entry.detail) == ("api", NOW, "v1.42.0: faster search")


def test_a_command_without_a_reason_asks_for_none(outside):
    shown_by(command("api v1.42.0"))

    _, document = one_started(outside)
    assert "reason" not in document
    assert outside.audit.details() == ["v1.42.0"]


def test_a_command_that_slack_sends_twice_starts_and_notes_one_rollout(outside):
    shown_by(command())
    outside.time = after(seconds=2)
    shown_by(command())

    assert len(outside.executions.started) == 1
    assert len(outside.audit.records) == 1


def test_the_same_command_typed_again_starts_another_rollout(outside):
    shown_by(command(trigger_id="1.2.a"))
    shown_by(command(trigger_id="1.2.b"))

    assert len(outside.executions.started) == 2


@pytest.mark.parametrize("text", ["", "help", "api", "cancel", "history"])
def test_help_is_given_and_nothing_started(outside, text):
    said = shown_by(command(text))

    assert "`/rollout &lt;application&gt; &lt;tag&gt; [reason]`" in said
    assert "Applications: api." in said
    assert outside.executions.started == {}
    assert outside.audit.records == {}


@pytest.mark.parametrize(
    "text",
    [
        "apo v1.42.0",
        "status apo",
        "history apo",
        "evidence apo",
        "rollback apo",
        "cancel apo",
    ],
)
def test_an_unknown_application_is_answered_with_those_that_are_known(outside, text):
    outside.apps = {"api": an_application(), "web": an_application(name="web")}

    said = shown_by(command(text))

    assert said.startswith("application: found 'apo', expected one of api, web")
    assert "/rollout status [application]" in said
    assert outside.executions.started == {}


@pytest.mark.parametrize("text", ["api <!channel>", "status <!channel>"])
def test_what_was_typed_wrong_is_shown_without_its_markup(outside, text):
    said = shown_by(command(text))

    assert ": found '&lt;!channel&gt;'" in said
    assert outside.executions.started == {}


def test_a_reason_that_is_too_long_is_told_and_nothing_started(outside):
    said = shown_by(command("api v1.42.0 " + "r " * 300))

    assert said.startswith("reason: found 599 characters, expected at most 500")
    assert outside.executions.started == {}


def test_a_refused_request_is_noted_without_what_may_be_secret(outside):
    shown_by(command("api https://hooks.slack.com/actions/1/2 v1"))

    (entry,) = outside.audit.records.values()
    assert (entry.kind, entry.application, entry.actor) == (
        EventKind.REFUSED_START,
        "api",
        "U0CAROL",
    )
    assert entry.rollout.startswith("refused-")
    assert entry.detail.startswith("tag: found '[left out]")


@pytest.mark.parametrize("what", ["api-v1.42.0", "t" * 128])
def test_an_executions_name_is_one_that_step_functions_takes(what):
    name = execution_name(what, "1.2.abc")

    assert len(name) <= 80
    assert not set(name) & set('<>{}[]?*"#%\\^|~`$&,;:/ \t\n')
    assert name != execution_name(what, "1.2.abd")


def test_the_status_of_one_application_is_told(outside):
    outside.rollouts.create(a_rollout())
    outside.time = after(minutes=12)

    said = shown_by(command("status api", at=outside.time))

    assert said.startswith("*api v1.42.0*, for 12 min.")


def test_the_status_of_all_applications_is_told(outside):
    outside.apps = {"web": an_application(name="web"), "api": an_application()}
    outside.rollouts.create(completed())

    said = shown_by(command("status"))

    assert said.index("*api* is not being") < said.index("*web* has not been rolled out yet.")


def test_the_history_lists_rollouts_and_tells_the_story_of_the_latest(outside):
    outside.rollouts.create(completed(id="api-1", release=a_release(name="v1.41.0")))
    outside.rollouts.create(completed(id="api-2", started=after(days=1)))
    outside.audit.note(an_entry(rollout="api-1", detail="the earlier one"))
    outside.audit.note(an_entry(rollout="api-2", detail="the later one"))

    said = shown_by(command("history api"))

    assert said.index("v1.42.0") < said.index("v1.41.0") < said.index("What happened in api-2")
    assert "the later one" in said
    assert "the earlier one" not in said


def test_the_story_of_an_earlier_rollout_can_be_asked_for(outside):
    outside.audit.note(an_entry(rollout="api-1", detail="the earlier one"))

    assert "the earlier one" in shown_by(command("history api api-1"))


@pytest.mark.parametrize("rollout", ["api-2", "web-1"])
def test_a_story_that_is_not_the_applications_is_not_told(outside, rollout):
    outside.audit.note(an_entry(rollout="web-1", application="web"))

    said = shown_by(command(f"history api {rollout}"))

    assert said == f"There is no record of a rollout {rollout} of api."


def test_an_application_without_rollouts_has_no_history(outside):
    assert shown_by(command("history api")) == "*api* has not been rolled out yet."


def test_the_evidence_of_the_last_rollout_that_has_any_is_shown(outside):
    seen = {"red": a_released_color("red", evidence=an_evidence(detail="as the control"))}
    outside.rollouts.create(completed(id="api-1", colors=seen))
    outside.rollouts.create(an_ended_rollout(id="api-2", outcome="busy", started=after(days=1)))

    said = shown_by(command("evidence api"))

    assert said.startswith("What was seen of *api v1.42.0* (api-1):\n\n*red* is *healthy*")
    assert "as the control" in said
    assert outside.audit.records == {}


def test_the_evidence_of_an_earlier_rollout_can_be_asked_for(outside):
    for number in (1, 2):
        seen = a_released_color("red", evidence=an_evidence(detail=f"seen in {number}"))
        outside.rollouts.create(
            completed(id=f"api-{number}", colors={"red": seen}, started=after(days=number))
        )

    assert "seen in 1" in shown_by(command("evidence api api-1"))
    assert "seen in 2" in shown_by(command("evidence api"))


def test_a_rollout_without_evidence_says_so(outside):
    outside.rollouts.create(completed(id="api-1"))

    assert shown_by(command("evidence api api-1")) == "No color of api v1.42.0 was verified yet."
    assert shown_by(command("evidence api")) == "There is no evidence of any recent rollout of api."


@pytest.mark.parametrize("rollout", ["api-2", "web-1", "<!channel>", "a" * 3000])
def test_evidence_that_is_not_the_applications_is_not_shown(outside, rollout):
    outside.rollouts.create(completed(id="web-1", application="web"))

    said = shown_by(command(f"evidence api {rollout}"))

    assert said.startswith("There is no record of a rollout ")
    assert "<!channel>" not in said


def test_a_rollback_is_a_rollout_of_what_ran_before_the_last_completed_one(outside):
    outside.rollouts.create(completed(id="api-1", release=a_release(revision=OLD)))
    outside.rollouts.create(completed(id="api-2", started=after(days=1)))
    outside.rollouts.create(an_ended_rollout(id="api-3", outcome="rejected", started=after(days=2)))

    said = shown_by(command("rollback api it is slow"))

    assert said.startswith("Going back to api:41, which ran before api v1.42.0, as a rollout of")
    name, document = one_started(outside)
    assert name.startswith("api-rollback-")
    assert document == {
        "application": "api",
        "taskDefinition": OLD,
        "requestedBy": "U0CAROL",
        "reason": "rollback of api v1.42.0: it is slow",
        "despite": "rollback of api v1.42.0",
    }
    assert parse_request(document, ("api",)).task_definition == OLD
    assert outside.audit.details() == ["api:41: rollback of api v1.42.0: it is slow"]


def test_without_a_completed_rollout_there_is_nothing_to_go_back_from(outside):
    outside.rollouts.create(an_ended_rollout(outcome="rejected"))

    said = shown_by(command("rollback api"))

    assert said == "api has no completed rollout to go back from."
    assert outside.executions.started == {}


def test_colors_that_ran_different_revisions_are_named_and_nothing_is_started(outside):
    outside.rollouts.create(
        completed(
            colors={
                color: a_color(color, previous=OTHER if color == "red" else OLD) for color in COLORS
            }
        )
    )

    said = shown_by(command("rollback api"))

    assert "different revisions: red api:99, yellow api:41, green api:41." in said
    assert '{"application":"api","taskDefinition":"api:41"}' in said
    assert outside.executions.started == {}


def test_colors_with_families_of_their_own_go_back_to_each_its_own(outside):
    colors = {color: a_color(color, previous=arn) for color, arn in OWN.items()}
    by_color = {color: ColorRelease(revision=arn) for color, arn in NEXT.items()}
    release = a_release(revision="", by_color=by_color)
    outside.rollouts.create(completed(colors=colors, release=release))

    said = shown_by(command("rollback api"))

    assert said.startswith("Going back to red api-red:3, yellow api-yellow:5, green")
    _, document = one_started(outside)
    assert document["taskDefinitions"] == OWN
    assert "taskDefinition" not in document
    assert parse_request(document, ("api",)).task_definitions == OWN
    assert outside.audit.details() == [
        "api-red:3, api-yellow:5, api-green:9: rollback of api v1.42.0"
    ]


def test_a_rollout_that_changed_nothing_is_not_gone_back_from(outside):
    colors = {color: a_color(color, previous=NEW) for color in COLORS}
    outside.rollouts.create(completed(colors=colors))

    said = shown_by(command("rollback api"))

    assert said == "api v1.42.0 changed nothing: the same revision ran before it."
    assert outside.executions.started == {}


def test_a_cancelled_rollout_is_withdrawn_for_who_asked_for_it(outside):
    outside.hold(a_rollout(requested_by="U0CAROL"))

    shown_by(command("cancel api"))

    assert outside.rollout.roll_back_asked.outcome == "withdrawn"


def test_several_applications_are_started_as_one_release_and_once(outside):
    outside.apps = {"web": an_application(name="web"), "api": an_application()}

    said = shown_by(command(text="web,api v1.42.0 faster search"))
    shown_by(command(text="web,api v1.42.0 faster search"))

    assert said == "Starting web, api v1.42.0 as one release. Its board will follow here."
    ((name, document),) = outside.group_executions.started.items()
    assert name.startswith("web-api-v1.42.0-")
    assert document == {
        "applications": ["web", "api"],
        "tag": "v1.42.0",
        "requestedBy": "U0CAROL",
        "reason": "faster search",
    }
    assert outside.executions.started == {}


def test_an_unknown_one_among_several_is_named_and_nothing_started(outside):
    said = shown_by(command(text="api,shop v1.42.0"))

    assert "applications: found ['shop'], expected some of api" in said
    assert outside.group_executions.started == {}


def test_the_status_of_many_applications_comes_in_pages(outside):
    names = [f"application-number-{number:03}" for number in range(60)]
    outside.apps = {name: an_application(name=name) for name in names}
    for name in names:
        outside.rollouts.create(an_ended_rollout(id=f"{name}-1", application=name))

    first = json.loads(answer_of(command("status"))["body"])
    (button,) = first["blocks"][-1]["elements"]
    answer_of(click(button["action_id"], button["value"]))

    second = outside.ephemeral_blocks[-1]
    said = str([first, second])
    assert [name in said for name in names].count(True) == 60
    assert first["response_type"] == "ephemeral"


@pytest.mark.parametrize("value", ["1 api v1.42.0", "1 cancel api", "1 rollback api", "", "x"])
def test_the_next_page_of_what_does_something_does_nothing(outside, value):
    answer = answer_of(click("next_page", value))

    assert answer["statusCode"] == 200
    assert outside.executions.started == {}


def test_what_is_read_can_be_shown_to_the_channel_with_who_shows_it(outside):
    first = json.loads(answer_of(command("status api"))["body"])
    (button,) = first["blocks"][-1]["elements"]

    answer_of(click(button["action_id"], button["value"], by="U0BOB"))

    ((_, text, blocks),) = outside.open_answers
    assert (button["text"]["text"], text) == ("Show to the channel", first["text"])
    assert blocks[:-1] == first["blocks"][:-1]
    assert blocks[-1]["elements"][0]["text"] == (
        "<@U0BOB> shows the answer to `/rollout status api`"
    )


@pytest.mark.parametrize("asked", ["api v1.42.0", "cancel api", "rollback api", "help"])
def test_what_changes_something_is_not_done_again_by_showing_it(outside, asked):
    answer_of(click("show_channel", f"0 {asked}", by="U0BOB"))

    assert (outside.open_answers, outside.executions.started) == ([], {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api v1.42.0", "Starting api v1.42.0. Its board will follow in <#C0API>."),
        ("api,api2 v1", "Starting api, api2 v1 as one release. Its board will follow in <#C0API>."),
    ],
)
def test_where_the_board_is_elsewhere_it_is_said_where(outside, text, said):
    outside.apps = {name: an_application(name=name, channel="C0API") for name in ("api", "api2")}

    assert shown_by(command(text)) == said
    assert "follow here" in shown_by(command(text, channel_id="C0API", trigger_id="2.2.x"))
