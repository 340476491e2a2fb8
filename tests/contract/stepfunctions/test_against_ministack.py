"""The double against MiniStack, on what both can do.

Left out is what MiniStack does otherwise than AWS: it gives every Lambda error the name
`Runtime.HandlerError`, swallows the error of a callback's function, takes a path that finds
nothing for null, keeps no history of branches, and gives a failed execution an output.
"""

import io
import json
import time
import zipfile

import pytest

from operations.local_aws import ACCOUNT
from sandbox.host.ministack import running_ministack
from tests.support.moto_interpreter import Raises
from tests.support.patience import PATIENCE
from tests.support.stepfunctions.other_interpreters import SCENARIOS, walk

pytestmark = pytest.mark.wire

STUB = """
import json, os

def lambda_handler(event, context):
    answer = json.loads(os.environ["ANSWER"])
    if os.environ.get("RAISES"):
        raise KeyError("as scripted")
    if "token" in event:
        import boto3
        boto3.client("stepfunctions").send_task_success(
            taskToken=event["token"], output=json.dumps(answer))
        return None
    return answer
"""
BY_NAME = {"a call that raises", "a caught error", "a retry that helps", "a retry that does not"}
OTHERWISE = {"a callback that raises", "a path that finds nothing"}
FAITHFUL = sorted(SCENARIOS.keys() - BY_NAME - OTHERWISE)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"


@pytest.fixture(scope="module")
def ministack():
    with running_ministack() as running:
        yield running


def package():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("stub.py", STUB)
    return file.getvalue()


def machine_with_stubs(ministack, number, definition, answers):
    """Make a state machine whose functions are stubs of its own; give its ARN."""
    text = json.dumps(definition)
    for function, (answer,) in answers.items():
        name = f"{function}-{number}"
        raises = isinstance(answer, Raises)
        variables = {"ANSWER": json.dumps(None if raises else answer), "RAISES": "1" * raises}
        ministack.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler="stub.lambda_handler",
            Code={"ZipFile": package()},
            Environment={"Variables": variables},
        )
        text = text.replace(f"${{{function}}}", name)
    made = ministack.client("stepfunctions").create_state_machine(
        name=f"machine-{number}", definition=text, roleArn=ROLE
    )
    return made["stateMachineArn"]


@pytest.mark.parametrize("scenario", FAITHFUL)
def test_the_double_goes_where_ministack_goes(ministack, scenario):
    definition, answers, given = SCENARIOS[scenario]
    here, _ = walk(definition, answers, given)
    number = FAITHFUL.index(scenario)

    client = ministack.client("stepfunctions")
    arn = client.start_execution(
        stateMachineArn=machine_with_stubs(ministack, number, definition, answers),
        input=json.dumps(given),
    )["executionArn"]
    late = time.monotonic() + PATIENCE
    while (there := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < late, "the execution did not end"
        time.sleep(0.02)  # MiniStack's own thread runs the machine; nothing tells when it is done

    history = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    entered = [event.get("stateEnteredEventDetails") for event in history]
    outside_branches = [name for name in here.visited if name in definition["States"]]
    assert [details["name"] for details in entered if details] == outside_branches
    assert (there["status"], there.get("error", "")) == (here.status, here.error)
    if here.status == "SUCCEEDED":
        assert json.loads(there["output"]) == here.output
