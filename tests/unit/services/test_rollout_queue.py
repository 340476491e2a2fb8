"""Rollouts that pushes start: one for each digest, the newest of them, and after their turn."""

from dataclasses import replace

import pytest

from handlers import await_image, await_turn, finish_rollout, follow_execution, follow_push, runtime
from handlers.domain.admission.image_push import MediaTypes, push_entry
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.config.image_rules import ImageRules
from handlers.domain.history.audit import Actor, EventKind
from handlers.domain.model.prerequisite import Awaits
from handlers.services import rollout_actions
from simulator.example_release import NEW_DIGEST
from simulator.in_memory_stores import InMemoryLocks
from simulator.recorded_events import recorded
from tests.support.builders import (
    NOW,
    a_color,
    a_decision,
    a_deploying_color,
    a_lock,
    a_rollout,
    after,
    an_application,
    an_approval,
    an_awaited,
    execution,
)
from tests.support.preparing import prepared
from tests.support.steps import FIRST

PUSHED = {"application": "api", "tag": "v1.42.0", "requestedBy": "ecr"}
OLDER, NEWER, NEWEST = "api-0", "api-1", "api-2"


def prepared_of_push(outside, name="api-1"):
    """Prepare a rollout that a push has asked for."""
    outside.audit.note(push_entry(name, an_application(), PUSHED, NOW))
    return prepared(PUSHED, name)


def asking(**given):
    return a_color("red", stage="asking", approval="question-red", **given)


def have_older(outside, *colors, **given):
    """Have a rollout that a push started, with the application and an open question."""
    usual = {"id": OLDER, "is_by_push": True, "started": after(minutes=-9)}
    outside.rollouts.create(a_rollout(*(colors or (asking(),)), **(usual | given)))
    outside.approvals.ask(an_approval(rollout=OLDER, token="token-0"))
    outside.locks.take(a_lock(OLDER))
    outside.executions.running |= {execution(name) for name in (OLDER, NEWER, NEWEST)}


def have_waiting(outside, name=NEWER, **given):
    """Have a rollout that waits its turn, prepared but for that."""
    waits = an_awaited(kind=Awaits.TURN, what=OLDER, until=after(hours=8))
    usual = {"id": name, "is_by_push": True, "colors": {}, "awaits": waits}
    outside.rollouts.create(a_rollout(**(usual | given)))


def waits(name=NEWER, token=FIRST):
    await_turn.lambda_handler({"rollout": name, "token": token}, None)


def outcome_of(outside, token):
    return outside.executions.answers[token]["outcome"]


def finish(name=OLDER, outcome="rejected"):
    state = {"outcome": outcome, "cause": ""}
    rollout = runtime.context().gateways.rollouts.get(name)
    started = (rollout.started if rollout else NOW).isoformat()
    finishing = {"name": name, "arn": execution(name), "startedAt": started}
    finish_rollout.lambda_handler({"state": state, "execution": finishing}, None)


@pytest.mark.parametrize("times", [1, 2])
def test_a_push_starts_one_rollout_however_often_it_is_told(preparing, times):
    preparing.apps = {"api": an_application(images=ImageRules(starts_on_push=("v*",)))}

    for _ in range(times):
        follow_push.lambda_handler(recorded("ecr_image_pushed"), None)

    ((name, started),) = preparing.executions.started.items()
    assert (started["application"], started["tag"]) == ("api", "v1.42.0")
    assert prepared(started, name)["outcome"] == "ready"
    assert "A push started it" in str(preparing.slack.boards()[0]["blocks"])


def follow(outside, name="ecr_image_pushed", **detail):
    outside.apps = {"api": an_application(images=ImageRules(starts_on_push=("*",)))}
    event = recorded(name)
    event["detail"] |= detail
    follow_push.lambda_handler(event, None)


def test_three_tags_of_one_image_start_one_rollout(preparing):
    for tag in ("v1", "v1.0", "v1.0.0"):
        follow(preparing, **{"image-tag": tag})

    (started,) = preparing.executions.started.values()
    assert started["tag"] == "v1"


