"""`make sandbox`: what it prints, who it answers, and what it leaves behind, which is nothing."""

import json
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
import urllib3

from operations import capacity_report
from operations.package import ROOT
from sandbox.wire.slack.slack_sign import signed_headers
from tests.support.patience import PATIENCE
from tests.support.playing import looking

pytestmark = pytest.mark.wire

HTTP = urllib3.PoolManager(timeout=PATIENCE, retries=False)
"""Seconds that a busy machine may take to start it."""


@contextmanager
def staying():
    """Run it as `make sandbox` does; give the process and the JSON line that it printed."""
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.serve"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            assert ready, "it printed nothing"
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def client(service, endpoint, said):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=said["region"],
        aws_access_key_id=said["account"],
        aws_secret_access_key="anything",
    )


def test_what_it_prints_answers_from_outside(capsys):
    with staying() as (process, said):
        machine = client("stepfunctions", said["aws_endpoint"], said)
        ecs = client("ecs", said["ecs_endpoint"], said)
        balancers = client("elbv2", said["elb_endpoint"], said)

        groups = balancers.describe_target_groups()["TargetGroups"]
        (service,) = ecs.describe_services(cluster="recipes", services=["api-red"])["services"]
        execution = machine.start_execution(
            stateMachineArn=said["state_machine_arn"],
            input='{"application": "shop", "tag": "v1.42.0"}',
        )["executionArn"]
        ended = looking(lambda: machine.describe_execution(executionArn=execution).get("error"))
        page = HTTP.request("GET", said["page"])
        commands = said["slack_commands_url"]
        body = b"team_id=T0SHINGO&user_id=U0ALICE&command=%2Frollout&text=help"
        signed = signed_headers(said["slack_signing_secret"], str(int(time.time())), body)
        help_text = HTTP.request("POST", commands, body=body, headers=signed)
        refused = [
            HTTP.request("POST", said["slack_interactions_url"], body=b"payload=x").status,
            HTTP.request("GET", said["approvals_url"]).status,
        ]

        report = capacity_report.main(["--endpoint-url", said["page"], "--application", "api"])
        sized = capsys.readouterr().out

        assert sorted(group["TargetGroupName"] for group in groups) == ["api", "web"]
        assert service["runningCount"] == 1
        assert ended == "InvalidInput"
        assert (page.status, b"<html" in page.data) == (200, True)
        assert (help_text.status, "/rollout" in help_text.json()["text"]) == (200, True)
        assert refused == [401, 403]
        assert (report, "unknown" in sized) == (0, False)
        assert "Suggested for all colors alike: 128 CPU units" in sized
        assert process.poll() is None


def family(process):
    """List a live process and all that descend from it, by /proc (proc(5))."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            parents[int(folder.name)] = int(parent)
    found = {process} & parents.keys()
    while True:
        more = {one for one, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_nothing_of_it_is_left_behind(number):
    with staying() as (process, said):
        HTTP.request("POST", said["slack_commands_url"], body=b"a=b")  # starts a Lambda worker
        started = family(process.pid)
        assert len(started) > 2  # itself, MiniStack, a worker

        process.send_signal(number)

        assert process.wait(20) == (0 if number != signal.SIGKILL else -signal.SIGKILL)
        assert looking(lambda: not any(alive(one) for one in started))
        with pytest.raises(urllib3.exceptions.HTTPError):
            HTTP.request("GET", said["aws_endpoint"])


def alive(process):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
