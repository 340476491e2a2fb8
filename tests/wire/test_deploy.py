import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.ministack import ACCOUNT, REGION
from sandbox.sandbox import running_sandbox

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.wire


def deployed(answer="", **environment):
    return subprocess.run(
        [sys.executable, "-m", "sandbox.deploy"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        input=answer,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_is_missing_is_named_and_nothing_is_tried():
    run = deployed(SLACK_TEAM="T0SHINGO")

    assert run.returncode == 2
    assert "SLACK_CHANNEL" in run.stdout
    assert "BUCKET" in run.stdout
    assert "SLACK_TEAM:" not in run.stdout


def test_it_asks_first_and_then_deploys_what_was_shown():
    with running_sandbox() as sandbox:
        sandbox.client("s3").create_bucket(
            Bucket="mine", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        environment = {
            "AWS_ENDPOINT_URL": sandbox.stack.endpoint,
            "AWS_ENDPOINT_URL_ECS": sandbox.ecs_endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": REGION,
            "SLACK_CHANNEL": "C0DEPLOYS",
            "SLACK_TEAM": "T0SHINGO",
            "BUCKET": "mine",
            "STACK": "another",
        }

        refused = deployed("n\n", **environment)
        accepted = deployed(**environment, YES="1")

        names = [
            s["StackName"] for s in sandbox.client("cloudformation").describe_stacks()["Stacks"]
        ]
    assert (refused.returncode, accepted.returncode) == (1, 0), accepted.stdout + accepted.stderr
    assert "Nothing was changed." in refused.stdout
    assert "PrepareRollout (AWS::Lambda::Function)" in refused.stdout + accepted.stdout
    assert "SlackCommandsUrl: " in accepted.stdout
    assert "another" in names
