"""What refuses a rollout: each named for what it is, recorded, shown, and nothing touched."""

from dataclasses import replace

import pytest

from handlers.domain.config.approval_rules import ApprovalRules
from simulator.example_release import NEW_DIGEST, REGISTRY
from simulator.in_memory_stores import InMemoryLocks
from tests.support.builders import (
    OLD,
    OTHER,
    a_deployment,
    a_lock,
    a_service,
    a_task_definition,
    after,
    an_application,
    execution,
)
from tests.support.fakes import FakeExecutions
from tests.support.preparing import TAG, have_service, prepared


def refused(preparing, document=TAG):
    answer = prepared(document)

    assert preparing.ecs.updates == preparing.ecs.registered == []
    assert preparing.rollouts.read("api-1").colors == {}
    assert len(preparing.slack.boards()) == 1
    return answer["outcome"], answer["cause"]


def test_a_color_that_is_mid_deployment_refuses(preparing):
    have_service(preparing, a_deployment(task_definition=OTHER, state="IN_PROGRESS"))

    assert refused(preparing) == (
        "mid_deployment",
        "yellow: api-yellow is being deployed to api:99.",
    )


def test_a_color_that_is_going_back_refuses(preparing):
    failed = a_deployment(id="ecs-svc/2", primary=False, state="FAILED")
    have_service(preparing, a_deployment(task_definition=OLD, state="IN_PROGRESS"), failed)

    assert refused(preparing)[0] == "mid_deployment"


def test_a_color_whose_last_deployment_failed_refuses(preparing):
    have_service(preparing, a_deployment(state="FAILED", reason="tasks failed to start."))

    assert refused(preparing) == (
        "not_deployable",
        "yellow: its last deployment failed: tasks failed to start.",
    )


def test_a_color_scaled_to_zero_refuses(preparing):
    have_service(preparing, a_deployment(desired=0, running=0), desired=0, running=0)

    assert refused(preparing) == (
        "scaled_to_zero",
        "yellow: api-yellow has a desired count of 0.",
    )


@pytest.mark.parametrize("how", ["missing", "deleted", "no deployments of ECS's own"])
def test_a_color_without_a_service_refuses(preparing, how):
    if how == "missing":
        del preparing.ecs.known["api-yellow"]
    elif how == "deleted":
        have_service(preparing, active=False)
    else:
        preparing.ecs.known["api-yellow"] = replace(a_service(color="yellow"), deployments=())

    assert refused(preparing) == (
        "not_deployable",
        "yellow: there is no service api-yellow in cluster recipes.",
    )


@pytest.mark.parametrize(
    "strategy", ["EXTERNAL", "CODE_DEPLOY", "DAEMON", "BLUE_GREEN", "LINEAR", "CANARY"]
)
def test_a_service_that_ecs_does_not_roll_is_refused_by_name(preparing, strategy):
    service = a_service(color="yellow", strategy=strategy)
    has_none = strategy in {"EXTERNAL", "CODE_DEPLOY"}
    preparing.ecs.known["api-yellow"] = replace(service, deployments=()) if has_none else service

    outcome, cause = refused(preparing)

    assert outcome == "not_deployable"
    assert cause.startswith(f"yellow: api-yellow is deployed by {strategy}, expected a REPLICA ")


def test_a_service_behind_a_classic_load_balancer_is_refused_by_name(preparing):
    have_service(
        preparing, a_deployment(state=""), load_balancers=(), classic_load_balancers=("old",)
    )

    outcome, cause = refused(preparing)

    assert outcome == "not_deployable"
    assert cause.startswith("yellow: api-yellow is behind a Classic Load Balancer (old), expected")


def test_a_cluster_that_does_not_exist_refuses(preparing):
    preparing.apps = {"api": an_application(cluster="resipes")}

    outcome, cause = refused(preparing)

    assert outcome == "not_deployable"
    assert "resipes" in cause


def test_an_image_that_does_not_exist_refuses(preparing):
    lost = {"application": "api", "image": f"{REGISTRY}/api:v9.9.9"}

    outcome, cause = refused(preparing, lost)

    assert outcome == "image_not_found"
    assert "api:v9.9.9" in cause


def test_a_container_that_does_not_exist_refuses(preparing):
    given = {"application": "api", "images": {"main": f"{REGISTRY}/api@{NEW_DIGEST}"}}

    assert refused(preparing, given) == (
        "not_deployable",
        "api:41 has no container main; it has app, proxy",
    )


