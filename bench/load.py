"""How many rollouts at once: `make load` (APPLICATIONS=… ACCELERATION=… WORKERS=…).

Starts the sandbox with that many applications of three services each, starts a rollout of every one
by StartExecution, and has people answer every question by clicks in Slack, until all have ended.
Most are of a good release; some crash on red, some are unhealthy on yellow, some are refused, and
go back. Then it holds everything against how it must be, and prints the whole as one table.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from rich.console import Console

from bench.crowd import Crowd, Story, applications
from bench.right_ends import wrongs
from handlers.domain.model.rollout import Rollout
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from operations.local_aws import aws_client
from sandbox.host.sandbox import Sandbox, running_sandbox
from sandbox.host.workers import warm_workers, worker_logs
from sandbox.wire.aws.aws_rates import ECS_RATES, STATES_RATES, AwsRates
from sandbox.wire.token_buckets import Bucket

QUICKLY: Final = {
    "approvals": {"users": ["U0BOB"], "groups": [], "expires_after": "8 h"},
    "verification": {
        "bake": "2 s",
        "bake_at_most": "4 s",
        "requests": 0,
        "metrics": {
            name: {"off": True} for name in ("requests", "errors", "latency", "memory", "cpu")
        },
        "logs": {"errors": {"off": True}},
    },
}
"""Tasks, restarts and targets are verified; metrics and logs have a bench of their own."""
LOOK: Final = 0.3
"""Seconds between two looks at the channel."""
CROWD: Final = 8
"""Clicks that are under way at once."""
CLICKS: Final = "ReceiveSlack"
CLICK_WORKERS: Final = 3
GIVEN_UP_AFTER: Final = 330.0
SHOW_EVERY: Final = 5.0
PATIENCE: Final = 3.0
"""Seconds that Slack waits for the answer to a click."""


@dataclass(kw_only=True)
class Rates:
    """Every bucket, and who watches them."""

    ecs: AwsRates
    states: AwsRates
    counts_sent: int = 0
    """UpdateService calls that named a desired count."""

    def admit_ecs(self, operation: str, parameters: Mapping[str, Any]) -> None:
        """Take one call of ECS from its bucket."""
        self.counts_sent += "desiredCount" in parameters
        self.ecs.admit(operation, parameters)


@dataclass(kw_only=True)
class Report:
    """What a run came to."""

    stories: Mapping[str, Story]
    seconds: float
    outcomes: Mapping[str, Rollout | None]
    problems: list[str]
    crowd: Crowd
    rates: Rates
    sandbox: Sandbox
    untold: int
    """Messages that were given up because Slack limited them."""


def run(count: int, acceleration: float, workers: int, clock: str, console: Console) -> Report:
    """Start so many rollouts at once, and have them all end."""
    stories = applications(count)
    with ExitStack() as stack:
        sandbox = stack.enter_context(
            running_sandbox(
                acceleration=acceleration,
                progress=console.print,
                settings={**dict.fromkeys(stories, QUICKLY)},
                people_acceleration=acceleration,
                alarms=False,
            )
        )
        console.print(f"starting {workers} warm workers, and {CLICK_WORKERS} for clicks")
        steps = tuple(name for name in sandbox.stack.functions if name != CLICKS)
        stack.enter_context(warm_workers(sandbox, workers, steps))
        stack.enter_context(warm_workers(sandbox, CLICK_WORKERS, (CLICKS,)))
        rates = limited(sandbox, clock)
        crowd = Crowd(sandbox, stories)
        began = time.monotonic()
        arns = started(sandbox, stories)
        console.print(f"{count} rollouts started in {time.monotonic() - began:.1f} s")
        left = until_ended(sandbox, crowd, count, began, console)
        took = time.monotonic() - began
        table = Table(sandbox.client("dynamodb"), sandbox.stack.tables["Rollouts"])
        records = {name: Rollouts(table).get(rollout_of(name)) for name in stories}
        problems = [f"{name} has not ended" for name in left]
        problems += list(wrongs(sandbox, stories, records, arns))
        if rates.counts_sent:
            problems.append(f"{rates.counts_sent} calls named a desired count")
        return Report(
            stories=stories,
            seconds=took,
            outcomes=records,
            problems=problems,
            crowd=crowd,
            rates=rates,
            sandbox=sandbox,
            untold=sum(log.read_text().count('"slack: ') for log in worker_logs(sandbox)),
        )


def limited(sandbox: Sandbox, clock: str) -> Rates:
    """Let ECS and Step Functions answer no more often than AWS does."""

    def world() -> float:
        return sandbox.clock.now().timestamp()

    enforced, observed = (time.monotonic, world) if clock == "ours" else (world, time.monotonic)
    rates = Rates(
        ecs=AwsRates(ECS_RATES, enforced, observed),
        states=AwsRates(STATES_RATES, enforced, observed),
    )
    sandbox.ecs_calls.before = rates.admit_ecs
    sandbox.machine_calls.before = rates.states.admit
    return rates


def rollout_of(application: str) -> str:
    """Name an application's one rollout."""
    return f"load-{application}"


