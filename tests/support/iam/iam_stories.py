"""What is played to see every call of every function: the scenarios, and what they leave out.

A new scenario of `make demo` is played without being named here. A story that is no scenario is a
function of an account in `STORIES`, or a scenario in `MORE`. What neither the world nor the machine
tells, such as an event of ECR, a story tells with `account.events.deliver(event)`; a function that
runs by a schedule it calls with `account.call(name, event)`.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from botocore.credentials import Credentials

from handlers.domain.config.image_rules import ImageRules, RefuseAt
from handlers.domain.config.people import TABLE as PEOPLE
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome
from handlers.domain.model.rollout import Decision, Rollout, Stage
from handlers.gateways.approval_store import Approvals
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from handlers.slack.action_ids import Action
from operations.package import APPLICATIONS
from sandbox.scenarios.actions import deploy_red_by_hand, lose_events_of_red, lower_traffic
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.scenarios.iam_answers import call
from sandbox.scenarios.runner import run_scenario
from sandbox.scenarios.scenario import ON_CALL, Scenario
from sandbox.world.example_fleets import ON_DEMAND
from sandbox.world.service_requests import ServiceChange
from tests.support.iam.account import Account
from tests.support.iam.account_builder import an_account, applications
from tests.support.playing import BRIEFLY

APPLICATION = "web"
"""The one on container instances (bridge mode), whose targets take one call more to find."""
AS_API = tomllib.loads(APPLICATIONS.read_text())["api"]
WATCHED = {"bake": "5 min", "bake_at_most": "10 min", "alarms": ["{service}-5xx"]}
LONGEST = 400
"""Looks after which a story that did not go on is given up."""


def someone_overtakes_the_way_back(account: Account, rollout: Rollout) -> bool:
    """Deploy something else to red, as soon as it is on its way back."""
    red = rollout.colors["red"]
    if red.stage is not Stage.GOING_BACK or not red.deployment:
        return False
    service = account.world.service(account.world.cluster(red.cluster), red.service)
    content = {**service.primary.task_definition.content, "cpu": "512"}
    hotfix = account.world.register_task_definition(content)
    account.world.update_service(service, ServiceChange(task_definition=hotfix.arn))
    return True


MORE = {
    "crash-unheard": Scenario(
        description="ECS rolls red back, and its events never arrive",
        tag="v1.43.0-crash",
        delays=lose_events_of_red,
        outcome=RolloutOutcome.ROLLED_BACK,
    ),
    "overtaken-unheard": Scenario(
        description="someone else deploys red, and ECS's events never arrive",
        delays=lose_events_of_red,
        meanwhile=deploy_red_by_hand,
        outcome=RolloutOutcome.SUPERSEDED,
    ),
}


def settings(
    approvals: dict[str, Any],
    *,
    watched: bool,
    images: Mapping[str, Any] | tuple[()] = (),
) -> dict[str, Any]:
    """Say how the application is set up: with everything measured, or hardly verified."""
    rules: Any = {"approvals": AS_API["approvals"] | approvals, "images": dict(images)}
    return {APPLICATION: rules | ({"verification": WATCHED} if watched else BRIEFLY)}


def play(name: str) -> Account:
    """Play one story in an account of its own; return the account. How it ends is held to."""
    if name in STORIES:
        everyone = settings(
            SCENARIOS["api-approval"].settings["approvals"], watched=name in ABOUT_HEALTH
        )
        with an_account(everyone) as account:
            STORIES[name](account)
            account.hear()
        return account
    scenario = SCENARIOS.get(name) or MORE[name]
    approvals, images = (scenario.settings.get(table, {}) for table in ("approvals", "images"))
    own = settings(approvals, watched=scenario.is_about_health, images=images)
    with an_account(own | {PEOPLE: scenario.people}) as account:
        run = run_scenario(account, name, scenario, application=APPLICATION)
        assert run.result.outcome == scenario.outcome, run.problems
        account.hear()
    return account


def newest(account: Account) -> Any:
    table = Table(account.client("dynamodb"), account.stack.tables["Rollouts"])
    return next(iter(Rollouts(table).newest(APPLICATION, 1)), None)


def until(account: Account, is_so: Callable[..., bool]) -> Rollout:
    """Let time pass until the newest rollout is as it should be."""
    for _ in range(LONGEST):
        rollout: Rollout | None = newest(account)
        if rollout and is_so(rollout):
            return rollout
        account.pause(0)
    raise AssertionError(f"it never came to that: {rollout}")


def asks(color: str) -> Callable[[Rollout], bool]:
    return lambda rollout: color in rollout.colors and rollout.colors[color].stage == "asking"


def stands(color: str, stage: str) -> Callable[[Rollout], bool]:
    return lambda rollout: rollout.colors[color].stage == stage


def has_ended(rollout: Rollout) -> bool:
    return not rollout.is_open


def press(account: Account, person: str, action: str, rollout: Any) -> Any:
    """Press a button of a rollout's board, or of its open question."""
    about = {rollout.id, *rollout.open_questions}
    offered = account.people.buttons(person)
    messages = (b.message_ts for b in offered if b.action_id == action and b.value in about)
    return account.people.click(person, next(messages), action)


