"""Roll fifty applications out as one group in the sandbox, and hold the calls against AWS's rates.

The sandbox's clock runs faster than ours, and the rates are held against ours: the calls of a
rollout come that much closer together here than in AWS.

Burst and refill per second: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
and https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (a small region).
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from handlers.domain.model.group import Group, Order, Part
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.group_scenarios import BRIEFLY, GroupScenario, group_input, run_group

RATES: Final[Mapping[str, tuple[int, int]]] = {
    "UpdateService": (50, 5),
    "RegisterTaskDefinition": (20, 1),
    "DescribeTaskDefinition": (50, 20),
    "DescribeServices": (100, 20),
    "ListServiceDeployments": (50, 20),
    "DescribeTasks": (100, 20),
    "ListTasks": (100, 20),
    "DescribeContainerInstances": (100, 20),
    "StartExecution": (800, 150),
    "SendTaskSuccess": (1500, 300),
}
"""Call → how many at once, and how many more each second."""
TIMEOUT_SECONDS: Final = 600.0
ACCELERATION: Final = 20.0
"""World seconds in one of ours. At the usual sixty, a rollout that is watched briefly takes ten
seconds, and ten at once would read ECS 25 times a second; in AWS each takes half an hour."""


def least_left(times: Iterable[float], burst: int, refill: int) -> float:
    """Return the lowest level of a bucket after calls at these seconds; AWS refuses below zero.

    A refused call takes nothing in AWS, so that a level below zero counts the refused calls.
    """
    left, least, last = float(burst), float(burst), None
    for now in sorted(times):
        left = min(burst, left + refill * (now - last)) if last is not None else left
        left, last = left - 1, now
        least = min(least, left)
    return least


def busiest_second(times: Sequence[float]) -> int:
    """Return the most calls within one second, wherever it begins."""
    ordered = sorted(times)
    start, most = 0, 0
    for end, now in enumerate(ordered):
        while now - ordered[start] >= 1:
            start += 1
        most = max(most, end - start + 1)
    return most


def calls_of_executions(sandbox: Sandbox, group: Group) -> dict[str, list[float]]:
    """Return when executions were started and task tokens answered, by the histories."""
    machine, found = sandbox.client("stepfunctions"), defaultdict[str, list[float]](list)
    prefix = sandbox.stack.state_machine_arn.replace(":stateMachine:", ":execution:")
    for member in group.in_turn:
        pages = machine.get_paginator("get_execution_history").paginate(
            executionArn=f"{prefix}:{member.rollout}"
        )
        for event in (event for page in pages for event in page["events"]):
            moment: datetime = event["timestamp"]
            if event["type"] == "ExecutionStarted":
                found["StartExecution"].append(moment.timestamp())
            resource = event.get("taskSucceededEventDetails", {}).get("resource", "")
            if resource.endswith("waitForTaskToken"):
                found["SendTaskSuccess"].append(moment.timestamp())
    return dict(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status is 0 when all completed and no bucket ran dry."""
    parser = argparse.ArgumentParser(prog="make group-load", description=__doc__)
    parser.add_argument("--applications", type=int, default=50)
    parser.add_argument("--acceleration", type=float, default=ACCELERATION)
    options = parser.parse_args(arguments)
    names = tuple(f"shop-{number:02}" for number in range(1, options.applications + 1))
    scenario = GroupScenario(
        description="many", applications=names, group=group_input(Order.SIDE_BY_SIDE)
    )
    calls, said = defaultdict[str, list[float]](list), set[str]()

    def show(group: Group) -> None:
        line = f"{len(group.of(Part.COMPLETED))} completed, {len(group.of(Part.OPEN))} open"
        if line not in said:
            said.add(line)
            print(line, file=sys.stderr, flush=True)

    settings = dict.fromkeys(names, BRIEFLY)
    with running_sandbox(options.acceleration, settings=settings) as sandbox:
        sandbox.ecs_calls.before = lambda name, _: calls[name].append(time.time())
        run = run_group(sandbox, "group-load", scenario, timeout=TIMEOUT_SECONDS, show=show)
        seen = {**calls, **(calls_of_executions(sandbox, run.group) if run.group else {})}
    return _print_result(run.result, run.problems, seen)


def _print_result(
    result: Mapping[str, Any], problems: Sequence[str], seen: Mapping[str, list[float]]
) -> int:
    rates = {
        name: {
            "calls": len(times),
            "busiest_second": busiest_second(times),
            "burst": RATES[name][0],
            "refill": RATES[name][1],
            "least_left": round(least_left(times, *RATES[name]), 1),
        }
        for name, times in sorted(seen.items())
        if name in RATES
    }
    dry = [name for name, rate in rates.items() if rate["least_left"] < 0]
    for problem in (*problems, *(f"{name}: more than its rate" for name in dry)):
        print(f"wrong: {problem}", file=sys.stderr)
    said = {key: result[key] for key in ("outcome", "execution_status", "seconds")}
    print(json.dumps({**said, "applications": len(result["applications"]), "rates": rates}))
    return 1 if problems or dry else 0


if __name__ == "__main__":
    sys.exit(main())