def started(sandbox: Sandbox, stories: Mapping[str, Story]) -> dict[str, str]:
    """Start them all at once; return application → execution."""
    machine = aws_client("stepfunctions", sandbox.states_endpoint)

    def start(application: str) -> str:
        document = {
            "application": application,
            "tag": stories[application].tag,
            "requestedBy": "U0ALICE",
            "reason": "all at once",
        }
        answer = machine.start_execution(
            stateMachineArn=sandbox.stack.state_machine_arn,
            name=rollout_of(application),
            input=json.dumps(document),
        )
        return str(answer["executionArn"])

    with ThreadPoolExecutor(16) as starters:
        return dict(zip(stories, starters.map(start, stories), strict=True))


def until_ended(
    sandbox: Sandbox, crowd: Crowd, count: int, began: float, console: Console
) -> list[str]:
    """Answer what is asked until nothing runs; return what had not ended when time was up."""
    # Looked up where nobody counts: it is ours, not the product's.
    machine = sandbox.client("stepfunctions")
    shown = -10.0
    with ThreadPoolExecutor(CROWD) as hands:
        while True:
            crowd.look(hands)
            time.sleep(LOOK)
            elapsed = time.monotonic() - began
            if elapsed - shown < SHOW_EVERY:
                continue
            shown = elapsed
            left = running(machine, sandbox.stack.state_machine_arn)
            console.print(
                f"{elapsed:5.0f} s: {count - len(left)} of {count} ended, "
                f"{len(crowd.pressed)} questions answered, {len(crowd.seconds)} clicks"
            )
            if not left or elapsed > GIVEN_UP_AFTER:
                return left


def running(machine: Any, arn: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    """List the names of the executions that run."""
    pages = machine.get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=arn, statusFilter="RUNNING")
    return [one["name"] for page in found for one in page["executions"]]


def print_report(report: Report, console: Console) -> None:
    """Print it all as Markdown."""
    counted = Counter(r.outcome if r else "no record" for r in report.outcomes.values())
    told = ", ".join(f"{number} {outcome}" for outcome, number in counted.most_common())
    clicks, calls = report.crowd.seconds, report.sandbox.workspace.calls
    late = sum(one > PATIENCE for one in clicks)
    wholes = [
        ("rollouts at once", f"{len(report.stories)}"),
        ("ended as", told),
        ("ended wrongly", str(len(report.problems))),
        ("seconds", f"{report.seconds:.0f}"),
        (
            "clicks: how many; median, p99 s; over 3 s",
            f"{len(clicks)}; {median(clicks):.2f}, {quantiles(clicks, n=100)[98]:.2f}; {late}",
        ),
        ("clicks without an answer, pressed again", str(sum(report.crowd.failures.values()))),
        ("messages that Slack did not take", str(report.untold)),
        ("ECS throttled", str(sum(b.enforced.refused for b in report.rates.ecs.buckets.values()))),
    ]
    console.print("| whole | |", "| --- | ---: |", sep="\n")
    for name, value in wholes:
        console.print(f"| {name} | {value} |")
    console.print()
    console.print(
        "| bucket | burst / s | calls | lowest left | refused | peak in a second "
        "| lowest left by the other clock |",
        "| --- " + "| ---: " * 6 + "|",
        sep="\n",
    )
    for rates in (report.rates.ecs, report.rates.states):
        for name, one in rates.buckets.items():
            if one.enforced.by_second:
                row(console, name, one.enforced, f"{one.observed.lowest:.0f}")
    for (method, channel), bucket in report.sandbox.workspace.rates.buckets.items():
        row(console, f"{method} {channel}".strip(), bucket, "")
    others = dict(report.sandbox.ecs_calls.calls)
    console.print(f"\nECS: {others}\nSlack: {dict(calls)}", markup=False)
    console.print(f"trouble of clicks: {dict(report.crowd.failures)}", markup=False)
    for problem in report.problems:
        console.print(f"WRONG: {problem}", markup=False)


def row(console: Console, name: str, bucket: Bucket, observed: str) -> None:
    """Print a bucket's line."""
    rate = f"{bucket.rate.burst} / {bucket.rate.per_second:.3g}"
    calls = bucket.taken + bucket.refused
    console.print(
        f"| {name} | {rate} | {calls} | {bucket.lowest:.0f} | {bucket.refused} | "
        f"{bucket.peak} | {observed} |",
        markup=False,
    )


def main() -> int:
    """Run it, and print what came of it."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--applications", type=int, default=200)
    parser.add_argument("--acceleration", type=float, default=20)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--clock", choices=("world", "ours"), default="world")
    options = parser.parse_args()
    progress, output = Console(stderr=True, highlight=False), Console(highlight=False, width=200)
    report = run(
        options.applications, options.acceleration, options.workers, options.clock, progress
    )
    print_report(report, output)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
