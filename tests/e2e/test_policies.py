"""The template's policies are enough: rollouts with IAM evaluated, and no call refused.

With AUTH=true MiniStack gives each function its role's credentials, checks the signature of every
call that it gets, and holds action, resource and conditions against the role's own and managed
policies: DynamoDB, SSM, Step Functions and ECR. What is beyond it: ECS, the load balancer,
CloudWatch and its logs are answered by the sandbox's own servers, which check nothing; and it knows
no resource for SendTaskSuccess, which AWS checks against the state machine, so that for that call
alone the template's copy allows any. `test_closed_door.py` compares all calls with all policies, both ways.
"""

import json
import re
import time
from dataclasses import replace

import pytest
from botocore.credentials import Credentials

from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from operations.local_aws import ACCOUNT
from sandbox.host import running_sandbox as composition
from sandbox.host.stack import TEMPLATE
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.executions import start
from sandbox.scenarios.iam_answers import call
from sandbox.scenarios.instance_scenarios import NOTICE
from sandbox.world.example_fleets import ON_DEMAND, SPOT
from tests.support.patience import PATIENCE
from tests.support.playing import BRIEFLY, a_name, patient_sandbox, play

pytestmark = pytest.mark.wire

ROOT_USER = Credentials(ACCOUNT, "sandbox")
WAKE = re.compile(r"(Action: states:SendTaskSuccess\n\s+Resource: )\S.*")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """Run a sandbox in which every handler may do what its policies say, and nothing else."""
    template = tmp_path_factory.mktemp("policies") / "template.yaml"
    template.write_text(WAKE.sub(r'\1"*"', TEMPLATE.read_text()))
    environment, order = composition.handler_environment, composition._stack_settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            composition, "handler_environment", lambda where: {**environment(where), "AUTH": "true"}
        )
        patch.setattr(
            composition, "_stack_settings", lambda *given: replace(order(*given), template=template)
        )
        # Nobody who comes by IAM may answer unless the configuration names them.
        users = {"users": ["U0BOB", f"arn:aws:iam::{ACCOUNT}:root"]}
        settings = {
            "web": {"approvals": users},
            "api": BRIEFLY,
            "pushed": {"images": {"starts_on_push": ["v*"]}},
        }
        with patient_sandbox(settings=settings) as sandbox:
            yield sandbox


def eventually(sandbox, look, seconds=PATIENCE):
    """Look until there is something to see, or say which calls were refused."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"it never came to that: {refusals(sandbox)}")


def until(sandbox, application, is_so):
    """Wait until the latest rollout of an application is as it should be, and return it."""
    record = Rollouts(Table(sandbox.client("dynamodb"), sandbox.stack.tables["Rollouts"]))
    return eventually(sandbox, lambda: next(filter(is_so, record.newest(application, 1)), None))


def asks(color):
    return lambda rollout: color in rollout.colors and rollout.colors[color].stage == "asking"


def has_ended(rollout):
    return not rollout.is_open


def approve(sandbox, approval):
    wanted = ("approve", approval)
    buttons = sandbox.people.buttons
    button = eventually(
        sandbox, lambda: next((b for b in buttons("bob") if (b.action_id, b.value) == wanted), None)
    )
    assert sandbox.people.click("bob", button.message_ts, "approve") == 200


def refusals(sandbox):
    """List the lines of all handlers' logs that tell of a refused call."""
    logs = sandbox.client("logs")
    lines = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    assert lines
    return [line for line in lines if "AccessDenied" in line or "not authorized" in line]


def test_a_rollout_that_is_refused_without_slack_needs_no_more_than_is_allowed(guarded):
    guarded.people.command("carol", "/rollout web v1.42.0 faster search")
    approve(guarded, until(guarded, "web", asks("red")).colors["red"].approval)
    until(guarded, "web", asks("yellow"))

    questions = f"{guarded.stack.api_url}/approvals"
    (question,) = call("GET", questions, ROOT_USER)["approvals"]
    reason = json.dumps({"reason": "502s"}).encode()
    call("POST", f"{questions}/{question['id']}/reject", ROOT_USER, reason)

    rollout = until(guarded, "web", has_ended)
    assert (rollout.outcome, rollout.colors["red"].stage) == ("rejected", "put_back")
    assert refusals(guarded) == []


