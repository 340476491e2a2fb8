"""What a story on virtual time is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers.domain.model.rollout import Stage
from handlers.slack.action_ids import Action
from sandbox.stories.story import (
    ROLLS_BACK,
    Answer,
    Story,
)
from sandbox.world.deployment_configuration import DeploymentConfiguration
from sandbox.world.image_behaviour import Behaviour
from sandbox.world.instance_capacity import M6I_XLARGE, InstanceType
from simulator.faults import AtInvocation

A_MINUTE = timedelta(minutes=1)
ROLES = ("arn:aws:iam::123456789012:role/on-call", "arn:aws:iam::123456789012:role/release")
FULL = InstanceType("t3.small", 512, 1_024)
"""Two tasks of the example fill it, and its six fill three."""


REJECTS = (Answer(action=Action.REJECT),)


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedStory(Story):
    """A story on virtual time, without faults."""

    name: str
    by: str = "U0CAROL"
    pushed_after: timedelta | None = None
    """When the image is pushed; before the start, if not said."""
    image: Behaviour = field(default_factory=Behaviour)
    """What the release's containers do."""
    health: Callable[[Any, str], str] = lambda _simulation, _service: "OK"
    """The state of a service's alarm while it runs the release."""
    meanwhile: Mapping[tuple[str, Stage], AtInvocation | Callable[[Any], None]] = field(
        default_factory=dict
    )
    """What happens once a color has reached a stage."""
    capacity: InstanceType = M6I_XLARGE
    """Of each of three instances."""
    has_families: bool = False
    """Whether each color has a task definition family of its own."""
    runs_on: str = ""
    """The processor that the running revisions name."""
    built_for: tuple[str, ...] = ()
    """The processors that the image's index names, first that of the tasks; none without one."""
    slack_is_down_for: timedelta = timedelta(0)
    """From the start."""
    scanned_after: timedelta | None = None
    """When the image's scan has ended, where scans count."""
    findings: Mapping[str, int] = field(default_factory=dict)
    typed: Mapping[timedelta, str] = field(default_factory=dict)
    """When somebody types what, after `/rollout`."""
    called: Mapping[timedelta, tuple[str, str]] = field(default_factory=dict)
    """When which role answers through the API, and what: the last word of the route."""
    newer_after: timedelta | None = None
    """When a newer push starts another rollout."""
    happens: Mapping[timedelta, Callable[[Any], None]] = field(default_factory=dict)
    """What else happens, by the time from the start."""
    configuration: DeploymentConfiguration | None = None
    """How ECS deploys the services, where that is not as usual."""
    name_was_used: bool = False
    """Whether an execution of the same name ended so long ago that its name is free again."""
    then: tuple[Answer, ...] = ROLLS_BACK


def color_of(service: str) -> str:
    """Return the color of a service, by its name."""
    return service.rpartition("-")[2]


def unclear_once(*colors: str) -> Callable[[Any, str], str]:
    def health(simulation: Any, service: str) -> str:
        answered = simulation.doubts_answered
        is_unclear = color_of(service) in colors[answered:]
        return "INSUFFICIENT_DATA" if is_unclear else "OK"

    return health


def bad(*colors: str) -> Callable[[Any, str], str]:
    """Let colors, or single services, be bad."""

    def health(_simulation: Any, service: str) -> str:
        return "ALARM" if {service, color_of(service)} & set(colors) else "OK"

    return health


def bad_data(*colors: str) -> Callable[[Any, str], str]:
    return lambda _, service: "INSUFFICIENT_DATA" if color_of(service) in colors else "OK"
