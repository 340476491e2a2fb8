"""How many rollouts at once: `make load` (APPLICATIONS=… ACCELERATION=… WORKERS=…).

Starts the sandbox with that many applications of three services each, starts a rollout of every one
by StartExecution, and has people answer every question by clicks in Slack, until all have ended.
Most release a good image; some crash on red, some are unhealthy on yellow, some are rejected. Then
the bench checks every end (`right_ends`) and prints one table.
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

from bench.crowd import Crowd, applications
from bench.right_ends import problems_of
from handlers.domain.model.rollout import Rollout
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from operations.local_aws import aws_client
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox
from sandbox.host.workers import warm_workers, worker_logs
from sandbox.scenarios.group_scenarios import BRIEFLY
from sandbox.stories.story import Story
from sandbox.wire.aws.aws_rates import ECS_RATES, STATES_RATES, AwsRates
from sandbox.wire.token_buckets import Bucket

QUICKLY: Final = {
    "approvals": {"users": ["U0BOB"], "groups": [], "expires_after": "8 h"},
    "verification": {**BRIEFLY["verification"], "bake": "2 s", "bake_at_most": "4 s"},
}
"""Tasks, restarts and targets are verified; metrics and logs have a bench of their own."""
POLL_SECONDS: Final = 0.3
"""Seconds between two polls of the channel."""
CROWD: Final = 8
"""Clicks at the same time."""
CLICKS: Final = "ReceiveSlack"
CLICK_WORKERS: Final = 3
TIMEOUT_SECONDS: Final = 330.0
SHOW_EVERY: Final = 5.0
ACKNOWLEDGE_SECONDS: Final = 3.0
"""Seconds that Slack waits for the answer to a click."""


@dataclass(kw_only=True)
class Rates:
    """Every bucket of AWS's rates."""

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
    """The result of a run."""

    stories: Mapping[str, Story]
    seconds: float
    outcomes: Mapping[str, Rollout | None]
    problems: list[str]
    crowd: Crowd
    rates: Rates
    sandbox: Sandbox
    dropped: int
    """Messages that were dropped because Slack limited them."""


def run(count: int, acceleration: float, workers: int, clock: str, console: Console) -> Report:
    """Start as many rollouts at once, and play their people until all have ended."""
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
        rates = limit_rates(sandbox, clock)
        crowd = Crowd(sandbox, stories)
        began = time.monotonic()
        arns = start_all(sandbox, stories)
        console.print(f"{count} rollouts started in {time.monotonic() - began:.1f} s")
        left = play_until_ended(sandbox, crowd, count, began, console)
        took = time.monotonic() - began
        table = Table(sandbox.client("dynamodb"), sandbox.stack.tables["Rollouts"])
        records = {name: Rollouts(table).get(rollout_of(name)) for name in stories}
        problems = [f"{name} has not ended" for name in left]
        problems += list(problems_of(sandbox, stories, records, arns))
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
            dropped=sum(log.read_text().count('"slack: ') for log in worker_logs(sandbox)),
        )


def limit_rates(sandbox: Sandbox, clock: str) -> Rates:
    """Limit ECS and Step Functions to AWS's rates."""

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
    """Return the id of an application's one rollout."""
    return f"load-{application}"


def start_all(sandbox: Sandbox, stories: Mapping[str, Story]) -> dict[str, str]:
    """Start all executions at once; return them by application."""
    machine = aws_client("stepfunctions", sandbox.states_endpoint)

    def start(application: str) -> str:
        answer = machine.start_execution(
            stateMachineArn=sandbox.stack.state_machine_arn,
            name=rollout_of(application),
            input=json.dumps(stories[application].input_for(application)),
        )
        return str(answer["executionArn"])

    with ThreadPoolExecutor(16) as starters:
        return dict(zip(stories, starters.map(start, stories), strict=True))


def play_until_ended(
    sandbox: Sandbox, crowd: Crowd, count: int, began: float, console: Console
) -> list[str]:
    """Answer questions until no execution runs; return those that run at the timeout."""
    # Looked up where nobody counts: it is ours, not the product's.
    machine = sandbox.client("stepfunctions")
    shown = -10.0
    with ThreadPoolExecutor(CROWD) as hands:
        while True:
            crowd.answer_all(hands)
            time.sleep(POLL_SECONDS)
            elapsed = time.monotonic() - began
            if elapsed - shown < SHOW_EVERY:
                continue
            shown = elapsed
            left = running_executions(machine, sandbox.stack.state_machine_arn)
            console.print(
                f"{elapsed:5.0f} s: {count - len(left)} of {count} ended, "
                f"{len(crowd.pressed)} questions answered, {len(crowd.seconds)} clicks"
            )
            if not left or elapsed > TIMEOUT_SECONDS:
                return left


def running_executions(machine: Any, arn: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    """Return the names of the running executions."""
    pages = machine.get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=arn, statusFilter="RUNNING")
    return [one["name"] for page in found for one in page["executions"]]


def print_report(report: Report, console: Console) -> None:
    """Print it all as Markdown."""
    counted = Counter(r.outcome if r else "no record" for r in report.outcomes.values())
    told = ", ".join(f"{number} {outcome}" for outcome, number in counted.most_common())
    clicks, calls = report.crowd.seconds, report.sandbox.workspace.calls
    late = sum(one > ACKNOWLEDGE_SECONDS for one in clicks)
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
        ("messages that Slack did not take", str(report.dropped)),
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
                print_row(console, name, one.enforced, f"{one.observed.lowest:.0f}")
    for (method, channel), bucket in report.sandbox.workspace.rates.buckets.items():
        print_row(console, f"{method} {channel}".strip(), bucket, "")
    others = dict(report.sandbox.ecs_calls.calls)
    console.print(f"\nECS: {others}\nSlack: {dict(calls)}", markup=False)
    console.print(f"failed clicks: {dict(report.crowd.failures)}", markup=False)
    for problem in report.problems:
        console.print(f"WRONG: {problem}", markup=False)


def print_row(console: Console, name: str, bucket: Bucket, observed: str) -> None:
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