def test_a_rollout_that_is_stopped_from_outside_needs_no_more_than_is_allowed(guarded):
    guarded.people.command("carol", "/rollout api v1.42.0")
    rollout = until(guarded, "api", asks("red"))

    guarded.client("stepfunctions").stop_execution(executionArn=rollout.execution)

    assert until(guarded, "api", has_ended).outcome == "aborted"
    said = guarded.people.command("carol", "/rollout history api").body["text"]
    assert "*aborted*" in said
    assert refusals(guarded) == []


def test_a_rollout_that_is_taken_back_by_hand_needs_no_more_than_is_allowed(guarded):
    guarded.people.command("carol", "/rollout web v1.42.1")
    approve(guarded, until(guarded, "web", asks("red")).colors["red"].approval)
    until(guarded, "web", asks("yellow"))

    guarded.people.command("bob", "/rollout cancel web")

    assert until(guarded, "web", has_ended).outcome == "rolled_back_by_hand"
    assert refusals(guarded) == []


@pytest.mark.parametrize("name", ["happy", "reject-yellow", "crash-on-red"])
def test_a_whole_scenario_needs_no_more_than_is_allowed(guarded, name):
    run = play(guarded, name)

    assert run.problems == []
    assert refusals(guarded) == []


def test_instances_that_come_and_go_need_no_more_than_is_allowed(guarded):
    fleets = guarded.world.fleets
    fleet, before = fleets.pools[SPOT], fleets.pools[ON_DEMAND].target
    eventually(guarded, lambda: fleet.state == "active" and fleet.in_service())

    with guarded.lock:
        host = fleet.in_service()[0].container_instance
        fleets.interrupt(host.ec2_id, NOTICE)
    eventually(guarded, lambda: host.status == "DRAINING")
    aim = fleet.target
    for size, follows in (
        (before + 2, lambda: fleet.target > aim),
        (before, lambda: fleet.target == aim),
    ):
        with guarded.lock:
            fleets.resize(ON_DEMAND, size)
        eventually(guarded, follows)

    assert refusals(guarded) == []


def test_a_rollout_that_waits_for_its_image_needs_no_more_than_is_allowed(guarded):
    guarded.people.command("carol", "/rollout web v1.44.0")
    until(guarded, "web", lambda rollout: rollout.awaits and rollout.board)

    guarded.push("web", "v1.44.0")

    until(guarded, "web", asks("red"))
    guarded.people.command("carol", "/rollout cancel web")
    assert until(guarded, "web", has_ended).outcome == "withdrawn"
    assert refusals(guarded) == []


def test_pushes_that_take_turns_need_no_more_than_is_allowed(guarded):
    guarded.push("pushed", "v1.44.0")
    until(guarded, "pushed", asks("red"))
    guarded.push("pushed", "v1.44.1")

    newer = until(guarded, "pushed", lambda r: r.release.name == "v1.44.1" and asks("red")(r))
    assert newer.requested_by == "ecr"
    guarded.people.command("bob", "/rollout cancel pushed")

    assert until(guarded, "pushed", has_ended).outcome == "withdrawn"
    assert refusals(guarded) == []


def test_what_a_role_may_not_is_refused(guarded):
    """Last, since it is what the others would look like if a policy lacked something."""
    iam, function = guarded.client("iam"), guarded.stack.functions["PrepareRollout"]
    described = guarded.client("lambda").get_function_configuration(FunctionName=function)
    no = {"Effect": "Deny", "Action": "ecr:DescribeImages", "Resource": "*"}
    iam.put_role_policy(
        RoleName=described["Role"].rsplit("/", 1)[-1],
        PolicyName="no-images",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [no]}),
    )

    start(guarded, a_name(), SCENARIOS["happy"].input_for("web"))

    (told, *_) = eventually(guarded, lambda: refusals(guarded))
    assert "DescribeImages" in told
