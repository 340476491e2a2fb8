"""Waiting for an image that is still being built, or scanned, before anybody is asked."""

from datetime import timedelta

import pytest

from handlers import await_image, follow_push, runtime
from handlers.domain.admission.image_scan import Scan
from handlers.domain.config.image_rules import ImageRules, RefuseAt
from handlers.domain.history.audit import Actor
from handlers.domain.model.prerequisite import Awaits
from handlers.services import rollout_actions
from simulator.example_release import NEW_DIGEST, REGISTRY, image
from simulator.recorded_events import recorded
from tests.support.builders import (
    NEW,
    NOW,
    a_color,
    a_manifest,
    a_rollout,
    a_task_definition,
    after,
    an_application,
    execution,
)
from tests.support.preparing import TAG, prepared
from tests.support.steps import FIRST

THERE = {"rollout": "api-1", "application": "api", "outcome": "pushed", "cause": ""}


@pytest.fixture
def unbuilt(preparing):
    """Have everything in place but the image."""
    preparing.images.digests.clear()
    return preparing


def build(outside):
    outside.images.digests["v1.42.0"] = NEW_DIGEST


def waits(token=FIRST):
    await_image.lambda_handler({"rollout": "api-1", "token": token}, None)


def pushed(name="ecr_image_pushed", **detail):
    event = recorded(name)
    event["detail"] |= detail
    follow_push.lambda_handler(event, None)


def refuse_at(outside, severity):
    outside.apps = {"api": an_application(images=ImageRules(refuse_at=severity))}


def board(outside):
    return str(outside.slack.boards()[0]["blocks"])


def test_a_tag_that_is_not_pushed_yet_is_waited_for_and_nobody_is_asked(unbuilt):
    answer = prepared()

    assert answer["outcome"] == "await_image"
    assert unbuilt.rollout.colors == {}
    assert unbuilt.rollout.awaits.until == after(hours=1)
    assert "waiting for api:v1.42.0 to be pushed, since" in board(unbuilt)
    assert "Withdraw" in board(unbuilt)
    assert unbuilt.locks.held["api"].rollout == "api-1"


def test_a_push_ends_the_wait_and_the_rollout_is_prepared_with_its_digest(unbuilt):
    prepared()
    waits()
    build(unbuilt)

    pushed()

    assert unbuilt.executions.answers == {"token-1": THERE}
    assert prepared()["outcome"] == "ready"
    assert unbuilt.rollout.awaits is None
    assert unbuilt.rollout.release.images["app"].endswith(NEW_DIGEST)
    assert set(unbuilt.rollout.colors) == {"red", "yellow", "green"}
    assert len(unbuilt.slack.boards()) == 1
    assert "waiting for" not in board(unbuilt)


def test_what_changes_is_told_once_it_is_known(unbuilt):
    prepared()
    assert unbuilt.slack.said(in_thread=True) == []
    build(unbuilt)

    prepared()

    assert len(unbuilt.slack.said(in_thread=True)) == 1


def test_a_push_while_the_wait_begins_is_seen(unbuilt):
    prepared()
    build(unbuilt)

    waits()

    assert unbuilt.executions.answers == {"token-1": THERE}


def test_a_push_of_which_no_event_came_is_found_by_the_look_again(unbuilt):
    prepared()
    waits("token-1")
    build(unbuilt)

    waits("token-2")

    assert unbuilt.executions.answers == {"token-2": THERE}


def test_another_tag_of_the_repository_ends_nothing(unbuilt):
    prepared()
    waits()

    pushed(**{"image-tag": "v1.41.9"})

    assert unbuilt.executions.answers == {}


@pytest.mark.parametrize("repeated", [1, 2])
def test_an_event_that_comes_twice_or_for_nobody_is_no_trouble(unbuilt, repeated):
    pushed()
    prepared()
    waits()
    build(unbuilt)

    for _ in range(repeated):
        pushed()

    assert unbuilt.executions.answers == {"token-1": THERE}
    assert unbuilt.executions.started == {}


