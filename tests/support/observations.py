"""A look at red, with everything measured and good, for a test to break in one place."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from handlers.domain.config.applications import load_applications
from handlers.domain.model.errors import Transient
from handlers.domain.model.evidence import Evidence
from handlers.domain.model.measurements import (
    Alarm,
    Answer,
    Lines,
    Measured,
    Points,
    Query,
    Unmeasured,
)
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import ColorProgress, Stage
from handlers.domain.verification.color_evidence import unreachable_evidence
from handlers.services.observation import observe
from tests.support.builders import (
    GROUP,
    NEW,
    NOW,
    OLD,
    a_color,
    a_deployment,
    a_rollout,
    a_service,
    a_target,
    a_task,
    a_task_definition,
    after,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.fakes import FakeBalancers
from tests.support.handler_gateways import Outside

COLORS = ("red", "yellow", "green")
AT_THE_END_OF_THE_BAKE = after(minutes=12)
AT_ITS_LONGEST = after(minutes=25)
USUAL = {"requests": 600.0, "errors": 1.0, "latency": 200.0, "memory": 45.0, "cpu": 30.0}
SETTINGS: dict[str, Any] = {
    "cluster": "recipes",
    "namespace": "Recipes",
    "verification": {
        "alarms": ["{service}-5xx"],
        "smoke": {"url": "https://{color}.example.com/up", "contains": "ok"},
    },
}


def minutes(first: int = -70, last: int = 30) -> list[datetime]:
    return [NOW + timedelta(minutes=n) for n in range(first, last)]


def a_series(usual: float) -> dict[datetime, float]:
    """Vary it a little, the same way each time: by two parts in a hundred, but for few events."""
    wave = 0 if usual <= 1 else 0.02
    return {at: round(usual * (1 + wave * math.sin(2.4 * n)), 3) for n, at in enumerate(minutes())}


@dataclass
class World:
    """What a look is taken of; a test breaks one thing in it."""

    values: dict[tuple[str, ...], dict[datetime, float]] = field(
        default_factory=lambda: {
            (check, color): a_series(usual) for check, usual in USUAL.items() for color in COLORS
        }
    )
    unmeasured: dict[tuple[str, ...], Unmeasured] = field(default_factory=dict)
    alarm: Alarm | Unmeasured = field(default_factory=lambda: Alarm(name="api-red-5xx", state="OK"))
    lines: dict[str, Lines | Unmeasured] = field(
        default_factory=lambda: dict.fromkeys(COLORS, Lines(count=3))
    )
    answer: Answer | Unmeasured = field(default_factory=lambda: Answer(status=200, body="ok"))
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    logging: dict[str, Any] = field(
        default_factory=lambda: {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/api", "awslogs-stream-prefix": "app"},
        }
    )
    ecs: Any = None
    balancers: Any = None

    def __post_init__(self) -> None:
        services = [
            a_service(
                a_deployment(
                    id="ecs-svc/ours" if color == "red" else "ecs-svc/before",
                    task_definition=NEW if color == "red" else OLD,
                    desired=1,
                ),
                color=color,
                desired=1,
            )
            for color in COLORS
        ]
        revisions = [a_task_definition(41), a_task_definition(42)]
        for revision in revisions:
            revision["containerDefinitions"][0]["logConfiguration"] = self.logging
        self.ecs = FakeEcs(*services, revisions=revisions)
        for color in COLORS:
            runs = NEW if color == "red" else OLD
            task = a_task(color, task_definition=runs, endpoints=(f"i-{color}:32768",))
            self.ecs.running[f"api-{color}"] = [task]
        self.balancers = FakeBalancers(**{GROUP: [a_target(f"i-{c}:32768") for c in COLORS]})

    # As CloudWatch, its logs and the color itself.

    def series(
        self, queries: Mapping[str, Query], start: datetime, end: datetime, period: timedelta
    ) -> dict[str, Measured]:
        answers: dict[str, Measured] = {}
        for name in queries:
            key = tuple(name.split("|"))
            within = {at: v for at, v in self.values[key].items() if start <= at < end}
            answers[name] = self.unmeasured.get(key) or Points(values=within)
        return answers

    def alarms(self, names: Sequence[str]) -> dict[str, Alarm | Unmeasured]:
        return dict.fromkeys(names, self.alarm)

    def find(
        self, group: str, streams: Sequence[str], pattern: str, start: datetime, end: datetime
    ) -> Lines | Unmeasured:
        if not streams:
            return Unmeasured(verdict=Verdict.NO_DATA, why="There is no stream to look in.")
        return self.lines[streams[0].rpartition("/")[2]]

    def get(self, url: str) -> Answer | Unmeasured:
        return self.answer


def looked(
    world: World,
    now: datetime = AT_THE_END_OF_THE_BAKE,
    *others: ColorProgress,
    **color: Any,
) -> Evidence:
    """Look at red as the handler does.

    Args:
        world: what is seen.
        now: when.
        others: colors that run something of their own.
        color: what is otherwise of red's record.
    """
    usual: dict[str, Any] = {
        "stage": Stage.VERIFYING,
        "changed": True,
        "deployment": "ecs-svc/ours",
        "times": {Stage.DEPLOYING: after(minutes=-2), Stage.VERIFYING: NOW},
    }
    rollout = a_rollout(a_color("red", **(usual | color)), *others)
    application = load_applications({"api": world.settings})["api"]
    outside = Outside(
        apps={"api": application},
        ecs=world.ecs,
        balancers=world.balancers,
        metrics=world,
        logs=world,
        smoke=world,
    )
    try:
        return observe(outside.context(), rollout, "red", now)
    except Transient as error:
        return unreachable_evidence(rollout.colors["red"], application, str(error), now)


def with_values(
    world: World, check: str, color: str, change: Callable[[int, float], float | None]
) -> None:
    """Change a check's values in a color, minute by minute; None leaves the minute out."""
    changed = {at: change(n, v) for n, (at, v) in enumerate(world.values[check, color].items())}
    world.values[check, color] = {at: v for at, v in changed.items() if v is not None}
