"""Preparing to put back what an earlier rollout left."""

import pytest

from handlers.domain.model.rollout import Stage
from simulator.example_release import OLD_DIGEST
from simulator.fake_services import FakeImages
from tests.support.builders import (
    OLD,
    OTHER,
    a_color,
    a_deployment,
    a_released_color,
    a_rollout,
    an_ended_rollout,
    revision,
)
from tests.support.preparing import TAG, have_service, prepared

# Rolling back what an earlier rollout left.

BACK = {"application": "api", "rollBack": "api-0", "requestedBy": "U0BOB"}


def earlier(preparing, *colors, **given):
    preparing.rollouts.create(
        an_ended_rollout(*colors, **({"id": "api-0", "outcome": "aborted"} | given))
    )
    for color in colors:
        runs = a_deployment(id=color.deployment, task_definition=revision(42))
        have_service(preparing, runs, color=color.color)


def test_what_an_earlier_rollout_changed_is_to_be_put_back(preparing):
    back = a_color("yellow", changed=True, stage=Stage.PUT_BACK)
    earlier(preparing, a_released_color("red"), back)

    answer = prepared(BACK)

    rollout = preparing.rollouts.read("api-1")
    assert answer["outcome"] == "roll_back"
    assert {c: p.changed for c, p in rollout.colors.items()} == {
        "red": True,
        "yellow": False,
        "green": False,
    }
    assert rollout.colors["red"].previous == OLD
    assert (rollout.release.name, rollout.rolls_back) == ("rollback of v1.42.0", "api-0")


@pytest.mark.parametrize("document", [BACK | {"rollBack": "api-9"}, BACK | {"rollBack": "web-0"}])
def test_a_rollout_that_this_application_never_had_cannot_be_put_back(preparing, document):
    preparing.rollouts.create(a_rollout(id="web-0", application="web"))

    answer = prepared(document)

    assert answer["outcome"] == "not_deployable"
    assert document["rollBack"] in answer["cause"]


def test_what_someone_deployed_since_is_not_put_back(preparing):
    earlier(preparing, a_released_color("red"))
    have_service(preparing, a_deployment(task_definition=OTHER), color="red")

    answer = prepared(BACK)

    changed = [c.color for c in preparing.rollouts.read("api-1").changed_colors]
    assert answer["outcome"] != "roll_back" or changed == []


def test_the_same_image_as_before_can_be_rolled_out(preparing):
    preparing.images = FakeImages(**{"v1.41.0": OLD_DIGEST})

    assert prepared(TAG | {"tag": "v1.41.0"})["outcome"] == "ready"