def test_an_image_that_never_comes_is_given_up_and_says_how_long_it_was_waited_for(unbuilt):
    unbuilt.apps = {"api": an_application(images=ImageRules(wait_for_push=timedelta(minutes=20)))}
    prepared()
    waits("token-1")
    unbuilt.time = after(minutes=20)

    waits("token-2")

    answer = unbuilt.executions.answers["token-2"]
    assert answer["outcome"] == "image_not_found"
    assert answer["cause"] == "api:v1.42.0 was not pushed within 20 min."


def test_to_prepare_anew_without_an_image_waits_on_since_it_began(unbuilt):
    prepared()
    unbuilt.time = after(minutes=30)

    assert prepared()["outcome"] == "await_image"
    assert unbuilt.rollout.awaits.since == NOW


def test_a_withdrawal_ends_the_wait_at_once(unbuilt):
    prepared()
    waits()

    reply = rollout_actions.withdraw_rollout(
        runtime.context(), "api-1", Actor(id="U0CAROL", source="slack")
    )

    assert reply.counts
    assert unbuilt.executions.answers["token-1"]["outcome"] == "withdrawn"


def test_a_withdrawal_that_found_no_wait_is_obeyed_when_it_begins(unbuilt):
    prepared()
    rollout_actions.cancel_rollout(runtime.context(), "api", "U0CAROL")

    waits()

    assert unbuilt.executions.answers["token-1"]["outcome"] == "withdrawn"


def test_a_scan_that_is_still_to_come_is_waited_for(preparing):
    refuse_at(preparing, RefuseAt.HIGH)

    assert prepared()["outcome"] == "await_image"
    waits()
    assert preparing.rollout.awaits.kind is Awaits.SCAN
    assert "waiting for the scan of api:v1.42.0" in board(preparing)
    assert preparing.executions.answers == {}

    preparing.images.scans[NEW_DIGEST] = Scan(status="COMPLETE")
    pushed("ecr_image_scanned")

    assert preparing.executions.answers == {"token-1": THERE}
    assert prepared()["outcome"] == "ready"


def test_a_scan_that_found_too_much_refuses_the_image(preparing):
    refuse_at(preparing, RefuseAt.HIGH)
    preparing.images.scans[NEW_DIGEST] = Scan(status="COMPLETE", findings={"HIGH": 2})

    answer = prepared()

    assert answer["outcome"] == "image_unfit"
    assert answer["cause"] == "api:v1.42.0: its scan found 2 high."


def test_the_end_of_an_enhanced_scan_wakes_who_waits_for_it(preparing):
    refuse_at(preparing, RefuseAt.HIGH)
    prepared()
    waits()
    preparing.images.scans[NEW_DIGEST] = Scan(status="ACTIVE")

    pushed("inspector_image_scanned")

    assert preparing.executions.answers == {FIRST: THERE}


def test_of_an_index_the_scan_of_what_the_tasks_run_is_waited_for_and_read(preparing):
    refuse_at(preparing, RefuseAt.HIGH)
    own, other = a_manifest("amd64"), a_manifest("arm64")
    preparing.images.indices[NEW_DIGEST] = (other, own)

    assert prepared()["outcome"] == "await_image"
    assert preparing.rollout.awaits.digest == own.digest

    waits()
    preparing.images.scans[own.digest] = Scan(status="COMPLETE", findings={"LOW": 2})
    pushed("ecr_image_scanned", **{"image-digest": own.digest})

    assert preparing.executions.answers == {FIRST: THERE}
    assert prepared()["outcome"] == "ready"


def test_a_scan_that_never_ends_refuses_the_image(preparing):
    refuse_at(preparing, RefuseAt.HIGH)
    prepared()
    preparing.time = after(hours=1)

    waits()

    answer = preparing.executions.answers["token-1"]
    assert answer["outcome"] == "image_unfit"
    assert answer["cause"] == "The scan of api:v1.42.0 had not ended after 1 h."


