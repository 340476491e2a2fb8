"""Preparing: what is recorded and shown, and that it may run twice."""

import pytest

from handlers import finish_rollout, follow_execution
from handlers.domain.model.errors import Transient
from handlers.domain.model.rollout import Stage
from simulator.example_release import NEW_DIGEST, image
from simulator.in_memory_stores import InMemoryRollouts
from simulator.recorded_events import recorded
from tests.support.builders import (
    NOW,
    OLD,
    OTHER,
    a_deployment,
    a_lock,
    a_release,
    a_released_color,
    a_task_definition,
    after,
    an_ended_rollout,
    execution,
    revision,
)
from tests.support.preparing import TAG, have_service, prepared


def test_a_rollout_that_can_begin_is_ready(preparing):
    answer = prepared()

    assert answer == {"rollout": "api-1", "application": "api", "outcome": "ready", "cause": ""}


def test_what_each_color_runs_now_is_recorded(preparing):
    preparing.ecs.revisions[revision(40)] = a_task_definition(40)
    have_service(preparing, a_deployment(task_definition=revision(40)), color="green")

    prepared()

    rollout = preparing.rollouts.read("api-1")
    assert {c: p.previous for c, p in rollout.colors.items()} == {
        "red": OLD,
        "yellow": OLD,
        "green": revision(40),
    }
    assert {p.stage for p in rollout.colors.values()} == {Stage.WAITING}
    assert rollout.colors["red"].service == "api-red"


def test_who_asked_why_and_since_when_is_recorded(preparing):
    prepared()

    rollout = preparing.rollouts.read("api-1")
    assert (rollout.requested_by, rollout.reason) == ("U0CAROL", "faster search")
    assert (rollout.execution, rollout.started) == (execution("api-1"), NOW)
    assert rollout.is_open


def test_the_tag_is_pinned_before_anyone_is_asked(preparing):
    prepared()

    release = preparing.rollouts.read("api-1").release
    assert (release.name, release.images) == ("v1.42.0", {"app": image(NEW_DIGEST)})


def test_nothing_is_touched_before_anyone_is_asked(preparing):
    prepared()

    assert preparing.ecs.updates == []
    assert preparing.ecs.registered == []


def test_the_board_is_posted_and_its_place_recorded(preparing):
    prepared()

    (board,) = preparing.slack.boards()
    assert board["channel"] == "C0ROLLOUTS"
    assert preparing.rollouts.read("api-1").board.ts == board["ts"]


def test_the_application_is_taken(preparing):
    prepared()

    assert preparing.locks.held["api"] == a_lock("api-1")


def test_preparing_twice_is_preparing_once(preparing):
    first = prepared()
    recorded = preparing.rollouts.read("api-1")

    again = prepared()

    assert again == first
    assert preparing.rollouts.read("api-1") == recorded
    assert len(preparing.slack.boards()) == 1


@pytest.mark.parametrize("document", [TAG, {"application": "api", "rollBack": "api-0"}])
def test_what_an_earlier_run_was_refused_for_is_not_mixed_with_what_is_found_now(
    preparing, document
):
    """It was refused, recorded that, and its function died before the machine was told."""
    changed = a_released_color("red")
    earlier = an_ended_rollout(changed, id="api-0", outcome="aborted", release=a_release())
    well = preparing.ecs.known.pop("api-yellow")
    refused = prepared(document)
    if "rollBack" in document:
        preparing.rollouts.create(earlier)
    preparing.ecs.known["api-yellow"] = well

    again = prepared(document)

    assert (refused["outcome"], again["outcome"] in {"ready", "roll_back"}) == (
        "not_deployable",
        True,
    )
    recorded = preparing.rollouts.read("api-1")
    assert list(recorded.colors) == ["red", "yellow", "green"]
    assert recorded.rolls_back == document.get("rollBack", "")


@pytest.fixture
def reused(preparing):
    """A name that was free again: an ended rollout of it is on record, from a hundred days ago."""
    ended = an_ended_rollout(id="api-1", started=after(days=-100), ended=after(days=-99))
    preparing.rollouts.create(ended)
    return preparing


def test_a_name_that_comes_again_begins_a_rollout_of_its_own(reused):
    earlier = reused.rollouts.read("api-1")

    answer = prepared()

    assert (answer["outcome"], answer["rollout"] != "api-1") == ("ready", True)
    begun = reused.rollouts.read(answer["rollout"])
    assert (begun.is_open, begun.started, begun.colors["red"].stage) == (True, NOW, Stage.WAITING)
    assert reused.locks.held["api"].rollout == begun.id
    assert reused.rollouts.read("api-1") == earlier
    assert prepared() == answer


def test_the_end_of_a_name_that_came_again_is_its_own(reused):
    begun = prepared()["rollout"]
    asked = {"name": "api-1", "arn": execution("api-1"), "startedAt": NOW.isoformat()}

    event = {"state": {"outcome": "rejected", "cause": "No."}, "execution": asked}
    assert finish_rollout.lambda_handler(event, None)["outcome"] == "rejected"

    assert reused.rollouts.read(begun).outcome == "rejected"
    assert reused.rollouts.read("api-1").outcome == "completed"
    assert reused.locks.held == {}


def test_the_stop_of_a_name_that_came_again_is_its_own(reused):
    begun = prepared()["rollout"]
    stopped = recorded("execution_aborted")
    stopped["detail"] |= {
        "name": "api-1",
        "executionArn": execution("api-1"),
        "startDate": NOW.timestamp() * 1_000,
    }

    follow_execution.lambda_handler(stopped, None)

    assert reused.rollouts.read(begun).outcome == "aborted"
    assert reused.locks.held == {}


def test_a_record_that_is_not_kept_any_more_hides_no_later_one_of_its_name(reused):
    begun = prepared()["rollout"]
    held = reused.rollouts.read(begun)
    reused.rollouts = InMemoryRollouts(held)

    assert prepared()["rollout"] == begun


def test_preparing_again_after_the_color_went_on_forgets_nothing(preparing):
    prepared()
    preparing.rollouts.change_color("api-1", "red", now=NOW, changed=True, stage=Stage.DEPLOYING)

    prepared()

    assert preparing.rollouts.read("api-1").colors["red"].changed


def test_a_preparation_that_died_in_between_is_taken_up_again(preparing):
    def die(_):
        raise Transient("write Rollouts: ThrottlingException")

    create, preparing.rollouts.create = preparing.rollouts.create, die
    with pytest.raises(Transient):
        prepared()
    preparing.rollouts.create = create

    assert prepared()["outcome"] == "ready"


def test_an_existing_revision_is_rolled_out_as_it_is(preparing):
    preparing.ecs.revisions[OTHER] = a_task_definition(99)

    prepared({"application": "api", "taskDefinition": "api:99"})

    release = preparing.rollouts.read("api-1").release
    assert (release.name, release.revision) == ("api:99", OTHER)


@pytest.mark.parametrize(
    "document",
    [
        {"application": "apo", "tag": "v1.42.0"},
        {"application": "api"},
        {"application": "api", "tag": "v1.42.0", "image": "api:v1"},
        ["api", "v1.42.0"],
        "api v1.42.0",
    ],
)
def test_an_invalid_input_ends_it_at_once_and_changes_nothing(preparing, document):
    answer = prepared(document)

    assert set(answer) == {"outcome", "cause"}
    assert answer["outcome"] == "invalid_input"
    assert "expected" in answer["cause"]
    assert preparing.rollouts.records == preparing.locks.held == {}
    assert preparing.slack.messages == preparing.ecs.calls == []