def types(account: Account, person: str, line: str) -> Any:
    answer = account.people.command(person, f"/rollout {line}")
    assert answer.status == 200, answer
    return answer.body["text"]


def as_on_call(account: Account) -> Credentials:
    given = account.client("sts").assume_role(RoleArn=ON_CALL, RoleSessionName="on-call")
    keys = given["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def answers(account: Account, how: str, body: bytes = b"") -> Any:
    """Answer the open question by the IAM routes."""
    base, caller = f"{account.stack.api_url}/approvals", as_on_call(account)
    (question,) = call("GET", base, caller)["approvals"]
    return call("POST", f"{base}/{question['id']}/{how}", caller, body)


def everything_is_typed(account: Account) -> None:
    """Every slash command, around a rollout that is taken back while red is deployed."""
    types(account, "carol", "help")
    types(account, "carol", "web v1.42.0 faster search")
    first = until(account, asks("red"))
    busy = start(account, "second", SCENARIOS["happy"].input_for(APPLICATION))
    account.pause(0)
    described = account.client("stepfunctions").describe_execution(executionArn=busy)
    assert described["error"] == "ApplicationBusy"
    for line in ("status", "status web", "history web", "evidence web", "capacity web"):
        assert "web" in types(account, "carol", line)
    press(account, "bob", Action.APPROVE, first)
    until(account, stands("red", "deploying"))
    account.pause(0)
    types(account, "bob", "cancel web")
    assert until(account, has_ended).outcome == "rolled_back_by_hand"
    types(account, "carol", "history web")


def a_release_is_taken_back_by_command(account: Account) -> None:
    """A completed rollout, and a rollout back to what ran before it."""
    for number, tag in enumerate(("v1.42.0", "v1.42.1")):
        types(account, "carol", f"web {tag}")
        until(account, lambda rollout, tag=tag: rollout.is_open)
        for color in ("red", "yellow", "green"):
            rollout = until(account, asks(color))
            press(account, "bob", Action.APPROVE, rollout)
        assert until(account, has_ended).outcome == "completed", number
    types(account, "carol", "rollback web")
    again = until(account, asks("red"))
    types(account, "carol", "cancel web")
    assert until(account, has_ended).outcome == "withdrawn", again


def all_is_answered_without_slack(account: Account) -> None:
    """Approved, looked at again and rejected by the IAM routes."""
    types(account, "carol", "web v1.42.0")
    until(account, asks("red"))
    assert answers(account, "approve")["counts"]
    until(account, asks("yellow"))
    assert answers(account, "approve")["counts"]
    until(account, asks("green"))
    reason = json.dumps({"reason": "checkout is slow"}).encode()
    assert answers(account, "reject", reason)["counts"]
    assert until(account, has_ended).outcome == "rejected"


def a_doubt_is_answered_without_slack(account: Account) -> None:
    """Too few requests to judge by: looked at again, and then rolled back, by the IAM routes."""
    lower_traffic(account, APPLICATION)
    types(account, "carol", "web v1.42.0")
    until(account, asks("red"))
    answers(account, "approve")
    until(account, stands("red", "unclear"))
    assert answers(account, "look-again")["counts"]
    until(account, stands("red", "verifying"))
    until(account, stands("red", "unclear"))
    answers(account, "reject", json.dumps({"reason": "too quiet"}).encode())
    assert until(account, has_ended).outcome == "rejected"


def a_lock_is_left_behind(account: Account) -> None:
    """A stopped rollout whose end nobody heard of: the next one takes its lock over."""
    account.events.delays = lambda event: () if event["source"] == "aws.states" else (0,)
    types(account, "carol", "web v1.42.0")
    left = until(account, asks("red"))
    account.client("stepfunctions").stop_execution(executionArn=left.execution)
    account.pause(1)
    types(account, "dave", "web v1.42.1")
    taken = until(account, lambda rollout: rollout.id != left.id and asks("red")(rollout))
    press(account, "dave", Action.WITHDRAW, taken)
    assert until(account, has_ended).outcome == "withdrawn"


def the_way_back_is_overtaken_unheard(account: Account) -> None:
    """Someone deploys to red while it goes back, and ECS's events about red are lost."""
    account.events.delays = lose_events_of_red
    types(account, "carol", "web v1.42.0")
    press(account, "bob", Action.APPROVE, until(account, asks("red")))
    rollout = until(account, asks("yellow"))
    press(account, "bob", Action.ROLL_BACK_NOW, rollout)
    until(account, lambda rollout: someone_overtakes_the_way_back(account, rollout))
    assert until(account, has_ended).outcome == "rollback_failed"


def half_a_click(account: Account, rollout: Rollout) -> None:
    """Bob approves, and the function dies after its first write."""
    (question,) = rollout.open_questions
    table = Table(account.client("dynamodb"), account.stack.tables["Approvals"])
    decision = Decision(outcome=DecisionOutcome.APPROVED, by="U0BOB", at=account.time.now())
    Approvals(table).decide(question, decision)


def a_click_dies_and_the_rollout_is_stopped(account: Account) -> None:
    """What ends it finds a decision that its record does not have."""
    types(account, "carol", "web v1.42.0")
    rollout = until(account, asks("red"))
    half_a_click(account, rollout)
    account.client("stepfunctions").stop_execution(executionArn=rollout.execution)
    assert until(account, has_ended).outcome == "aborted"


def a_click_dies_and_a_step_fails(account: Account) -> None:
    """The application has no rules any more, which no file can say: the next look fails."""
    types(account, "carol", "web v1.42.0")
    half_a_click(account, until(account, asks("red")))
    without = replace(account.applications[APPLICATION], rules={})
    account.applications.update({APPLICATION: without})
    assert until(account, has_ended).outcome == "fault"


def a_click_dies_and_an_alarm_goes_off(account: Account) -> None:
    """Red turns bad while yellow is asked about, and somebody has half approved yellow."""
    types(account, "carol", "web v1.42.0")
    press(account, "bob", Action.APPROVE, until(account, asks("red")))
    half_a_click(account, until(account, asks("yellow")))
    account.world.alarms.force_state(f"{APPLICATION}-red-5xx")
    assert until(account, has_ended).outcome == "unhealthy"


def two_must_approve_and_one_has_no_slack(account: Account) -> None:
    """The first of two approvals comes by the IAM route: the board shows it at once."""
    both = {**SCENARIOS["api-approval"].settings["approvals"], "required": 2}
    account.applications.update(applications(settings(both, watched=False)))
    types(account, "carol", "web v1.42.0")
    asked = until(account, asks("red"))
    answers(account, "approve")
    press(account, "bob", Action.APPROVE, asked)
    until(account, stands("red", "deploying"))
    press(account, "bob", Action.ROLL_BACK_NOW, newest(account))
    assert until(account, has_ended).outcome == "rolled_back_by_hand"


def fleets_follow_up_and_down(account: Account) -> None:
    """The on-demand group grows, and shrinks again while a rollout is open."""
    fleets = account.world.fleets
    for more in (4, -3):
        fleets.resize(ON_DEMAND, fleets.pools[ON_DEMAND].target + more)
        for _ in range(20):
            account.pause(0)
        account.call("MatchSpotCapacity", {"source": "aws.events"})
        if more > 0:
            types(account, "carol", "web v1.42.0")
            until(account, asks("red"))


def a_group(account: Account, name: str) -> dict[str, str]:
    """Begin web and api as one release, in step, until web asks about red; return its execution.

    The group's machine is played by hand: the double knows no executions within executions.
    """
    machine = account.stack.group_machine_arn
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    execution = {"arn": arn, "name": name, "startedAt": account.time.now().isoformat()}
    document = {"applications": ["web", "api"], "tag": "v1.42.0", "order": "in step"}
    event = {"input": document | {"requestedBy": "U0CAROL"}, "execution": execution}
    for _ in range(2):  # whatever runs twice prepares one
        prepared = account.call("PrepareGroup", event)
    for each in prepared["applications"]:
        part = {"group": name, "application": each, "returning": False}
        begun = account.call("BeginApplication", part)
        account.client("stepfunctions").start_execution(
            stateMachineArn=account.stack.state_machine_arn,
            name=begun["name"],
            input=json.dumps(begun["input"]),
        )
    until(account, asks("red"))
    return execution


def api_is_stopped(account: Account, group: str) -> None:
    """Stop api's rollout of a group, and have the group settle both."""
    table = Table(account.client("dynamodb"), account.stack.tables["Rollouts"])
    (api,) = Rollouts(table).newest("api", 1)
    account.client("stepfunctions").stop_execution(executionArn=api.execution)
    account.pause(0)
    for name in ("api", "web"):
        part: dict[str, Any]
        part = {"group": group, "application": name, "returning": False, "state": {}}
        account.call("SettleApplication", part)
        until(account, has_ended)


def several_are_one_release_and_one_fails(account: Account) -> None:
    """Web waits for api before yellow, and is taken back once api is stopped."""
    execution = a_group(account, "together")
    press(account, "bob", Action.APPROVE, newest(account))
    until(account, lambda rollout: rollout.colors["red"].stage is Stage.RELEASED)
    account.pause(0)
    api_is_stopped(account, "together")
    assert newest(account).outcome == "stopped_with_group"
    assert account.call("FinishGroup", {"state": {}, "execution": execution})["error"]


def several_are_one_release_and_it_is_stopped(account: Account) -> None:
    """Somebody has half answered about red when api is stopped, and then the whole group is."""
    execution = a_group(account, "stopped")
    half_a_click(account, newest(account))
    api_is_stopped(account, "stopped")
    machine = account.stack.group_machine_arn
    account.events.deliver(
        {
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": {
                "stateMachineArn": machine,
                "executionArn": execution["arn"],
                "name": "stopped",
                "status": "ABORTED",
                "startDate": datetime.fromisoformat(execution["startedAt"]).timestamp() * 1_000,
            },
        }
    )
    account.pause(0)