def test_an_image_for_another_architecture_is_refused(preparing):
    arm = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    definition = a_task_definition(runtimePlatform=arm)
    preparing.ecs.revisions[definition["taskDefinitionArn"]] = definition
    preparing.images.indices[NEW_DIGEST] = (a_manifest("amd64"),)

    answer = prepared()

    assert answer["outcome"] == "image_unfit"
    assert answer["cause"].endswith("it is built for amd64, and its tasks run on arm64.")


def test_an_architecture_that_ecr_cannot_tell_is_said_in_the_thread(preparing):
    definition = a_task_definition(runtimePlatform={"cpuArchitecture": "ARM64"})
    preparing.ecs.revisions[definition["taskDefinitionArn"]] = definition

    assert prepared(TAG)["outcome"] == "ready"
    assert "whether it is built for arm64" in preparing.slack.said(in_thread=True)[0]


@pytest.mark.parametrize(
    "what",
    [
        {"tag": "v1.42.0"},
        {"image": f"{REGISTRY}/api:v1.42.0"},
        {"image": image(NEW_DIGEST)},
        {"image": f"{REGISTRY}/api:v1.42.0@{NEW_DIGEST}"},
        {"images": {"app": f"{REGISTRY}/api:v1.42.0"}},
        {"taskDefinition": "api:42"},
    ],
    ids=["tag", "image by tag", "image by digest", "image by both", "images", "task definition"],
)
def test_every_way_of_saying_what_to_release_is_held_against_the_images_scan(preparing, what):
    refuse_at(preparing, RefuseAt.CRITICAL)
    preparing.images.scans[NEW_DIGEST] = Scan(status="COMPLETE", findings={"CRITICAL": 7})
    preparing.ecs.revisions[NEW] = a_task_definition(42, NEW_DIGEST)

    answer = prepared({"application": "api", **what})

    assert answer["outcome"] == "image_unfit"
    assert answer["cause"].endswith(": its scan found 7 critical.")


def test_the_way_back_to_a_revision_is_not_closed_by_its_scan(preparing):
    refuse_at(preparing, RefuseAt.CRITICAL)
    preparing.images.scans[NEW_DIGEST] = Scan(status="COMPLETE", findings={"CRITICAL": 7})
    preparing.ecs.revisions[NEW] = a_task_definition(42, NEW_DIGEST)
    before = a_rollout(a_color("red", previous=NEW), id="api-0", outcome="completed")
    preparing.rollouts.create(before)

    answer = prepared({"application": "api", "taskDefinition": "api:42"})

    assert answer["outcome"] == "ready"
    changes = preparing.rollouts.read("api-1").changes
    assert "api@222222222222: its scan found 7 critical" in changes


@pytest.mark.parametrize("severity", list(RefuseAt))
@pytest.mark.parametrize(
    "repository",
    [
        f"{REGISTRY}/another",
        f"{REGISTRY.replace('123456789012', '999999999999')}/api",
        "nginx",
    ],
    ids=["outside the file", "another account", "Docker Hub"],
)
def test_an_image_from_elsewhere_has_a_named_outcome(preparing, repository, severity):
    refuse_at(preparing, severity)

    by_tag = prepared({"application": "api", "image": f"{repository}:v1.42.0"}, name="api-2")
    preparing.executions.ended.add(execution("api-2"))
    by_digest = prepared({"application": "api", "image": f"{repository}@{NEW_DIGEST}"})

    assert by_tag["outcome"] == "image_not_found"
    assert by_tag["cause"].endswith("give its digest")
    unfit = severity is not RefuseAt.NEVER
    assert by_digest["outcome"] == ("image_unfit" if unfit else "ready")


def test_the_scan_of_another_applications_image_is_waited_for_in_its_repository(preparing):
    refuse_at(preparing, RefuseAt.CRITICAL)
    preparing.apps |= {"web": an_application(name="web")}

    answer = prepared({"application": "api", "image": image(NEW_DIGEST, "web")})

    assert answer["outcome"] == "await_image"
    assert preparing.rollout.awaits.repository == "web"
