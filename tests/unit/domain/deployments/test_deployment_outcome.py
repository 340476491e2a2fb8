"""What counts as deployed: every way in which a deployment can end, as a table."""

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.deployments.deployment_outcome import (
    GOING_STATUSES,
    ROLLED_BACK_STATUSES,
    STOPPED_STATUSES,
    DeploymentEnd,
    ExpectedDeployment,
    judge_deployment,
)
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.service import RolloutState, ServiceDeployment
from tests.support.builders import NEW, NOW, OLD, OTHER, a_deployment, a_service, after

AIM = ExpectedDeployment(
    deployment="ecs-svc/ours", revision=NEW, previous=OLD, deadline=after(minutes=30)
)


def judged(service, statuses, now, reason=""):
    history = [ServiceDeployment(status=status, reason=reason) for status in statuses]
    return judge_deployment(AIM, service, history, now)


def ours(**given):
    return a_deployment(**({"id": "ecs-svc/ours", "task_definition": NEW} | given))


def ours_replaced(**given):
    return ours(primary=False, **given)


def another(revision=OLD, **given):
    return a_deployment(**({"id": "ecs-svc/other", "task_definition": revision} | given))


BREAKER = "ECS deployment circuit breaker: tasks failed to start."
TRIPPED = {"state": "FAILED", "reason": BREAKER, "running": 0, "failed_tasks": 3}
ON_ITS_WAY = None

TABLE = {
    # Ours is still the primary one.
    "completed on our revision with tasks": (a_service(ours()), [], DeploymentOutcome.COMPLETED),
    "in progress": (a_service(ours(state="IN_PROGRESS", running=1)), [], ON_ITS_WAY),
    "in progress with nothing running yet": (
        a_service(ours(state="IN_PROGRESS", running=0)),
        [],
        ON_ITS_WAY,
    ),
    "said to be completed, but no task runs": (a_service(ours(running=0)), [], ON_ITS_WAY),
    "a state that is not known": (a_service(ours(state="ALMOST")), [], ON_ITS_WAY),
    "no state at all": (a_service(ours(state="")), [], ON_ITS_WAY),
    "completed, the old one still draining": (
        a_service(ours(), another(primary=False, running=0)),
        [],
        DeploymentOutcome.COMPLETED,
    ),
    "completed early, old tasks serve on": (
        a_service(ours(), another(primary=False, running=4)),
        [],
        ON_ITS_WAY,
    ),
    "completed, and another deployment of our revision runs": (
        a_service(ours(), another(NEW, primary=False)),
        [],
        DeploymentOutcome.COMPLETED,
    ),
    "failed without a rollback": (a_service(ours(**TRIPPED)), [], DeploymentOutcome.FAILED),
    "scaled to zero and completed": (
        a_service(ours(running=0, desired=0), desired=0),
        [],
        DeploymentOutcome.SCALED_TO_ZERO,
    ),
    "scaled to zero on its way": (
        a_service(ours(state="IN_PROGRESS", running=0), desired=0),
        [],
        DeploymentOutcome.SCALED_TO_ZERO,
    ),
    "our id on another revision": (
        a_service(ours(task_definition=OTHER)),
        [],
        DeploymentOutcome.SUPERSEDED,
    ),
    # ECS's circuit breaker put the old revision back: a new primary deployment of it.
    "rolled back early, ours still listed": (
        a_service(another(state="IN_PROGRESS"), ours_replaced(**TRIPPED)),
        ["ROLLBACK_IN_PROGRESS"],
        DeploymentOutcome.ROLLED_BACK,
    ),
    "rolled back, before the history says so": (
        a_service(another(), ours_replaced(**TRIPPED)),
        ["IN_PROGRESS"],
        DeploymentOutcome.ROLLED_BACK,
    ),
    "rolled back, with no history": (
        a_service(another(), ours_replaced(**TRIPPED)),
        [],
        DeploymentOutcome.ROLLED_BACK,
    ),
    "rolled back late, ours gone, stable again": (
        a_service(another()),
        ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"],
        DeploymentOutcome.ROLLED_BACK,
    ),
    "rollback asked for": (
        a_service(another()),
        ["ROLLBACK_REQUESTED"],
        DeploymentOutcome.ROLLED_BACK,
    ),
    "rollback failed": (a_service(another()), ["ROLLBACK_FAILED"], DeploymentOutcome.ROLLED_BACK),
    # Someone else.
    "stopped in ECS": (a_service(another()), ["STOPPED"], DeploymentOutcome.STOPPED),
    "being stopped in ECS": (a_service(another()), ["STOP_REQUESTED"], DeploymentOutcome.STOPPED),
    "overtaken on the way": (
        a_service(another(OTHER, state="IN_PROGRESS"), ours_replaced(state="IN_PROGRESS")),
        ["IN_PROGRESS", "PENDING"],
        DeploymentOutcome.SUPERSEDED,
    ),
    "overtaken, and the other one is completed": (
        a_service(another(OTHER)),
        ["SUCCESSFUL", "SUCCESSFUL"],
        DeploymentOutcome.SUPERSEDED,
    ),
    "overtaken by the same revision": (
        a_service(another(NEW)),
        ["STOPPED"],
        DeploymentOutcome.STOPPED,
    ),
    "someone put the old one back": (
        a_service(another(OLD), ours_replaced(state="IN_PROGRESS")),
        ["IN_PROGRESS"],
        DeploymentOutcome.SUPERSEDED,
    ),
    "ours failed, then someone deployed": (
        a_service(another(OTHER), ours_replaced(**TRIPPED)),
        [],
        DeploymentOutcome.SUPERSEDED,
    ),
    "no deployment at all": (a_service(ours_replaced()), [], DeploymentOutcome.FAILED),
    # The service itself.
    "the service is gone": (None, [], DeploymentOutcome.FAILED),
    "the service is being deleted": (a_service(ours(), active=False), [], DeploymentOutcome.FAILED),
}


