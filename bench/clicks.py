"""A minute of clicks: `make load-clicks` (RATE=50 SECONDS=60 WORKERS=4).

Clicks arrive at a steady rate whether or not earlier ones have been answered, each signed as Slack
signs it: approvals by who may, the same click again, and strangers. A few warm processes run the
packaged `receive_slack`, as Lambda would, with boto3 over loopback; one answers one click at a
time. A click's time runs from when it was due until its answer, so waiting for a worker counts.

Tested by `make load-clicks` alone.
"""

import argparse
import base64
import http.client
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlencode, urlsplit

from rich.console import Console

from bench.warm import Clicker
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.workers import warm_workers
from sandbox.wire.slack.slack_directory import TEAM_ID
from sandbox.wire.slack.slack_sign import signed_headers

SETTINGS: Final = {"api": {"approvals": {"users": ["U0BOB"], "groups": [], "expires_after": "8 h"}}}
FUNCTION: Final = "ReceiveSlack"
SLACK_LIMIT: Final = 3.0
"""Seconds that Slack waits."""
TIMEOUT: Final = 90.0
MAX_THREADS: Final = 400
FORGED: Final = "not-slacks"
WARM_UP: Final = 40
KINDS: Final = ("approve", "approve", "again", "approve", "stranger")
"""Of every five clicks."""


@dataclass(frozen=True, kw_only=True)
class Click:
    """One click to be sent."""

    kind: str
    user: str
    question: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class TimedAnswer:
    """What came of one; `seconds` since it was due."""

    kind: str
    seconds: float
    status: int


@dataclass(kw_only=True)
class FunctionUrl:
    """Where the function takes its invocations, and what they carry."""

    address: str
    function: str
    response_url: str

    def send(self, click: Click, due: float) -> TimedAnswer:
        """Invoke the function with a click, as the HTTP API does."""
        while (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        body = self._body(click)
        headers = signed_headers(click.secret, str(int(time.time())), body)
        event = {
            "version": "2.0",
            "rawPath": "/slack/interactions",
            "headers": {name.lower(): value for name, value in headers.items()},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        status = self._invoke(json.dumps(event).encode())
        return TimedAnswer(kind=click.kind, seconds=time.monotonic() - due, status=status)

    def _invoke(self, event: bytes) -> int:
        place = urlsplit(self.address)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=TIMEOUT)
        try:
            named = {"X-Amzn-Lambda-Function-Name": self.function}
            connection.request("POST", "/", event, named)
            return int(json.loads(connection.getresponse().read()).get("statusCode", 0))
        except OSError:
            return 0
        finally:
            connection.close()

    def _body(self, click: Click) -> bytes:
        payload = {
            "type": "block_actions",
            "user": {"id": click.user, "team_id": TEAM_ID},
            "team": {"id": TEAM_ID},
            "trigger_id": "1.2.3",
            "response_url": self.response_url,
            "actions": [{"action_id": "approve", "value": click.question, "type": "button"}],
        }
        return urlencode({"payload": json.dumps(payload)}).encode()


def clicks_for(count: int, clicker: Clicker, secret: str) -> list[Click]:
    """Make so many clicks, and the questions that they answer.

    The same click again comes two later, when the first may still be under way.
    """
    found: list[Click] = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        question = found[-2].question if kind == "again" else clicker.question()
        user = "U0DAVE" if kind == "stranger" else "U0BOB"
        found.append(Click(kind=kind, user=user, question=question, secret=secret))
    return found


def send_at_rate(edge: FunctionUrl, clicks: Sequence[Click], rate: float) -> list[TimedAnswer]:
    """Send them at a steady rate, whatever becomes of those before."""
    started = time.monotonic() + 0.5
    with ThreadPoolExecutor(MAX_THREADS) as crowd:
        sent = [
            crowd.submit(edge.send, click, started + number / rate)
            for number, click in enumerate(clicks)
        ]
        return [one.result() for one in sent]


def measure(
    rate: float, seconds: float, workers: int, say: Callable[[str], None]
) -> tuple[dict[str, list[TimedAnswer]], dict[str, float], int]:
    """Click; return what was answered, who spent how many ms a click, and decisions lost."""
    count = round(rate * seconds)
    with (
        running_sandbox(progress=say, settings=SETTINGS, alarms=False) as sandbox,
        warm_workers(sandbox, workers, (FUNCTION,)) as pool,
    ):
        clicker, secret = Clicker(sandbox), sandbox.workspace.signing_secret
        edge = FunctionUrl(
            address=pool.address,
            function=sandbox.stack.functions[FUNCTION],
            response_url=f"{sandbox.address}/slack/response/bench",
        )
        say(f"recording the questions of {count} clicks")
        warm, clicks = clicks_for(WARM_UP, clicker, secret), clicks_for(count, clicker, secret)
        forged = [replace(one, kind="forged", secret=FORGED) for one in clicks]
        send_at_rate(edge, warm, rate / 4)
        say("a sixth of the time: clicks with a forged signature")
        floor = send_at_rate(edge, forged[: count // 6], rate)
        sandbox.ecs_calls.calls.clear()
        groups = {"the function": pool.pid, "MiniStack": sandbox.ministack.pid, "the wire": 0}
        before = {name: processor_seconds(group) for name, group in groups.items()}
        say(f"{count} clicks in {seconds:.0f} s")
        mixed = send_at_rate(edge, clicks, rate)
        spent = {name: processor_seconds(group) - before[name] for name, group in groups.items()}
        each = {name: 1000 * seconds / count for name, seconds in spent.items()}
        say("counting the decisions")
        lost = sum(clicker.decisions(one.question) != 1 for one in clicks if one.kind == "approve")
    found = {"forged": floor, "all": mixed}
    found |= {kind: [one for one in mixed if one.kind == kind] for kind in dict.fromkeys(KINDS)}
    return found, each, lost


def processor_seconds(group: int) -> float:
    """Return the processor seconds of a process group so far; of this process for 0."""
    if not group:
        return time.process_time()
    tick, spent = os.sysconf("SC_CLK_TCK"), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                spent += int(fields[11]) + int(fields[12])
    return spent / tick


def main() -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="make load-clicks", description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    progress, output = Console(stderr=True, highlight=False), Console(highlight=False, width=160)
    found, spent, lost = measure(options.rate, options.seconds, options.workers, progress.print)
    output.print(f"{options.rate:g} clicks a second for {options.seconds:g} s, ", end="")
    output.print(f"{options.workers} workers\n")
    output.print("| clicks | how many | median ms | p99 ms | slowest ms | over 3 s | not 200 |")
    output.print("| --- " + "| ---: " * 6 + "|")
    for kind, answers in found.items():
        output.print(f"| {kind} | {line(answers)} |")
    text = ", ".join(f"{name} {each:.1f}" for name, each in spent.items())
    output.print(f"\nProcessor time a click, in ms: {text}")
    output.print(f"Approvals that left no decision: {lost}")
    late = sum(one.seconds > SLACK_LIMIT for one in found["all"])
    return 1 if late or lost else 0


def line(answers: Sequence[TimedAnswer]) -> str:
    """Write one row's numbers."""
    times = [1000 * one.seconds for one in answers]
    statuses = Counter(one.status for one in answers)
    return " | ".join(
        (
            str(len(times)),
            f"{median(times):.0f}",
            f"{quantiles(times, n=100)[98]:.0f}",
            f"{max(times):.0f}",
            str(sum(one > 1000 * SLACK_LIMIT for one in times)),
            str(len(times) - statuses[200]),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
