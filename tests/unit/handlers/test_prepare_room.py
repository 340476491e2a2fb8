"""Preparing refuses a rollout for whose tasks there is no room, unless somebody says why not."""

from dataclasses import replace

import pytest

from tests.support.preparing import TAG, prepared
from tests.support.sized import a_room, an_instance

DESPITE = TAG | {"despite": "the group scales out by itself"}


@pytest.fixture
def full(preparing):
    """Have all services on instances of which one is left, with too little memory."""
    known = preparing.ecs.known
    known |= {name: replace(service, launch_type="EC2") for name, service in known.items()}
    preparing.instances.known = [an_instance(remaining=a_room(4096, 500))]
    return preparing


def test_a_full_cluster_is_told_before_anybody_is_asked(full):
    answer = prepared()

    assert answer["outcome"] == "no_room"
    # The example's containers reserve 512 and 64 MiB, and no CPU.
    assert "red, yellow, green: one more task needs 0 CPU units and 576 MiB" in answer["cause"]
    assert "The best, i-a (m6i.xlarge), has 4,096 CPU units and 500 MiB." in answer["cause"]
    assert '"despite"' in answer["cause"]
    assert full.ecs.updates == []


def test_it_starts_all_the_same_where_somebody_says_why(full):
    assert prepared(DESPITE)["outcome"] == "ready"
    assert full.rollouts.read("api-1").despite == "the group scales out by itself"


def test_it_starts_once_there_is_room(full):
    full.instances.known.append(an_instance("b"))

    assert prepared(DESPITE)["outcome"] == "ready"
    assert full.rollouts.read("api-1").despite == ""


def test_the_revision_that_is_asked_for_says_what_is_needed(full):
    arn = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/api:42"
    small = full.ecs.task_definition("api") | {"taskDefinitionArn": arn, "revision": 42}
    full.ecs.revisions[arn] = small | {"memory": "400"}
    asked = {key: value for key, value in TAG.items() if key != "tag"}

    assert prepared(asked | {"taskDefinition": arn})["outcome"] == "ready"


def test_services_without_instances_ask_nothing_of_them(preparing):
    preparing.instances = None

    assert prepared()["outcome"] == "ready"
