"""Deploying a color, and looking again at what was begun."""

import pytest

from handlers import deploy_color
from handlers.domain.history.audit import EventKind
from handlers.domain.model.errors import NotThere, Refused, Transient
from handlers.domain.model.rollout import Stage
from simulator.example_release import NEW_DIGEST, image
from simulator.in_memory_stores import InMemoryLocks
from tests.support.builders import (
    NEW,
    OTHER,
    a_color,
    a_deployment,
    a_group,
    a_lock,
    a_release,
    a_released_color,
    a_service,
    a_task_definition,
    after,
    revision,
    service_arn,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.records import change
from tests.support.steps import ROLLOUT, deploy, event, primary, red


def test_deploying_updates_the_service_and_leaves_the_token_to_the_event(deploying):
    assert deploying.ecs.updates == [("api-red", NEW)]
    assert deploying.executions.answers == {}
    wait = deploying.waits.get(service_arn("api-red"))
    assert (wait.token, wait.color, wait.returning) == ("token-1", "red", False)


def test_the_board_and_the_thread_say_that_it_is_being_deployed(deploying):
    (board,) = deploying.slack.boards()
    assert "*red* is being deployed" in str(board["blocks"])
    assert deploying.slack.said(in_thread=True) == ["Deploying api:42 to red."]


def test_an_event_that_never_came_is_made_up_for_by_the_next_look(deploying):
    deploying.ecs.complete("api-red")
    deploying.time = after(minutes=10)

    deploy("token-2")

    assert deploying.executions.answers == {"token-2": {"outcome": "completed"}}
    assert deploying.ecs.updates == [("api-red", NEW)]


def test_a_look_at_what_is_still_on_its_way_hands_the_token_to_the_event(deploying):
    deploying.time = after(minutes=10)

    deploy("token-2")
    assert deploying.executions.answers == {}
    deploying.ecs.complete("api-red")
    event("completed", deploymentId=primary(deploying).id)

    assert deploying.executions.answers == {"token-2": {"outcome": "completed"}}
    assert deploying.ecs.updates == [("api-red", NEW)]


def test_an_end_that_was_recorded_meanwhile_is_answered_without_another_look(deploying):
    deploying.executions.gone.add("token-1")
    deploying.ecs.complete("api-red")
    event("completed", deploymentId=primary(deploying).id)
    deploying.ecs.calls.clear()

    deploy("token-2")

    assert deploying.executions.answers == {"token-2": {"outcome": "completed"}}
    assert deploying.ecs.calls == []


def test_a_deployment_that_takes_too_long_is_overdue(deploying):
    deploying.time = after(minutes=30)

    deploy("token-4")

    assert deploying.executions.answers == {"token-4": {"outcome": "overdue"}}
    assert red(deploying).failure.startswith("0 of 2 tasks run, 0 failed to start.")


def test_a_color_already_on_the_release_is_completed_at_once(at_rest):
    at_rest.ecs = FakeEcs(a_service(a_deployment(id="ecs-svc/by-hand", task_definition=NEW)))

    deploy()

    assert at_rest.executions.answers == {"token-1": {"outcome": "completed"}}
    assert at_rest.ecs.updates == []


def test_a_color_that_someone_deployed_since_is_not_touched(at_rest):
    at_rest.ecs = FakeEcs(a_service(a_deployment(task_definition=OTHER)))

    deploy()

    assert at_rest.executions.answers == {"token-1": {"outcome": "superseded"}}
    assert at_rest.ecs.updates == []
    assert not red(at_rest).changed
    assert "someone deployed api:99" in red(at_rest).failure


def test_the_machine_is_answered_though_slack_is_down(at_rest):
    at_rest.slack.is_down = True
    deploy()
    at_rest.ecs.complete("api-red")

    event("completed", deploymentId=primary(at_rest).id)

    assert at_rest.executions.answers == {"token-1": {"outcome": "completed"}}


def test_what_is_not_there_is_a_fault_for_the_machine_to_see(at_rest):
    with pytest.raises(NotThere, match="there is no record of rollout api-9"):
        deploy_color.lambda_handler({"rollout": "api-9", "color": "red", "token": "t"}, None)


def test_an_update_that_is_throttled_is_raised_for_the_machine_to_retry(at_rest):
    def refuse(*_):
        raise Transient("update service api-red: ThrottlingException")

    deploy_once, at_rest.ecs.deploy = at_rest.ecs.deploy, refuse
    with pytest.raises(Transient):
        deploy("token-1")
    at_rest.ecs.deploy = deploy_once

    deploy("token-1")

    assert at_rest.ecs.updates == [("api-red", NEW)]


def test_a_token_is_neither_told_nor_logged(at_rest, log):
    deploy("AQC-secret")
    at_rest.ecs.complete("api-red")
    event("completed", deploymentId=primary(at_rest).id)

    told = str(at_rest.slack.messages) + str(at_rest.rollout) + log.getvalue()
    assert "AQC-secret" not in told
    assert at_rest.executions.answers.keys() == {"AQC-secret"}


def test_how_it_ended_is_counted(deploying, metrics):
    deploying.ecs.complete("api-red")
    event("completed", deploymentId=primary(deploying).id)

    (counted,) = metrics("Deployments")
    assert (counted["outcome"], counted["color"], counted["direction"]) == (
        "completed",
        "red",
        "release",
    )


def test_once_a_color_that_was_let_through_turned_bad_nothing_more_is_deployed(at_rest):
    # Bob approved yellow a moment before red's alarm went off.
    bad = a_released_color("red", stage=Stage.FAILED, outcome="unhealthy", failure="It is firing.")
    change(at_rest.rollouts, ROLLOUT, colors=at_rest.rollout.colors | {"red": bad})

    deploy(color="yellow")

    assert at_rest.ecs.updates == []
    assert at_rest.executions.answers == {"token-1": {"outcome": "roll_back"}}


def test_once_its_group_was_ended_nothing_is_deployed(at_rest):
    # Step Functions stops the rollouts of a group that is stopped at best effort.
    group = at_rest.releases.create(a_group())
    at_rest.releases.close(group.id, outcome="aborted", cause="Stopped.", now=after(minutes=1))
    change(at_rest.rollouts, ROLLOUT, group=group.id)

    deploy()

    assert at_rest.ecs.updates == []
    assert at_rest.rollout.roll_back_asked.reason == "the release that it is part of was ended"


@pytest.mark.parametrize("locks", [InMemoryLocks(a_lock("api-newer")), InMemoryLocks()])
def test_a_rollout_that_has_its_application_no_more_deploys_nothing(at_rest, locks):
    # Stopped, followed by another that took the application, and redriven, all in one minute.
    at_rest.locks = locks

    with pytest.raises(Refused, match="by now"):
        deploy()

    assert at_rest.ecs.updates == []


def test_once_another_application_of_its_group_has_failed_nothing_is_deployed(at_rest):
    group = at_rest.releases.create(a_group(failed="web"))
    change(at_rest.rollouts, ROLLOUT, group=group.id)

    deploy()

    assert at_rest.ecs.updates == []
    assert at_rest.executions.answers == {"token-1": {"outcome": "roll_back"}}
    assert at_rest.rollout.roll_back_asked.reason == "web, of the same release, failed"
    assert len(at_rest.audit.details(EventKind.ROLL_BACK_ASKED)) == 1


def test_the_revision_is_registered_once_for_all_colors(at_rest):
    change(at_rest.rollouts, ROLLOUT, release=a_release(revision=""))

    for color in ("red", "yellow", "green"):
        deploy(f"token-{color}", color)

    assert len(at_rest.ecs.registered) == 1
    assert {revision for _, revision in at_rest.ecs.updates} == {revision(42)}
    assert at_rest.rollout.release.revision == revision(42)


def test_the_revision_is_made_of_what_the_last_color_ran(at_rest):
    at_rest.ecs.revisions[revision(40)] = a_task_definition(40, cpu="256")
    green = a_color("green", previous=revision(40))
    change(
        at_rest.rollouts,
        ROLLOUT,
        release=a_release(revision=""),
        colors=at_rest.rollout.colors | {"green": green},
    )

    deploy()

    assert at_rest.ecs.registered[0]["cpu"] == "256"
    assert at_rest.ecs.registered[0]["containerDefinitions"][0]["image"] == image(NEW_DIGEST)


def test_a_run_that_died_before_it_could_record_the_revision_registers_no_second(at_rest):
    change(at_rest.rollouts, ROLLOUT, release=a_release(revision=""))

    def die(*_, **__):
        raise Transient("update Rollouts: ThrottlingException")

    record, at_rest.rollouts.record_revision = at_rest.rollouts.record_revision, die
    with pytest.raises(Transient):
        deploy("token-1")
    at_rest.rollouts.record_revision = record
    deploy("token-1")

    assert len(at_rest.ecs.registered) == 1
