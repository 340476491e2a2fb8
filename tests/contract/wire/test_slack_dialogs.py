"""Dialogs: triggers, submissions, errors and changes."""

import pytest

from sandbox.wire.slack.slack_routes import SlackError, Workspace
from tests.support.slack_builders import modal, opened, payload, plain, refusal
from tests.support.slack_server import Clock, serving


@pytest.fixture
def fresh():
    """A server of one's own, for tests that change its availability, the clock or the app."""
    with serving(Workspace(clock=Clock(), enforce_rates=False)) as running:
        yield running


def test_a_trigger_opens_one_dialog(fresh):
    view, trigger = opened(fresh)

    again = refusal(fresh.client.views_open, trigger_id=trigger, view=modal())

    assert view["private_metadata"] == "approval-1"
    assert [one.id for one in fresh.workspace.modals.before("U0ALICE")] == [view["id"]]
    assert again["error"] == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds(fresh):
    trigger = fresh.workspace.tickets.new_trigger("U0ALICE")
    fresh.workspace.clock.seconds += 3.1

    answer = refusal(fresh.client.views_open, trigger_id=trigger, view=modal())

    assert answer["error"] == "expired_trigger_id"


def test_a_submitted_dialog_carries_what_was_entered_and_closes(fresh):
    view, _ = opened(fresh)

    result = fresh.people.submit("alice", view["id"], {"reason": {"text": "errors doubled"}})

    sent = payload(fresh.app.heard[-1])
    assert (result.status, result.errors) == (200, {})
    assert (sent["type"], sent["view"]["private_metadata"]) == ("view_submission", "approval-1")
    assert sent["view"]["state"]["values"] == {
        "reason": {"text": {"type": "plain_text_input", "value": "errors doubled"}}
    }
    assert fresh.workspace.modals.before("U0ALICE") == []


def test_an_empty_required_field_is_not_sent_to_the_app(fresh):
    view, _ = opened(fresh)
    heard = len(fresh.app.heard)

    result = fresh.people.submit("alice", view["id"], {})

    assert result.errors == {"reason": "Please complete this required field."}
    assert len(fresh.app.heard) == heard


def test_errors_from_the_app_keep_the_dialog_open(fresh):
    view, _ = opened(fresh)
    fresh.app.answer = {"response_action": "errors", "errors": {"reason": "Say more."}}

    result = fresh.people.submit("alice", view["id"], {"reason": {"text": "no"}})

    assert result.errors == {"reason": "Say more."}
    assert len(fresh.workspace.modals.before("U0ALICE")) == 1


def test_the_app_can_change_an_open_dialog_by_answer_and_by_call(fresh):
    view, _ = opened(fresh)
    fresh.app.answer = {"response_action": "update", "view": modal(title=plain("Really?"))}

    fresh.people.submit("alice", view["id"], {"reason": {"text": "no"}})
    shown = fresh.workspace.modals.before("U0ALICE")[0].as_slack()
    conflict = refusal(
        fresh.client.views_update, view_id=view["id"], hash=view["hash"], view=modal()
    )
    updated = fresh.client.views_update(view_id=view["id"], hash=shown["hash"], view=modal())

    assert shown["title"]["text"] == "Really?"
    assert conflict["error"] == "hash_conflict"
    assert updated["view"]["title"]["text"] == "Why?"


def test_clear_closes_every_dialog_of_that_person(fresh):
    first, _ = opened(fresh)
    opened(fresh)
    fresh.app.answer = {"response_action": "clear"}

    fresh.people.submit("alice", first["id"], {"reason": {"text": "no"}})

    assert fresh.workspace.modals.before("U0ALICE") == []


def test_a_dialog_that_asked_for_it_tells_of_its_closing(fresh):
    view, _ = opened(fresh, notify_on_close=True)

    fresh.people.dismiss("alice", view["id"])

    assert payload(fresh.app.heard[-1])["type"] == "view_closed"
    assert fresh.workspace.modals.before("U0ALICE") == []


def test_nobody_can_submit_somebody_elses_dialog(fresh):
    view, _ = opened(fresh)

    with pytest.raises(SlackError, match="not_found"):
        fresh.people.submit("bob", view["id"], {"reason": {"text": "x"}})
