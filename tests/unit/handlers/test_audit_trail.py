"""What the machine's steps leave in the audit, and that running twice leaves it once."""

import pytest

from handlers import finish_rollout, follow_execution, verify_color
from handlers.domain.history.audit import EventKind
from handlers.domain.model.colors import COLORS
from handlers.domain.model.rollout import Stage
from simulator.example_release import REGISTRY
from simulator.recorded_events import recorded
from tests.support.builders import (
    GROUP,
    NEW,
    NOW,
    OLD,
    a_color,
    a_decision,
    a_deployment,
    a_release,
    a_released_color,
    a_returning_color,
    a_rollout,
    a_service,
    a_target,
    a_task,
    a_task_definition,
    after,
    an_approval,
    an_entry,
    execution,
    revision,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers
from tests.support.preparing import TAG, prepared
from tests.support.steps import ROLLOUT, event, primary, put_back


def entry(outside, kind):
    (found,) = [each for each in outside.audit.records.values() if each.kind is kind]
    return found


def finish(state):
    event = {
        "state": state,
        "execution": {
            "arn": execution(ROLLOUT),
            "name": ROLLOUT,
            "startedAt": "2026-11-23T09:00:00Z",
        },
    }
    return finish_rollout.lambda_handler(event, None)


def test_a_request_without_slack_is_noted_when_it_is_prepared(preparing):
    prepared(TAG | {"requestedBy": "ci"})

    noted = entry(preparing, EventKind.REQUESTED)
    assert (noted.rollout, noted.application, noted.at) == ("api-1", "api", NOW)
    assert (noted.actor, noted.source, noted.detail) == ("ci", "api", "v1.42.0: faster search")


def test_a_request_that_slack_noted_stays_slacks(preparing):
    preparing.audit.note(an_entry(rollout="api-1", id="request", at=after(seconds=-1)))

    prepared()

    assert entry(preparing, EventKind.REQUESTED).source == "slack"


def test_a_refusal_is_noted_with_its_reason_and_once(preparing):
    lost = {"application": "api", "image": f"{REGISTRY}/api:v9"}
    prepared(lost)
    preparing.time = after(seconds=9)
    prepared(lost)

    noted = entry(preparing, EventKind.REFUSED_START)
    assert (noted.actor, noted.source, noted.at) == ("shingo", "machine", NOW)
    assert noted.detail.startswith("image_not_found: look up api:v9")
    assert len(preparing.audit.records) == 2


@pytest.mark.parametrize(
    ("document", "application", "actor"),
    [
        ({"application": "api", "tag": "v1", "x": 1, "requestedBy": "ci"}, "api", "ci"),
        ({"application": "apo", "tag": "v1"}, "", "unknown"),
        ({"application": ["api"], "requestedBy": {"a": "b"}}, "", "{'a': 'b'}"),
        (["api"], "", "unknown"),
    ],
)
def test_an_input_that_is_none_is_noted_as_refused(preparing, document, application, actor):
    prepared(document)

    noted = entry(preparing, EventKind.REFUSED_START)
    assert (noted.rollout, noted.application) == ("api-1", application)
    assert (noted.actor, noted.source) == (actor, "api")


def test_a_deployment_is_noted_with_how_it_ended(deploying):
    deploying.ecs.complete("api-red")
    ours = primary(deploying).id
    deploying.time = after(minutes=3)

    event("completed", deploymentId=ours)
    event("completed", deploymentId=ours)

    noted = entry(deploying, EventKind.DEPLOYED)
    assert (noted.color, noted.at, noted.source) == ("red", after(minutes=3), "machine")
    assert noted.detail == "completed, on api:42."


def test_a_deployment_that_failed_is_noted_with_why(deploying):
    deploying.ecs.roll_back("api-red", "tasks failed to start.")

    event("failed", deploymentId=deploying.ecs.known["api-red"].deployments[1].id)

    assert entry(deploying, EventKind.DEPLOYED).detail.startswith(
        "rolled_back, on api:42. tasks failed"
    )


def test_a_color_that_goes_back_is_noted(at_rest):
    going_back = a_returning_color("red", deployment="ecs-svc/back")
    at_rest.rollouts.overwrite(a_rollout(going_back))
    back = a_deployment(id="ecs-svc/back", task_definition=OLD)
    at_rest.ecs = FakeEcs(a_service(back))

    put_back("token-2")

    noted = entry(at_rest, EventKind.PUT_BACK)
    assert (noted.color, noted.detail) == ("red", "completed, on api:41.")


def verifying(outside, *states, since=NOW):
    times = {Stage.VERIFYING: since}
    usual = {"changed": True, "deployment": "ecs-svc/ours", "outcome": "completed", "times": times}
    outside.rollouts.create(a_rollout(a_color("red", stage=Stage.VERIFYING, **usual)))
    outside.ecs = FakeEcs(a_service(a_deployment()))
    endpoints = [f"i-0{number}:32768" for number, _ in enumerate(states)]
    outside.ecs.running["api-red"] = [
        a_task(f"task-{each}", endpoints=(each,)) for each in endpoints
    ]
    targets = map(a_target, endpoints, states)
    outside.balancers = FakeBalancers(**{GROUP: list(targets)})
    return verify_color.lambda_handler({"rollout": ROLLOUT, "color": "red"}, None)


def test_a_verdict_is_noted(outside):
    assert (
        verifying(outside, "healthy", "healthy", since=after(minutes=-10))["verdict"] == "healthy"
    )

    noted = entry(outside, EventKind.VERIFIED)
    assert (noted.color, noted.actor) == ("red", "shingo")
    assert noted.detail.startswith("healthy: ")


def test_a_look_that_decides_nothing_is_not_noted(outside):
    assert verifying(outside, "healthy", "initial")["verdict"] == "watching"

    assert outside.audit.records == {}


def test_an_end_is_noted_once_whoever_ends_it(outside):
    colors = (a_released_color(color) for color in ("red", "yellow", "green"))
    outside.rollouts.create(a_rollout(*colors))
    outside.ecs = FakeEcs(
        *(a_service(a_deployment(id=f"ecs-svc/{c}", task_definition=NEW), color=c) for c in COLORS)
    )
    outside.time = after(hours=1)

    finish({"outcome": "ready", "verification": {"verdict": "healthy"}})
    outside.time = after(hours=2)
    finish({"outcome": "ready", "verification": {"verdict": "healthy"}})
    follow_execution.lambda_handler(recorded("execution_failed"), None)

    noted = entry(outside, EventKind.ENDED)
    assert (noted.at, noted.detail) == (after(hours=1), "completed: Every color runs api:42.")


def test_an_end_from_outside_is_noted_too(outside):
    outside.rollouts.create(a_rollout())

    follow_execution.lambda_handler(recorded("execution_aborted"), None)

    assert entry(outside, EventKind.ENDED).detail.startswith("aborted: ")


def test_an_answer_whose_handler_ended_right_after_it_is_noted_by_whoever_ends_the_rollout(outside):
    # A minute's work of two: bob approves, his click's handler dies, and the execution is stopped.
    outside.rollouts.create(a_rollout(a_color("red", stage=Stage.ASKING, approval="question-red")))
    outside.approvals.ask(an_approval())
    outside.approvals.decide("question-red", a_decision(source="slack", reason="looks good"))

    follow_execution.lambda_handler(recorded("execution_aborted"), None)

    noted = entry(outside, EventKind.DECIDED)
    assert (noted.actor, noted.source, noted.color) == ("U0BOB", "slack", "red")
    assert (noted.detail, noted.at) == ("approved: looks good", NOW)


UNPINNED = "not pinned by a digest: proxy (envoy:v1.30)"


def test_what_changes_is_recorded_and_told_once_in_the_thread(preparing):
    prepared()
    prepared()

    line = "app: image 111111111111 → 222222222222"
    assert preparing.rollouts.read("api-1").changes == (line, UNPINNED)
    assert preparing.slack.said(in_thread=True) == [
        f"What changes against api:41, which green runs:\n• {line}\n• {UNPINNED}"
    ]


def test_what_an_existing_revision_changes_is_recorded_too(preparing):
    preparing.ecs.revisions[NEW] = a_task_definition(42, cpu="512")

    prepared({"application": "api", "taskDefinition": "api:42"})

    assert preparing.rollouts.read("api-1").changes == ("cpu none → 512", UNPINNED)


def test_what_changes_is_told_for_each_color_against_what_it_runs(preparing):
    preparing.ecs.revisions[revision(40)] = a_task_definition(40, cpu="256")
    service = a_service(a_deployment(task_definition=revision(40)), color="green")
    preparing.ecs.known["api-green"] = service

    prepared({"application": "api", "taskDefinition": "api:41"})

    assert preparing.rollouts.read("api-1").changes_for == {
        ("red", "yellow"): ("Nothing changes: this is what runs.", UNPINNED),
        ("green",): ("cpu 256 → none", UNPINNED),
    }
    assert preparing.slack.said(in_thread=True) == [
        (
            "What changes for red and yellow, against api:41:\n"
            f"• Nothing changes: this is what runs.\n• {UNPINNED}\n"
            f"What changes for green, against api:40:\n• cpu 256 → none\n• {UNPINNED}"
        )
    ]


def test_a_rollout_that_only_puts_back_has_no_changes_to_tell(preparing):
    left = a_released_color("red")
    preparing.rollouts.create(a_rollout(left, id="api-0", release=a_release(), outcome="aborted"))

    prepared({"application": "api", "rollBack": "api-0"})

    assert preparing.rollouts.read("api-1").changes == ()
    assert preparing.slack.said(in_thread=True) == []