def test_another_tag_of_the_image_that_somebody_waits_for_starts_nothing(preparing):
    preparing.images.digests.clear()
    assert prepared()["outcome"] == "await_image"
    await_image.lambda_handler({"rollout": "api-1", "token": FIRST}, None)
    preparing.images.digests |= {"v1": NEW_DIGEST, "v1.42.0": NEW_DIGEST}

    follow(preparing, **{"image-tag": "v1"})

    assert outcome_of(preparing, FIRST) == "pushed"
    assert preparing.executions.started == {}


def test_another_tag_of_what_is_being_released_starts_nothing(preparing):
    preparing.rollouts.create(a_rollout(asking(), id=OLDER, started=after(minutes=5)))

    follow(preparing, **{"image-tag": "v1"})

    assert preparing.executions.started == {}


@pytest.mark.parametrize("says", ["the event", "ECR"])
def test_a_build_cache_starts_nothing(preparing, says):
    cache = "application/vnd.buildkit.cacheconfig.v0"
    preparing.images.media[NEW_DIGEST] = MediaTypes(artifact=cache)

    follow(preparing, **({"artifact-media-type": cache} if says == "the event" else {}))

    assert preparing.executions.started == {}


def test_an_image_that_comes_by_replication_starts_a_rollout(preparing):
    follow(preparing, "ecr_image_replicated")

    assert len(preparing.executions.started) == 1


def test_a_push_starts_nothing_unless_the_file_says_so(preparing):
    follow_push.lambda_handler(recorded("ecr_image_pushed"), None)

    assert preparing.executions.started == {}


def test_a_newer_push_waits_its_turn_where_people_are_told_that_they_cannot_start(preparing):
    have_older(preparing, a_deploying_color())

    assert prepared_of_push(preparing)["outcome"] == "await_turn"
    assert "waiting its turn: api-0 has api, since" in str(preparing.slack.boards()[0]["blocks"])
    assert prepared(PUSHED | {"requestedBy": "U0CAROL"}, name=NEWEST)["outcome"] == "busy"


def test_somebody_who_calls_themselves_as_a_push_does_is_none(preparing):
    """Whoever may start an execution types its input."""
    have_older(preparing)

    assert prepared(PUSHED)["outcome"] == "busy"

    finish()
    assert prepared(PUSHED, NEWEST)["outcome"] == "ready"
    assert not preparing.rollouts.read(NEWEST).is_by_push
    assert "A push started it" not in str(preparing.slack.boards()[-1]["blocks"])


def test_the_audit_says_of_a_push_that_it_is_one(preparing):
    follow(preparing)

    (name,) = preparing.executions.started
    (entry,) = preparing.audit.entries(name)
    assert (entry.kind, entry.actor, entry.source) == (EventKind.REQUESTED, "ecr", "push")


def test_a_newer_push_takes_the_place_of_one_that_nobody_has_said_yes_to(preparing):
    have_older(preparing)
    have_waiting(preparing)

    waits()

    assert preparing.executions.answers["token-0"] == {"outcome": "superseded_by_push"}
    older = preparing.rollouts.read(OLDER)
    assert older.roll_back_asked.reason == "v1.42.0"
    assert "token-1" not in preparing.executions.answers

    finish(outcome="ready")

    assert preparing.rollouts.read(OLDER).outcome == "superseded_by_push"
    assert outcome_of(preparing, "token-1") == "free"
    assert prepared_of_push(preparing)["outcome"] == "ready"


def test_an_approval_that_was_there_first_lets_the_older_one_go_on(preparing):
    have_older(preparing)
    have_waiting(preparing)
    preparing.approvals.decide("question-red", a_decision())

    waits()

    assert preparing.rollouts.read(OLDER).roll_back_asked is None
    assert preparing.executions.answers == {}