@pytest.mark.parametrize(("service", "history", "outcome"), TABLE.values(), ids=TABLE)
def test_a_deployment_is_judged_by_identity(service, history, outcome):
    settled = judged(service, history, NOW)

    assert (settled.outcome if settled else None) is outcome


@pytest.mark.parametrize(("service", "history", "outcome"), TABLE.values(), ids=TABLE)
def test_past_its_deadline_only_what_is_still_on_its_way_is_overdue(service, history, outcome):
    settled = judged(service, history, AIM.deadline)

    assert settled.outcome is (outcome or DeploymentOutcome.OVERDUE)


def test_a_moment_before_its_deadline_it_is_not_overdue():
    service = a_service(ours(state="IN_PROGRESS", running=0))

    assert judged(service, [], after(minutes=29, seconds=59)) is None


def test_the_circuit_breakers_own_words_are_kept():
    service = a_service(another(), ours_replaced(**TRIPPED))

    assert judged(service, [], NOW) == DeploymentEnd(
        outcome=DeploymentOutcome.ROLLED_BACK, detail=BREAKER
    )


def test_a_reason_that_nobody_knows_is_told():
    settled = judged(a_service(another(reason="")), ["ROLLBACK_FAILED"], NOW, "The weather.")

    assert settled.outcome is DeploymentOutcome.ROLLED_BACK
    assert settled.detail == "The weather."


def test_once_ours_is_gone_the_rollbacks_own_words_are_kept():
    service = a_service(another(reason="ECS deployment rolled back from api:42."))

    settled = judged(service, ["ROLLBACK_SUCCESSFUL"], NOW)

    assert settled.detail == "ECS deployment rolled back from api:42."


BY_HAND = "Service deployment rolled back because a user stopped it."
BY_BREAKER = "Service deployment rolled back because the circuit breaker threshold was exceeded."


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (BY_HAND, DeploymentOutcome.STOPPED),
        ("Rollback requested by the customer.", DeploymentOutcome.STOPPED),
        ("Rolled back because StopServiceDeployment was called.", DeploymentOutcome.STOPPED),
        ("The service deployment was manually stopped.", DeploymentOutcome.STOPPED),
        ("Rolled back because of an alarm: api-5xx stopped.", DeploymentOutcome.ROLLED_BACK),
        (
            "Service deployment rolled back because of invalid networking configuration: stop.",
            DeploymentOutcome.ROLLED_BACK,
        ),
        (BY_BREAKER, DeploymentOutcome.ROLLED_BACK),
        ("Because of the weather.", DeploymentOutcome.ROLLED_BACK),
    ],
)
@pytest.mark.parametrize("status", sorted(ROLLED_BACK_STATUSES))
def test_a_stop_by_hand_is_told_apart_from_the_circuit_breaker(status, reason, outcome):
    """A stop by hand fails ours and rolls back, as the circuit breaker does."""
    service = a_service(another(state="IN_PROGRESS"), ours_replaced(state="FAILED"))

    assert judged(service, [status], NOW, reason).outcome is outcome