@pytest.mark.parametrize("status", ["missing", "INACTIVE"])
def test_a_revision_that_does_not_exist_refuses_and_is_not_called_an_image(preparing, status):
    if status != "missing":
        preparing.ecs.revisions[OTHER] = a_task_definition(99, status=status)

    outcome, cause = refused(preparing, {"application": "api", "taskDefinition": "api:99"})

    assert outcome == "not_deployable"
    assert "api:99" in cause


def test_an_application_that_is_being_rolled_out_refuses(preparing):
    preparing.locks = InMemoryLocks(a_lock("api-0"))
    preparing.executions = FakeExecutions(execution("api-0"), execution("api-1"))

    assert refused(preparing) == ("busy", "api is being rolled out by api-0.")
    assert preparing.locks.held["api"] == a_lock("api-0")


def test_the_lock_of_an_execution_that_has_ended_is_taken_over(preparing):
    preparing.locks = InMemoryLocks(a_lock("api-0"))
    preparing.executions = FakeExecutions(ended=[execution("api-0")])

    assert prepared()["outcome"] == "ready"
    assert preparing.locks.held["api"] == a_lock("api-1")


def test_the_lock_of_an_execution_that_is_not_known_yet_is_left_to_it(preparing):
    """DescribeExecution is eventually consistent."""
    preparing.locks = InMemoryLocks(a_lock("api-0", since=after(minutes=-1)))

    assert refused(preparing) == ("busy", "api is being rolled out by api-0.")
    assert preparing.locks.held["api"] == a_lock("api-0")


def test_the_lock_of_an_execution_that_is_never_known_is_not_held_for_ever(preparing):
    preparing.executions = FakeExecutions()
    assert prepared()["outcome"] == "ready"
    preparing.time = after(minutes=16)

    assert prepared(name="api-2")["outcome"] == "ready"
    assert preparing.locks.held["api"] == a_lock("api-2")


def test_of_two_that_take_over_one_lock_one_is_refused(preparing):
    preparing.locks = InMemoryLocks(a_lock("api-0"))
    preparing.executions = FakeExecutions(
        execution("api-1"), execution("api-2"), ended=[execution("api-0")]
    )

    first, second = prepared(name="api-1"), prepared(name="api-2")

    assert (first["outcome"], second["outcome"]) == ("ready", "busy")
    assert preparing.locks.held["api"] == a_lock("api-1")


def test_a_rollout_is_prepared_though_slack_is_down(preparing, log):
    preparing.slack.is_down = True

    assert prepared()["outcome"] == "ready"
    assert log.getvalue().count("slack: chat: ratelimited") == 1


def only(*users, **given):
    rules = ApprovalRules(users=users, **given)
    return {"api": an_application(rules={"red": ApprovalRules(), "yellow": rules})}


def test_a_requester_without_whom_too_few_may_approve_is_refused_before_anything(preparing):
    preparing.apps = only("U0CAROL", "U0BOB", required=2)

    answer = prepared()

    assert answer["outcome"] == "invalid_input"
    assert answer["cause"] == (
        "requestedBy: found 'U0CAROL', expected somebody else: too few others may approve yellow "
        "of api"
    )
    assert preparing.locks.held == {}


@pytest.mark.parametrize(
    "apps",
    [
        only("U0CAROL", "U0BOB"),
        only("U0CAROL", requester_may_approve=True),
        only("U0CAROL", groups=("S0SRE",)),
        only(),
    ],
    ids=["somebody else", "themselves", "a group", "anyone"],
)
def test_a_requester_is_taken_where_somebody_may_approve(preparing, apps):
    preparing.apps = apps

    assert prepared()["outcome"] != "invalid_input"


def test_rules_that_nobody_but_the_requester_can_meet_refuse_at_once(preparing):
    rules = {"red": ApprovalRules(), "yellow": ApprovalRules(groups=("S0SRE",))}
    preparing.apps = {"api": an_application(rules=rules | {"green": ApprovalRules()})}
    preparing.groups = {"S0SRE": ["U0CAROL"]}

    assert refused(preparing, TAG | {"requestedBy": "U0CAROL"}) == (
        "nobody_can_answer",
        (
            "yellow: 1 approval is needed, and none of those who are named can give one: U0CAROL "
            "asked for it."
        ),
    )
