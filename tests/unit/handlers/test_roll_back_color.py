"""Putting a color back to what was recorded."""

import pytest

from handlers.domain.model.errors import Refused
from handlers.domain.model.rollout import Stage
from simulator.in_memory_stores import InMemoryLocks
from tests.support.builders import (
    NEW,
    OLD,
    a_color,
    a_deployment,
    a_group,
    a_lock,
    a_release,
    a_released_color,
    a_service,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.records import change
from tests.support.steps import ROLLOUT, event, primary, put_back, red


@pytest.fixture
def released(at_rest):
    change(
        at_rest.rollouts, ROLLOUT, colors=at_rest.rollout.colors | {"red": a_released_color("red")}
    )
    new = a_deployment(id="ecs-svc/red", task_definition=NEW)
    before = a_deployment(id="ecs-svc/before", task_definition=OLD, primary=False)
    at_rest.ecs = FakeEcs(a_service(new, before), a_service(before, color="yellow"))
    return at_rest


def test_a_changed_color_is_put_back_to_what_was_recorded(released):
    put_back()
    released.ecs.complete("api-red")
    event("completed", deploymentId=primary(released).id)

    assert released.ecs.updates == [("api-red", OLD)]
    assert released.executions.answers == {"token-1": {"outcome": "put_back"}}
    assert red(released).stage is Stage.PUT_BACK
    assert released.slack.said(in_thread=True)[-1] == "red is back on api:41."


def test_a_color_that_was_not_changed_is_where_it_belongs(released):
    put_back(color="yellow")

    assert released.executions.answers == {"token-1": {"outcome": "not_changed"}}
    assert released.ecs.updates == released.ecs.calls == []


def test_a_color_that_was_not_changed_needs_no_token(released):
    released.executions.gone.add("token-1")

    put_back(color="yellow")

    assert released.ecs.updates == []


@pytest.mark.parametrize("locks", [InMemoryLocks(a_lock("api-newer")), InMemoryLocks()])
def test_a_rollout_that_has_its_application_no_more_puts_nothing_back(released, locks):
    # Stopped, followed by another that took the application, and redriven, all in one minute.
    released.locks = locks

    with pytest.raises(Refused, match="by now"):
        put_back()

    assert released.ecs.updates == []
    assert red(released).stage is Stage.RELEASED


def test_putting_back_twice_puts_back_once(released):
    put_back("token-1")

    put_back("token-2")
    released.ecs.complete("api-red")
    event("completed", deploymentId=primary(released).id)
    put_back("token-3")

    assert released.ecs.updates == [("api-red", OLD)]
    assert released.executions.answers == {
        "token-2": {"outcome": "put_back"},
        "token-3": {"outcome": "put_back"},
    }


def test_what_ecs_already_rolled_back_is_taken_up(deploying):
    deploying.ecs.roll_back("api-red")
    event("failed")

    put_back("token-2")
    deploying.ecs.complete("api-red")
    event("completed", deploymentId=primary(deploying).id)

    assert deploying.ecs.updates == [("api-red", NEW)]
    assert deploying.executions.answers["token-2"] == {"outcome": "put_back"}


def test_a_color_that_cannot_be_put_back_is_stranded_and_says_why(released):
    put_back()
    released.ecs.fail("api-red", "no hosts with enough memory.")

    event("failed", deploymentId=primary(released).id)

    assert released.executions.answers == {"token-1": {"outcome": "stranded"}}
    assert red(released).stage is Stage.STRANDED
    assert released.slack.said(in_thread=True)[-1] == (
        "red could not be put back to api:41: no hosts with enough memory."
    )


def test_the_event_of_the_release_does_not_end_the_way_back(deploying):
    put_back("token-2")
    released_at = deploying.ecs.known["api-red"].deployments[1].id

    event("completed", deploymentId=released_at)

    assert deploying.executions.answers == {}
    assert red(deploying).stage is Stage.GOING_BACK


def test_a_rollout_that_only_puts_back_needs_no_release(at_rest):
    back = a_color("red", changed=True)
    change(at_rest.rollouts, ROLLOUT, release=a_release(revision="", images={}), rolls_back="api-0")
    change(at_rest.rollouts, ROLLOUT, colors=at_rest.rollout.colors | {"red": back})
    at_rest.ecs = FakeEcs(a_service(a_deployment(id="ecs-svc/red", task_definition=NEW)))

    put_back()
    at_rest.ecs.complete("api-red")
    event("completed", deploymentId=primary(at_rest).id)

    assert at_rest.ecs.updates == [("api-red", OLD)]
    assert at_rest.executions.answers == {"token-1": {"outcome": "put_back"}}


def test_the_thread_says_where_a_color_goes_and_not_that_it_is_deployed_anew(released):
    put_back()

    said = released.slack.said(in_thread=True)[-1]
    assert "api:41" in said
    assert "back" in said.lower()


def of_a_group(outside):
    group = outside.releases.create(a_group())
    change(outside.rollouts, ROLLOUT, group=group.id)
    return group.id


def test_its_group_has_failed_as_soon_as_it_goes_back(released):
    group = of_a_group(released)

    put_back()

    assert released.releases.read(group).failed == "api"
    assert released.ecs.updates == [("api-red", OLD)]


def test_the_failure_of_another_of_its_group_stands(released):
    group = of_a_group(released)
    change(released.releases, group, failed="web")

    put_back()

    assert released.releases.read(group).failed == "web"


@pytest.mark.parametrize("name", ["get", "mark_failed_once"])
def test_it_goes_back_though_its_group_cannot_be_told(released, monkeypatch, name):
    of_a_group(released)

    def refused(*_, **__):
        raise Refused("AccessDeniedException")

    monkeypatch.setattr(released.releases, name, refused)

    put_back()

    assert released.ecs.updates == [("api-red", OLD)]


def test_it_goes_back_though_nobody_knows_its_group(released):
    change(released.rollouts, ROLLOUT, group="of-last-year")

    put_back()

    assert released.ecs.updates == [("api-red", OLD)]
