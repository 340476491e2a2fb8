"""How long clicks take in the sandbox: real HTTP, real MiniStack, every click its own answer.

Tested by `make bench` alone.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from threading import Barrier
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from handlers.domain.approvals.approval import Approval
from handlers.domain.approvals.approval_snapshot import ColorSnapshot
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import Board, ColorProgress, Rollout, Stage
from handlers.gateways.approval_store import Approvals
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.ecs import Ecs
from handlers.gateways.load_balancers import LoadBalancers
from handlers.gateways.rollout_store import Rollouts
from handlers.services.snapshot import take_snapshot
from sandbox.host.running_sandbox import running_sandbox
from sandbox.host.sandbox import Sandbox
from sandbox.wire.slack.slack_directory import TEAM_ID
from sandbox.wire.slack.slack_sign import signed_headers

CROWD: Final = 50
HTTP_OK: Final = 200
SLACK_LIMIT: Final = 3.0
"""Seconds that Slack waits."""
TIMEOUT: Final = 300.0
"""Seconds for any answer: on a busy machine 50 workers need minutes to start."""
WARM_UPS: Final = 8
"""Rounds of clicks that warm the workers up, at most."""
LEAST_WARM_UPS: Final = 3
ANYBODY: Final[Mapping[str, Mapping[str, Any]]] = {
    "api": {"approvals": {"users": [], "groups": [], "expires_after": "8 h"}}
}
_OPENER: Final = build_opener(ProxyHandler({}))


@dataclass(frozen=True, kw_only=True)
class ClickResult:
    """One click."""

    seconds: float
    status: int


class Clicker:
    """Clicks on questions of its own making, as Slack would send it."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Click in this sandbox."""
        self._sandbox = sandbox
        tables, dynamodb = sandbox.stack.tables, sandbox.client("dynamodb")
        self._rollouts = Rollouts(Table(dynamodb, tables["Rollouts"]))
        self._approvals = Approvals(Table(dynamodb, tables["Approvals"]))
        self._asked = 0
        self._shown: dict[str, ColorSnapshot] = {}
        """What each question shows, looked at once: nothing is deployed meanwhile."""

    def question(self) -> str:
        """Record a rollout that asks about red; return the id of its question."""
        self._asked += 1
        application = self._sandbox.applications["api"]
        now, name = datetime.now(UTC), f"bench-{self._asked}"
        colors = {
            color: ColorProgress(
                color=color, cluster=application.cluster, service=service, previous="api:41"
            )
            for color, service in application.services.items()
        }
        colors["red"] = replace(colors["red"], approval=f"{name}-question", stage=Stage.ASKING)
        rollout = Rollout(
            id=name,
            execution=f"arn:aws:states:ap-northeast-1:123456789012:execution:rollout:{name}",
            application="api",
            release=Release(name="v1.42.0"),
            requested_by="U0CAROL",
            reason="bench",
            started=now,
            colors=colors,
            board=Board(channel="C0DEPLOYS", ts="1.000001"),
        )
        client = self._sandbox.client
        self._shown = self._shown or dict(
            take_snapshot(rollout, Ecs(client("ecs")), LoadBalancers(client("elbv2")))
        )
        self._rollouts.create(rollout)
        self._approvals.ask(
            Approval(
                id=f"{name}-question",
                rollout=name,
                application="api",
                color="red",
                requester="U0CAROL",
                release="v1.42.0",
                evidence=self._shown,
                token=f"{name}-token",
                asked=now,
                until=now + timedelta(hours=8),
            )
        )
        return f"{name}-question"

    def clicks(self, questions: Sequence[str]) -> list[ClickResult]:
        """Press *Approve* on each of the questions, by another person each, all at once."""
        barrier = Barrier(len(questions))

        def click(numbered: tuple[int, str]) -> ClickResult:
            request = self._request(*numbered)
            barrier.wait(timeout=TIMEOUT)
            return _send(request)

        with ThreadPoolExecutor(len(questions)) as crowd:
            return list(crowd.map(click, enumerate(questions)))

    def decisions(self, question: str) -> int:
        """Count the decisions that stand on a question: one or none."""
        found = self._approvals.get(question)
        return int(found is not None and found.decision is not None)

    def _request(self, number: int, question: str) -> Request:
        user = f"U0P{number:03}"
        payload = {
            "type": "block_actions",
            "user": {"id": user, "team_id": TEAM_ID},
            "team": {"id": TEAM_ID},
            "trigger_id": f"1.2.{number}",
            "response_url": f"{self._sandbox.address}/slack/response/bench",
            "actions": [{"action_id": "approve", "value": question, "type": "button"}],
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        secret = self._sandbox.workspace.signing_secret
        headers = signed_headers(secret, str(int(time.time())), body)
        return Request(  # noqa: S310  (the sandbox's own address)
            self._sandbox.stack.interactions_url, data=body, headers=headers, method="POST"
        )


def _send(request: Request) -> ClickResult:
    started = time.perf_counter()
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as answer:
            answer.read()
            status = int(answer.status)
    except HTTPError as refusal:
        status = refusal.code
        refusal.close()
    except OSError:
        status = 0
    return ClickResult(seconds=time.perf_counter() - started, status=status)


def click_times(rounds: int, progress: Callable[[str], None]) -> dict[str, list[ClickResult]]:
    """Click in a sandbox of its own: one at a time, and 50 at once, when its workers are warm.

    Args:
        rounds: of 50 clicks each, at once on one question; and the same number of single clicks.
        progress: told in a few words what is done.
    """
    found: dict[str, list[ClickResult]] = {"1 at a time": [], f"{CROWD} at once": []}
    with running_sandbox(progress=progress, settings=ANYBODY) as sandbox:
        clicker = Clicker(sandbox)
        _warm_up(clicker, progress)
        for number in range(rounds):
            progress(f"{CROWD} clicks at once, round {number + 1} of {rounds}")
            question = clicker.question()
            found[f"{CROWD} at once"] += clicker.clicks([question] * CROWD)
        for number in range(rounds * 10):
            progress(f"one click at a time, {number + 1} of {rounds * 10}")
            found["1 at a time"] += clicker.clicks([clicker.question()])
    return found


def _warm_up(clicker: Clicker, progress: Callable[[str], None]) -> None:
    """Click until a whole round was answered well and in time: every worker has started then."""
    for number in range(WARM_UPS):
        progress(f"warming up the workers, round {number + 1} of {WARM_UPS} at most")
        clicks = clicker.clicks([clicker.question()] * CROWD)
        is_warm = all(each.status == HTTP_OK and each.seconds < SLACK_LIMIT for each in clicks)
        if is_warm and number + 1 >= LEAST_WARM_UPS:
            return


def failures(found: Mapping[str, list[ClickResult]]) -> list[str]:
    """Return what no busy machine excuses: a click answered badly, or none answered in time."""
    problems = [
        f"{name}: {bad} of {len(clicks)} clicks were not answered with {HTTP_OK}"
        for name, clicks in found.items()
        if (bad := sum(each.status != HTTP_OK for each in clicks))
    ]
    return problems + [
        f"{name}: the fastest click took {fastest:.1f} s"
        for name, clicks in found.items()
        if (fastest := min(each.seconds for each in clicks)) > SLACK_LIMIT
    ]


def rows(found: Mapping[str, list[ClickResult]]) -> list[tuple[str, ...]]:
    """Write the clicks as a table's rows: median, p99, the slowest, how many were late or bad."""
    (_, reference), *_ = found.items()
    single = median(each.seconds for each in reference)
    return [
        (
            name,
            str(len(clicks)),
            f"{1000 * median(each.seconds for each in clicks):.0f}",
            f"{1000 * quantiles([each.seconds for each in clicks], n=100)[98]:.0f}",
            f"{1000 * max(each.seconds for each in clicks):.0f}",
            f"{median(each.seconds for each in clicks) / single:.1f}",
            f"{sum(each.seconds > SLACK_LIMIT for each in clicks) / len(clicks):.1%}",
            str(sum(each.status != HTTP_OK for each in clicks)),
        )
        for name, clicks in found.items()
    ]