def stopped_and_redriven(account: Account, rollout: Rollout) -> Rollout:
    account.client("stepfunctions").stop_execution(executionArn=rollout.execution)
    until(account, has_ended)
    account.machine.redrive_execution(arn=rollout.execution)
    return until(account, lambda rollout: rollout.is_open)


def a_stopped_rollout_is_redriven(account: Account) -> None:
    """It is stopped in each of its steps, and goes on each time, until somebody else has begun."""
    types(account, "carol", "web v1.42.0")
    stopped_and_redriven(account, until(account, asks("red")))
    press(account, "bob", Action.APPROVE, until(account, asks("red")))
    for stage in ("deploying", "verifying"):
        stopped_and_redriven(account, until(account, stands("red", stage)))
    rollout = until(account, asks("yellow"))
    press(account, "bob", Action.ROLL_BACK_NOW, rollout)
    rollout = stopped_and_redriven(account, until(account, stands("red", "going_back")))
    assert until(account, has_ended).outcome == "rolled_back_by_hand"
    types(account, "carol", "web v1.42.1")
    left = until(account, asks("red"))
    account.client("stepfunctions").stop_execution(executionArn=left.execution)
    until(account, has_ended)
    lock = {"application": "web", "execution": rollout.execution, "rollout": rollout.id}
    account.client("dynamodb").put_item(
        TableName=account.stack.tables["Locks"], Item={k: {"S": v} for k, v in lock.items()}
    )
    account.machine.redrive_execution(arn=left.execution)
    account.pause(0)