def test_who_overtook_is_named_by_revision_and_deployment():
    settled = judged(a_service(another(OTHER)), [], NOW)

    assert settled.detail == "Someone else deployed api:99 to it (ecs-svc/other)."


def test_overdue_tells_how_far_it_came():
    service = a_service(ours(state="IN_PROGRESS", running=1, failed_tasks=4))

    settled = judged(service, [], after(hours=1))

    assert settled.detail == "1 of 2 tasks run, 4 failed to start."


def test_overdue_tells_how_many_tasks_of_another_revision_still_serve():
    service = a_service(ours(), another(primary=False, running=4))

    settled = judged(service, [], after(hours=1))

    assert settled.outcome is DeploymentOutcome.OVERDUE
    assert settled.detail.endswith(" 4 of another revision still serve.")


@given(st.text(st.characters(categories=["Lu", "Pc"]), max_size=20))
def test_a_status_that_is_not_known_is_never_success(status):
    settled = judged(a_service(another()), [status], NOW)

    assert settled is None or settled.outcome is not DeploymentOutcome.COMPLETED


def test_a_status_that_is_not_known_is_waited_for_until_the_deadline():
    service = a_service(another(NEW, state="IN_PROGRESS"), ours_replaced(state="IN_PROGRESS"))

    assert judged(service, ["PAUSED_AT_HOOK"], NOW) is None
    assert judged(service, ["PAUSED_AT_HOOK"], AIM.deadline).outcome is DeploymentOutcome.OVERDUE


deployments = st.builds(
    a_deployment,
    id=st.sampled_from(["ecs-svc/ours", "ecs-svc/other"]),
    primary=st.booleans(),
    task_definition=st.sampled_from([OLD, NEW, OTHER]),
    state=st.sampled_from(["IN_PROGRESS", "COMPLETED", "FAILED", ""]),
    running=st.integers(0, 2),
)
services = st.builds(
    lambda listed, **given: a_service(*listed, **given),
    st.lists(deployments, min_size=1, max_size=3),
    active=st.booleans(),
    desired=st.integers(0, 2),
)
histories = st.lists(
    st.sampled_from(sorted(ROLLED_BACK_STATUSES | STOPPED_STATUSES | GOING_STATUSES)), max_size=3
)


@given(services, histories)
def test_completed_means_our_deployment_on_our_revision_with_tasks(service, history):
    settled = judged(service, history, NOW)

    if settled is not None and settled.outcome is DeploymentOutcome.COMPLETED:
        primary = service.primary
        assert (primary.id, primary.task_definition) == (AIM.deployment, AIM.revision)
        assert (primary.state, primary.running > 0) == ("COMPLETED", True)
        assert not sum(d.running for d in service.deployments if d.task_definition != AIM.revision)
        assert service.active
        assert service.desired > 0


@pytest.fixture(scope="module")
def ecs_model():
    return boto3.client("ecs", region_name="ap-northeast-1").meta.service_model


def test_the_statuses_are_those_that_aws_knows(ecs_model):
    known = ROLLED_BACK_STATUSES | STOPPED_STATUSES | GOING_STATUSES

    assert known == set(ecs_model.shape_for("ServiceDeploymentStatus").enum)


def test_no_status_means_two_things():
    groups = (ROLLED_BACK_STATUSES, STOPPED_STATUSES, GOING_STATUSES)

    assert sum(map(len, groups)) == len(frozenset().union(*groups))


def test_the_states_are_those_that_aws_knows(ecs_model):
    assert set(RolloutState) == set(ecs_model.shape_for("DeploymentRolloutState").enum)
