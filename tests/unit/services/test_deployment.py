"""Bringing a color to a revision: once, whatever dies in between, and never over someone else."""

import pytest

from handlers.domain.deployments.deployment_outcome import DeploymentEnd
from handlers.domain.model.errors import Refused, Transient
from handlers.domain.model.outcomes import DeploymentOutcome
from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.builders import (
    NEW,
    NOW,
    OLD,
    OTHER,
    a_color,
    a_returning_color,
    a_rollout,
    after,
)
from tests.support.color_deployments import (
    at_rest,
    deploying,
    deployment_of,
    record_end,
    start,
)
from tests.support.fake_ecs import FakeEcs


def test_setting_out_deploys_the_release_and_notes_which_deployment_does_it():
    ecs, rollouts, begun = deploying(at_rest())

    red = rollouts.get(begun.rollout.id).colors["red"]
    assert ecs.updates == [("api-red", NEW)]
    assert red.deployment == ecs.known["api-red"].primary.id
    assert (red.stage, red.changed, red.times[Stage.DEPLOYING]) == (Stage.DEPLOYING, True, NOW)
    assert begun.is_started


def test_setting_out_twice_deploys_once():
    ecs, rollouts, begun = deploying(at_rest())

    again = start(deployment_of(rollouts), ecs, rollouts, after(minutes=10))

    assert ecs.updates == [("api-red", NEW)]
    assert again.progress.deployment == begun.progress.deployment


def test_what_ecs_rolled_back_meanwhile_is_not_deployed_again_by_the_next_look():
    ecs, rollouts, begun = deploying(at_rest())
    ecs.roll_back("api-red")

    again = start(deployment_of(rollouts), ecs, rollouts, after(minutes=10))

    assert ecs.updates == [("api-red", NEW)]
    assert again.progress.deployment == begun.progress.deployment


class DiesAfter:
    """Lets so many calls through, and dies after the last of them has had its effect."""

    def __init__(self, calls):
        self.left = calls

    def around(self, thing):
        guard = self

        class Mortal:
            def __getattr__(self, name):
                method = getattr(thing, name)

                def call(*args, **kwargs):
                    done = method(*args, **kwargs)
                    guard.left -= 1
                    if guard.left == 0:
                        raise Transient("the function died")
                    return done

                return call

        return Mortal()


@pytest.mark.parametrize("returning", [False, True], ids=["deploying", "going back"])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_a_run_that_dies_after_any_call_is_taken_up_again_without_deploying_twice(calls, returning):
    target = OLD if returning else NEW
    red = a_returning_color("red", stage=Stage.FAILED) if returning else a_color("red")
    ecs, rollouts = FakeEcs(at_rest(NEW if returning else OLD)), InMemoryRollouts(a_rollout(red))
    death = DiesAfter(calls)
    with pytest.raises(Transient):
        start(
            deployment_of(rollouts, returning=returning),
            death.around(ecs),
            death.around(rollouts),
            NOW,
        )

    begun = start(deployment_of(rollouts, returning=returning), ecs, rollouts, after(seconds=2))

    assert ecs.updates == [("api-red", target)]
    assert begun.progress.deployment == ecs.known["api-red"].primary.id
    assert begun.progress.changed


def test_a_service_is_never_touched_before_the_intention_is_on_record():
    ecs, rollouts = FakeEcs(at_rest()), InMemoryRollouts(a_rollout(a_color("red")))

    def refuse(*_args):
        raise Refused("update service api-red: AccessDenied")

    ecs.deploy = refuse
    with pytest.raises(Refused):
        start(deployment_of(rollouts), ecs, rollouts, NOW)

    assert deployment_of(rollouts).progress.changed


def test_a_service_that_is_on_the_release_already_is_not_deployed_again():
    ecs, _, begun = deploying(at_rest(NEW))

    assert ecs.updates == []
    assert begun.progress.deployment == "ecs-svc/before"


def test_a_release_is_not_deployed_over_someone_elses():
    ecs, rollouts, refused = deploying(at_rest(OTHER))

    assert refused.outcome is DeploymentOutcome.SUPERSEDED
    assert refused.detail == "Since the rollout began, someone deployed api:99."
    assert ecs.updates == []
    assert not deployment_of(rollouts).progress.changed


def test_a_release_is_not_deployed_to_a_service_scaled_to_zero():
    ecs, _, refused = deploying(at_rest(desired=0))

    assert refused == DeploymentEnd(
        outcome=DeploymentOutcome.SCALED_TO_ZERO, detail="Its desired count is 0."
    )
    assert ecs.updates == []


@pytest.mark.parametrize("returning", [False, True])
def test_a_service_that_is_gone_is_told(returning):
    rollouts = InMemoryRollouts(a_rollout(a_color("red", changed=True)))

    gone = start(deployment_of(rollouts, returning=returning), FakeEcs(), rollouts, NOW)

    assert gone == DeploymentEnd(
        outcome=DeploymentOutcome.FAILED, detail="The service does not exist any more."
    )


def test_going_back_is_deploying_the_recorded_revision():
    ecs = FakeEcs(at_rest(NEW))
    rollouts = InMemoryRollouts(a_rollout(a_color("red", changed=True, stage=Stage.VERIFYING)))

    begun = start(deployment_of(rollouts, returning=True), ecs, rollouts, NOW)

    assert ecs.updates == [("api-red", OLD)]
    assert begun.progress.stage is Stage.GOING_BACK


def test_going_back_takes_up_the_rollback_that_ecs_itself_began():
    ecs, rollouts, _ = deploying(at_rest())
    ecs.roll_back("api-red")
    record_end(
        deployment_of(rollouts), DeploymentEnd(outcome=DeploymentOutcome.ROLLED_BACK), rollouts, NOW
    )

    begun = start(deployment_of(rollouts, returning=True), ecs, rollouts, after(minutes=4))

    assert ecs.updates == [("api-red", NEW)]
    assert begun.progress.deployment == ecs.known["api-red"].primary.id


def test_going_back_does_not_mistake_the_failed_deployment_for_its_own():
    ecs, rollouts, begun = deploying(at_rest())
    ecs.fail("api-red", "tasks failed to start")
    record_end(
        deployment_of(rollouts), DeploymentEnd(outcome=DeploymentOutcome.FAILED), rollouts, NOW
    )

    back = start(deployment_of(rollouts, returning=True), ecs, rollouts, after(minutes=4))

    assert back.progress.deployment != begun.progress.deployment
    assert ecs.updates == [("api-red", NEW), ("api-red", OLD)]