def a_sweep_finds_what_nobody_told(account: Account) -> None:
    """A rollout is stopped after half a click, and no event tells of it."""
    account.events.delays = lambda event: () if event["source"] == "aws.states" else (0,)
    types(account, "carol", "web v1.42.0")
    left = until(account, asks("red"))
    half_a_click(account, left)
    account.client("stepfunctions").stop_execution(executionArn=left.execution)
    for minutes in (10, 20):
        account.time.at += timedelta(minutes=minutes)
        account.call("SweepRollouts", {"source": "aws.scheduler"})
    assert newest(account).outcome == "aborted"


def a_role_is_another_than_at_the_deployment(account: Account) -> None:
    """Nobody is asked, and no function passes the role: IAM would not let it."""
    world = account.world
    services = [world.service(world.cluster("recipes"), f"{APPLICATION}-{c}") for c in COLORS]
    content = services[0].primary.task_definition.content
    role = f"{content['taskRoleArn']}-v2"
    made = world.register_task_definition({**content, "taskRoleArn": role})
    for service in services:
        world.update_service(service, ServiceChange(task_definition=made.arn))
    while any(service.primary.rollout != "COMPLETED" for service in services):
        account.pause(0)
    types(account, "carol", "web v1.42.0")
    refused = until(account, has_ended)
    assert refused.outcome == "not_deployable"
    assert f"has the task role {role}, which Shingo may not pass" in refused.cause


