"""Whole rollouts through all handlers, in the order in which the machine runs them."""

from datetime import timedelta

import pytest

from handlers import (
    deploy_color,
    finish_rollout,
    follow_deployment,
    prepare_rollout,
    request_approval,
    roll_back_color,
    runtime,
    verify_color,
)
from handlers.domain.model.colors import COLORS
from simulator.example_release import NEW_DIGEST
from simulator.fake_services import FakeImages
from simulator.recorded_events import recorded
from tests.support.builders import (
    GROUP,
    NEW,
    OTHER,
    a_deployment,
    a_service,
    a_target,
    a_task,
    a_task_definition,
    execution,
    revision,
    service_arn,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers
from tests.support.preparing import all_is_well
from tests.support.slack_requests import answer_of, click, rejection

NAME = "api-v1.42.0-1"
PREVIOUS = {"red": revision(39), "yellow": revision(40), "green": revision(41)}
"""Each color has a revision of its own to go back to."""


class Machine:
    """Runs the handlers as the state machine does, and plays people, ECS and its events."""

    def __init__(self, outside):
        self.outside = outside
        self.state = {}
        self._tokens = 0

    def prepare(self):
        document = {"application": "api", "tag": "v1.42.0"}
        event = {"input": document, "execution": self._execution()}
        all_is_well(runtime.context().gateways)
        self.state = prepare_rollout.lambda_handler(event, None)

    def ask(self, color, *, then):
        token = self._run(request_approval, color)
        approval = self.outside.rollout.colors[color].approval
        at = self.outside.time
        no, yes = rejection(approval, at=at), click("approve", approval, at=at)
        answer_of(no if then == "reject" else yes)
        self.state["approval"] = self.outside.executions.answers[token]
        return self.state["approval"]["outcome"]

    def deploy(self, color, happens):
        token = self._run(deploy_color, color)
        happens(f"api-{color}")
        self._tell(color)
        self.state["deployment"] = self.outside.executions.answers[token]
        return self.state["deployment"]["outcome"]

    def verify(self, color):
        payload = {"rollout": NAME, "color": color}
        seen = verify_color.lambda_handler(payload, None)
        self.state["verification"] = {"answer": seen}
        return seen["verdict"]

    def release(self, color):
        assert self.ask(color, then="approve") == "approved"
        assert self.deploy(color, self.outside.ecs.complete) == "completed"
        self.tasks_run(color, "healthy")
        assert self.verify(color) == "watching"
        self.outside.time += self.outside.apps["api"].verification.bake
        assert self.verify(color) == "healthy"

    def roll_back(self):
        tokens = {color: self._run(roll_back_color, color) for color in COLORS}
        for color in COLORS:
            if tokens[color] not in self.outside.executions.answers:
                self.outside.ecs.complete(f"api-{color}")
                self._tell(color)
        answers = self.outside.executions.answers
        self.state["rollback"] = [answers[token] for token in tokens.values()]

    def finish(self):
        event = {"state": self.state, "execution": self._execution()}
        return finish_rollout.lambda_handler(event, None)

    def tasks_run(self, color, state):
        task = a_task(task_definition=self.running(color), endpoints=(f"i-{color}:32768",))
        self.outside.ecs.running[f"api-{color}"] = [task]
        self.outside.balancers.groups.setdefault(GROUP, []).append(
            a_target(f"i-{color}:32768", state, "" if state == "healthy" else "502s")
        )

    def running(self, color):
        return self.outside.ecs.known[f"api-{color}"].primary.task_definition

    def _run(self, handler, color):
        self._tokens += 1
        token = f"token-{self._tokens}"
        handler.lambda_handler({"rollout": NAME, "color": color, "token": token}, None)
        return token

    def _tell(self, color):
        event = recorded("ecs_deployment_completed") | {"resources": [service_arn(f"api-{color}")]}
        event["detail"]["deploymentId"] = self.outside.ecs.known[f"api-{color}"].primary.id
        follow_deployment.lambda_handler(event, None)

    @staticmethod
    def _execution():
        return {"arn": execution(NAME), "name": NAME, "startedAt": "2026-11-23T09:00:00Z"}


@pytest.fixture
def machine(outside):
    services = [
        a_service(
            a_deployment(id=f"ecs-svc/before-{color}", task_definition=previous, desired=1),
            color=color,
            desired=1,
        )
        for color, previous in PREVIOUS.items()
    ]
    revisions = [a_task_definition(number) for number in (39, 40, 41)]
    outside.ecs = FakeEcs(*services, revisions=revisions)
    outside.images = FakeImages(**{"v1.42.0": NEW_DIGEST})
    outside.balancers = FakeBalancers()
    begun = Machine(outside)
    begun.prepare()
    return begun


def colors_run(machine):
    return {color: machine.running(color) for color in COLORS}


def board_of(machine):
    (board,) = machine.outside.slack.boards()
    return str(board["blocks"])


def test_a_release_reaches_every_color_as_one_revision(machine):
    for color in COLORS:
        machine.release(color)

    end = machine.finish()

    assert end["outcome"] == "completed"
    assert colors_run(machine) == end["colors"] == dict.fromkeys(COLORS, NEW)
    assert len(machine.outside.ecs.registered) == 1
    assert machine.outside.locks.held == {}


def test_a_refused_yellow_puts_red_back_and_says_who_refused(machine):
    machine.release("red")
    assert machine.ask("yellow", then="reject") == "rejected"

    machine.roll_back()
    end = machine.finish()

    assert (end["outcome"], end["error"]) == ("rejected", "Rejected")
    assert colors_run(machine) == end["colors"] == PREVIOUS
    assert "U0BOB rejected yellow" in end["cause"]
    assert "waits for an answer" not in board_of(machine)


def test_a_red_that_crashes_is_never_a_success_and_says_why_everywhere(machine):
    machine.ask("red", then="approve")
    stopped = a_task(status="STOPPED", stopped_reason="exit code 1")

    def crash(service):
        ours = machine.outside.rollout.colors["red"].deployment
        machine.outside.ecs.stopped[service] = [
            stopped.__class__(**(vars(stopped) | {"started_by": ours}))
        ]
        machine.outside.ecs.roll_back(service, "tasks failed to start.")

    assert machine.deploy("red", crash) == "rolled_back"
    machine.roll_back()
    end = machine.finish()

    assert (end["outcome"], end["error"]) == ("rolled_back", "RolledBackByEcs")
    assert colors_run(machine) == end["colors"] == PREVIOUS
    for told in (end["cause"], board_of(machine), str(machine.outside.slack.said(in_thread=True))):
        assert "exit code 1" in told


def test_an_unhealthy_yellow_puts_both_changed_colors_back_and_says_why(machine):
    machine.release("red")
    machine.ask("yellow", then="approve")
    machine.deploy("yellow", machine.outside.ecs.complete)
    machine.tasks_run("yellow", "unhealthy")
    assert machine.verify("yellow") == "watching"
    machine.outside.time += timedelta(minutes=6)

    assert machine.verify("yellow") == "unhealthy"
    machine.roll_back()
    end = machine.finish()

    assert (end["outcome"], end["error"]) == ("unhealthy", "Unhealthy")
    assert colors_run(machine) == end["colors"] == PREVIOUS
    assert "502s" in end["cause"]
    assert "502s" in board_of(machine)


def test_a_green_that_someone_overtook_is_never_a_success(machine):
    machine.release("red")
    machine.release("yellow")
    machine.ask("green", then="approve")

    def overtake(service):
        machine.outside.ecs.overtake(service, OTHER)
        machine.outside.ecs.complete(service)

    assert machine.deploy("green", overtake) == "superseded"
    machine.roll_back()
    end = machine.finish()

    assert (end["outcome"], end["error"]) == ("superseded", "Superseded")
    assert colors_run(machine) == PREVIOUS


def test_each_service_is_updated_at_most_once_each_way(machine):
    machine.release("red")
    machine.ask("yellow", then="reject")
    machine.roll_back()
    machine.roll_back()

    assert machine.outside.ecs.updates == [("api-red", NEW), ("api-red", PREVIOUS["red"])]


def test_what_happened_is_told_in_the_thread_and_who_decided_on_the_board(machine):
    machine.release("red")
    machine.ask("yellow", then="reject")
    machine.roll_back()
    machine.finish()

    said = machine.outside.slack.said(in_thread=True)

    for told in ("Deploying api:42 to red.", "*healthy*", "red is back on api:39."):
        assert any(told in line for line in said)
    assert "approved by <@U0BOB>" in board_of(machine)
    assert "<@U0BOB> rejected yellow: 502s" in board_of(machine)
