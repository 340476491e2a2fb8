"""Entries of the audit: what makes them one event, and that nothing in them is secret."""

from dataclasses import fields
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.history.audit import (
    MASK,
    MAX_DETAIL,
    UNKNOWN_REQUESTER,
    EventKind,
    chronological,
    end_entry,
    masked,
    request_entry,
    rollout_entry,
)
from tests.support.builders import NOW, a_rollout, after, an_ended_rollout, an_entry

RESPONSE_URL = "https://hooks.slack.com/actions/T0RECIPES/1/secret-response"
TASK_TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAAd" * 25
SECRETS = {
    "a response URL": RESPONSE_URL,
    "a response URL without its beginning": "hooks.slack.com/services/T0/B0/x",
    "a task token": TASK_TOKEN,
    "a bot token": "xoxb-1234-abcd",
    "an app token": "xapp-1-A0-abcd",
}


def test_the_same_event_of_another_moment_is_the_same_event():
    one = an_entry(id="ecs-svc/1:completed", at=NOW)
    again = an_entry(id="ecs-svc/1:completed", at=after(seconds=4), detail="seen again")

    assert one.event == again.event


@pytest.mark.parametrize(
    "other",
    [{"kind": EventKind.VERIFIED}, {"color": "green"}, {"id": "ecs-svc/2:completed"}],
    ids=lambda changes: next(iter(changes)),
)
def test_events_of_one_id_differ_by_kind_and_color(other):
    usual = {"kind": EventKind.DEPLOYED, "color": "red", "id": "ecs-svc/1:completed"}

    assert an_entry(**usual).event != an_entry(**(usual | other)).event


@pytest.mark.parametrize(
    "other",
    [
        {"at": after(seconds=1)},
        {"actor": "U0ALICE"},
        {"source": "api"},
        {"detail": "another"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_without_an_id_everything_tells_events_apart(other):
    assert an_entry().event == an_entry().event
    assert an_entry().event != an_entry(**other).event


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_people_paste_is_left_out_and_the_rest_is_kept(secret):
    entry = an_entry(actor=secret, detail=f"because {secret} told me")

    assert entry.actor == MASK
    assert entry.detail == f"because {MASK} told me"


@pytest.mark.parametrize("name", ["rollout", "application", "color", "id"])
@pytest.mark.parametrize("secret", [RESPONSE_URL, TASK_TOKEN])
def test_a_name_that_is_a_secret_is_refused(name, secret):
    with pytest.raises(ValueError, match=f"{name} looks like a secret") as error:
        an_entry(**{name: secret})

    assert secret not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "api-v1.42.0-9f86d081aa",
        "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/api@sha256:" + "2" * 64,
        "arn:aws:sts::123456789012:assumed-role/OnCall/bob@example.com",
        "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/" + "f" * 150 + ":41",
        "target unhealthy: Health checks failed with these codes: [502] (2x).",
        "http://slack.com/archives/C0ROLLOUTS/p1000001",
        "xerox-copies",
    ],
)
def test_what_is_no_secret_is_told(text):
    assert masked(text) == text


@given(st.text(max_size=300), st.sampled_from(sorted(SECRETS.values())), st.text(max_size=300))
def test_no_secret_is_left_wherever_it_stands(before, secret, after_it):
    entry = an_entry(detail=f"{before} {secret} {after_it}")

    assert secret not in entry.detail


def test_half_a_character_is_replaced():
    half = "\ud83d"

    entry = an_entry(actor=half, detail=f"so {half}", id=half)

    assert (entry.actor, entry.detail, entry.id) == ("?", "so ?", "?")
    assert entry.event.encode()


def test_a_long_text_is_cut():
    entry = an_entry(detail="too long. " * 1000)

    assert len(entry.detail) == MAX_DETAIL
    assert entry.detail.endswith("…")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        an_entry(at=datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001  (that is what is refused)


def test_a_source_that_is_none_of_ours_is_refused():
    with pytest.raises(ValueError, match="one of slack, api, push, machine"):
        an_entry(source="telephone")


def test_entries_are_put_in_the_order_in_which_things_happen():
    tokyo = timezone(timedelta(hours=9))
    last = an_entry(kind=EventKind.ENDED, at=after(minutes=1).astimezone(tokyo))
    asked, refused = an_entry(kind=EventKind.REQUESTED), an_entry(kind=EventKind.REFUSED_START)

    assert chronological([last, refused, asked]) == [asked, refused, last]


def test_a_request_that_came_without_slack_is_its_inputs():
    entry = request_entry(a_rollout(requested_by="ci", reason="nightly"))

    assert (entry.actor, entry.source, entry.detail) == ("ci", "api", "v1.42.0: nightly")
    assert entry.at == NOW
    assert request_entry(a_rollout(requested_by="", reason="")).actor == UNKNOWN_REQUESTER


def test_a_rollout_ends_once_whoever_says_so():
    rollout = an_ended_rollout()

    by_the_machine, from_outside = (
        end_entry(rollout, after(hours=2)),
        end_entry(rollout, after(hours=3)),
    )

    assert by_the_machine == from_outside
    assert by_the_machine.at == rollout.ended
    assert by_the_machine.detail == "completed: Every color runs api:42."


def test_what_the_machine_does_is_shingos():
    entry = rollout_entry(
        a_rollout(), EventKind.DEPLOYED, NOW, color="red", detail="completed", once="1"
    )

    assert (entry.actor, entry.source, entry.rollout) == ("shingo", "machine", "api-v1.42.0-1")


def test_there_is_no_place_for_a_token():
    assert not {field.name for field in fields(an_entry())} & {"token", "secret", "response_url"}