def a_push_and_a_scan_reach_no_function(account: Account) -> None:
    """EventBridge keeps both in the queue of lost events, where the sweep finds them."""
    images = ImageRules(starts_on_push=("v*",), refuse_at=RefuseAt.HIGH)
    web = account.applications[APPLICATION]
    account.applications[APPLICATION] = replace(web, images=images)
    lost: list[Any] = []

    def lose(event: Any) -> tuple[float, ...]:
        lost.append(event)
        return ()

    account.events.delays = lose
    digest = account.push(APPLICATION, "v1.44.0")
    find_lost(account, lost)
    until(account, lambda rollout: rollout.awaits is not None)
    account.scan(APPLICATION, digest, {"CRITICAL": 1})
    find_lost(account, lost)
    assert until(account, has_ended).outcome == "image_unfit"


def find_lost(account: Account, lost: list[Any]) -> None:
    """Keep events as EventBridge keeps what it cannot deliver, and sweep."""
    sqs = account.client("sqs")
    url = account.template.environment("SweepRollouts")["LOST_EVENTS_QUEUE"]
    while lost:
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(lost.pop()))
    account.call("SweepRollouts", {"source": "aws.scheduler"})


STORIES: dict[str, Callable[[Account], None]] = {
    story.__name__: story
    for story in (
        fleets_follow_up_and_down,
        several_are_one_release_and_one_fails,
        several_are_one_release_and_it_is_stopped,
        a_stopped_rollout_is_redriven,
        a_sweep_finds_what_nobody_told,
        a_role_is_another_than_at_the_deployment,
        a_push_and_a_scan_reach_no_function,
        everything_is_typed,
        a_release_is_taken_back_by_command,
        all_is_answered_without_slack,
        a_doubt_is_answered_without_slack,
        a_lock_is_left_behind,
        the_way_back_is_overtaken_unheard,
        a_click_dies_and_the_rollout_is_stopped,
        a_click_dies_and_a_step_fails,
        a_click_dies_and_an_alarm_goes_off,
        two_must_approve_and_one_has_no_slack,
    )
}
ABOUT_HEALTH = {
    a_doubt_is_answered_without_slack.__name__,
    a_click_dies_and_an_alarm_goes_off.__name__,
}
NAMES = [*SCENARIOS, *MORE, *STORIES]
SAMPLE = (
    "happy",
    "crash-on-red",
    "two-approvers",
    fleets_follow_up_and_down.__name__,
    several_are_one_release_and_one_fails.__name__,
    a_stopped_rollout_is_redriven.__name__,
    everything_is_typed.__name__,
    all_is_answered_without_slack.__name__,
)
"""What `make test` plays of them: each function is called in one or another."""