def test_one_that_a_person_asked_for_is_waited_for(preparing):
    have_older(preparing, is_by_push=False)
    have_waiting(preparing)

    waits()

    assert preparing.approvals.get("question-red").decision is None
    assert preparing.executions.answers == {}


@pytest.mark.parametrize("how", ["finished", "stopped"])
def test_the_end_of_the_older_one_wakes_the_one_that_waits(preparing, how):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing)
    waits()

    if how == "finished":
        finish()
    else:
        event = recorded("execution_aborted")
        event["detail"] |= {"name": OLDER}
        follow_execution.lambda_handler(event, None)

    assert outcome_of(preparing, "token-1") == "free"


def test_an_end_of_which_nobody_told_is_found_by_the_look_again(preparing):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing)
    waits()
    preparing.executions.running.discard(execution(OLDER))
    preparing.executions.ended.add(execution(OLDER))

    waits(token="token-2")

    assert outcome_of(preparing, "token-2") == "free"
    assert preparing.locks.held["api"].rollout == NEWER


def test_of_several_that_wait_the_newest_goes_on(preparing):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing)
    waits()
    have_waiting(preparing, NEWEST, started=after(minutes=3))

    waits(NEWEST, "token-2")

    assert outcome_of(preparing, "token-1") == "superseded_by_push"
    finish()
    assert outcome_of(preparing, "token-2") == "free"


def test_one_that_comes_to_wait_after_a_newer_one_ends_itself(preparing):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing, NEWEST, started=after(minutes=3))
    waits(NEWEST, "token-2")
    have_waiting(preparing)

    waits()

    assert outcome_of(preparing, "token-1") == "superseded_by_push"
    assert "token-2" not in preparing.executions.answers
    finish()
    assert outcome_of(preparing, "token-2") == "free"


def test_one_whose_application_a_newer_push_has_got_ends_itself(preparing):
    have_older(preparing, id=NEWEST, started=after(minutes=3))
    preparing.locks = InMemoryLocks(a_lock(NEWEST))
    have_waiting(preparing)

    waits()

    assert outcome_of(preparing, "token-1") == "superseded_by_push"


def test_a_turn_that_does_not_come_is_given_up(preparing):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing)
    preparing.time = after(hours=8)

    waits()

    answer = preparing.executions.answers["token-1"]
    assert answer["outcome"] == "busy"
    assert answer["cause"] == "It waited 8 h for api-0, which still has api."


def test_a_turn_that_was_waited_for_is_no_wait_for_an_image(preparing):
    have_older(preparing, a_deploying_color())
    have_waiting(preparing)
    waits()
    finish()
    preparing.images.digests.clear()
    assert prepared_of_push(preparing)["outcome"] == "await_image"

    finish("another")

    assert list(preparing.executions.answers) == ["token-1"]


def test_what_a_push_started_is_withdrawn_by_those_who_may_answer(preparing):
    rules = dict.fromkeys(("red", "yellow", "green"), ApprovalRules(users=("U0BOB",)))
    preparing.apps = {"api": an_application(rules=rules)}
    have_older(preparing)

    stranger = rollout_actions.withdraw_rollout(
        runtime.context(), OLDER, Actor(id="U0CAROL", source="slack")
    )
    reply = rollout_actions.withdraw_rollout(
        runtime.context(), OLDER, Actor(id="U0BOB", source="slack")
    )

    assert (stranger.counts, reply.counts) == (False, True)
    assert outcome_of(preparing, "token-0") == "withdrawn"


def test_to_cancel_is_about_the_rollout_that_has_the_application(preparing):
    have_older(preparing, replace(asking(), approval=""), requested_by="U0CAROL")
    have_waiting(preparing)

    rollout_actions.cancel_rollout(runtime.context(), "api", "U0CAROL")

    assert preparing.rollouts.read(OLDER).roll_back_asked.outcome == "withdrawn"
    assert preparing.rollouts.read(NEWER).roll_back_asked is None
