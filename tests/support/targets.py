"""What there is to attack, and whether anything of it has changed."""

from dataclasses import dataclass
from typing import Any, Self

from handlers.domain.config.applications import Application
from handlers.domain.config.approval_rules import ApprovalRules
from handlers.domain.model.colors import COLORS
from handlers.domain.model.rollout import ColorProgress, Stage
from handlers.services.snapshot import take_snapshot
from tests.support.builders import (
    OLD,
    a_color,
    a_deployment,
    a_released_color,
    a_rollout,
    a_service,
    after,
    an_application,
    an_approval,
    an_ended_rollout,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.handler_gateways import Outside

TOKENS = {color: f"AAAAKgAAAAIAAAAAAAAAAT{color}" + "qX7" * 200 for color in ("red", "web", "two")}
"""Task tokens as long as real ones."""
QUESTION = "f1Kq-0WcRXt2o9YbYB0nVbUX"
OF_WEB = "Zm9yIHdlYiBvbmx5IQ-_aaaa"
OF_TWO = "dHdvIG11c3QgYXBwcm92ZSEh"
"""Questions: about api, about web (which dave alone may answer), about two (two must approve)."""
WITHDRAWABLE, RETURNABLE, STOPPED = "api-v1.42.0-1", "two-v1.42.0-1", "api-v1.40.0-1"


def settle_in(outside: Outside) -> None:
    """Fill the outside with three applications, each with an open question, and a stopped one."""
    outside.apps = {
        "api": _application("api", users=("U0BOB", "U0ALICE"), groups=("S0SRE",)),
        "web": _application("web", users=("U0DAVE",)),
        "two": _application("two", users=("U0BOB", "U0ALICE"), required=2),
    }
    outside.groups = {"S0SRE": ("U0SAM",)}
    before = a_deployment(id="ecs-svc/before", task_definition=OLD)
    names = [f"{name}-{color}" for name in outside.apps for color in COLORS]
    outside.ecs = FakeEcs(*(a_service(before, name=name) for name in names))
    _ask(outside, "api", QUESTION, TOKENS["red"])
    _ask(outside, "web", OF_WEB, TOKENS["web"])
    _ask(outside, "two", OF_TWO, TOKENS["two"], a_released_color("red", service="two-red"))
    stopped = an_ended_rollout(a_released_color("red"), id=STOPPED, outcome="aborted")
    outside.rollouts.create(stopped)


def _application(name: str, **rules: Any) -> Application:
    return an_application(name=name, rules=dict.fromkeys(COLORS, ApprovalRules(**rules)))


def _ask(outside: Outside, name: str, question: str, token: str, *colors: ColorProgress) -> None:
    """Have an open rollout of an application that asks about yellow."""
    asked = a_color("yellow", service=f"{name}-yellow", approval=question, stage=Stage.ASKING)
    others = [a_color(color, service=f"{name}-{color}") for color in COLORS]
    everything = {each.color: each for each in (*others, *colors, asked)}
    rollout = a_rollout(id=f"{name}-v1.42.0-1", application=name, colors=everything, board=None)
    outside.rollouts.create(rollout)
    approval = an_approval(
        id=question,
        rollout=rollout.id,
        application=name,
        color="yellow",
        requester="U0CAROL",
        token=token,
        until=after(days=30),
        evidence=take_snapshot(rollout, outside.ecs, outside.balancers),
    )
    outside.approvals.ask(approval)


@dataclass(frozen=True)
class State:
    """Everything that an attack could change, at one moment."""

    rollouts: dict[Any, Any]
    approvals: dict[Any, Any]
    answers: dict[Any, Any]
    started: dict[Any, Any]
    deployed: list[Any]
    locks: dict[Any, Any]
    waits: dict[Any, Any]

    @classmethod
    def of(cls, outside: Outside) -> Self:
        return cls(
            rollouts=dict(outside.rollouts.records),
            approvals=dict(outside.approvals.records),
            answers=dict(outside.executions.answers),
            started=dict(outside.executions.started),
            deployed=list(outside.ecs.updates),
            locks=dict(outside.locks.held),
            waits=dict(outside.waits.records),
        )


def told(outside: Outside) -> tuple[Any, ...]:
    """Return everything that anybody was told, and that was noted."""
    return (
        list(outside.ephemeral_posts),
        list(outside.dialogs),
        [dict(message) for message in outside.slack.messages],
        dict(outside.audit.records),
    )
