"""What happens without any fault: the stories into which faults are put."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers.domain.approval import About
from handlers.domain.rollout import Stage
from handlers.slack.actions import Action
from sandbox.world.images import Behaviour
from tests.simulation.faults import AtInvocation

A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    """What somebody does about a question, some time after it is on the board."""

    by: str = "U0BOB"
    action: Action = Action.APPROVE
    after: timedelta = A_MINUTE


APPROVES = (Answer(),)
LOOKS_AGAIN = Answer(action=Action.LOOK_AGAIN)
REJECTS = (Answer(action=Action.REJECT),)
NOBODY: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Story:
    """One run without faults."""

    name: str
    outcome: str
    applications: tuple[str, ...] = ("api",)
    tag: str = "v1.42.0"
    pushed_after: timedelta | None = None
    """When the image is pushed; before the start, if not said."""
    image: Behaviour = field(default_factory=Behaviour)
    """What the release's containers do."""
    answers: Mapping[tuple[str, About], tuple[Answer, ...]] = field(default_factory=dict)
    """Color and what is asked → what people do; bob approves what is not named."""
    health: Callable[[Any, str], str] = lambda _simulation, _service: "OK"
    """The state of a service's alarm while it runs the release."""
    meanwhile: Mapping[tuple[str, Stage], AtInvocation] = field(default_factory=dict)
    """What happens once a color has reached a stage."""
    by: str = "U0CAROL"
    """Who asks for the rollout; `ecr` where a push does."""
    newer_after: timedelta | None = None
    """When a newer push starts another rollout."""
    then: tuple[Answer, ...] = (Answer(action=Action.ROLL_BACK),)
    """What is done about a rollout that was ended from outside."""


def color_of(service: str) -> str:
    """Return the color of a service, by its name."""
    return service.rpartition("-")[2]


def _unclear_once(*colors: str) -> Callable[[Any, str], str]:
    def health(simulation: Any, service: str) -> str:
        answered = simulation.doubts_answered
        is_unclear = color_of(service) in colors[answered:]
        return "INSUFFICIENT_DATA" if is_unclear else "OK"

    return health


def _bad(*colors: str) -> Callable[[Any, str], str]:
    return lambda _simulation, service: "ALARM" if color_of(service) in colors else "OK"


def _bad_data(*colors: str) -> Callable[[Any, str], str]:
    return lambda _, service: "INSUFFICIENT_DATA" if color_of(service) in colors else "OK"


RELEASE, HEALTH = About.RELEASE, About.HEALTH
STORIES = {
    story.name: story
    for story in (
        Story("happy", "completed"),
        Story(
            "built late", "rejected", pushed_after=2 * A_MINUTE, answers={("red", RELEASE): REJECTS}
        ),
        Story(
            "pushed again",
            "superseded_by_push",
            by="ecr",
            newer_after=timedelta(minutes=10),
            answers={("red", RELEASE): NOBODY},
        ),
        Story(
            "its turn",
            "rejected",
            by="ecr",
            newer_after=timedelta(minutes=10),
            answers={
                ("yellow", RELEASE): (Answer(action=Action.REJECT, after=timedelta(minutes=30)),)
            },
        ),
        Story("rejected", "rejected", answers={("yellow", RELEASE): REJECTS}),
        Story("expired", "expired", answers={("yellow", RELEASE): NOBODY}),
        Story(
            "crashing",
            "rolled_back",
            image=Behaviour(exits_after_seconds=5, exit_code=1, only_in="*-yellow"),
        ),
        Story("unhealthy", "unhealthy", health=_bad("red")),
        Story(
            "unclear",
            "completed",
            health=_unclear_once("red"),
            answers={
                ("red", HEALTH): (LOOKS_AGAIN,),
            },
        ),
        Story(
            "late failure",
            "unhealthy",
            answers={("yellow", RELEASE): NOBODY},
            meanwhile={("yellow", Stage.ASKING): AtInvocation.RED_TURNS_BAD},
        ),
        Story(
            "rolled back by hand",
            "rolled_back_by_hand",
            meanwhile={("yellow", Stage.DEPLOYING): AtInvocation.ROLL_BACK_NOW},
        ),
        Story(
            "withdrawn",
            "withdrawn",
            answers={("red", RELEASE): NOBODY},
            meanwhile={("red", Stage.ASKING): AtInvocation.CANCELLED},
        ),
        Story(
            "stopped",
            "aborted",
            answers={("green", RELEASE): NOBODY},
            meanwhile={("green", Stage.ASKING): AtInvocation.STOPPED},
        ),
        Story(
            "overtaken",
            "superseded",
            meanwhile={("green", Stage.DEPLOYING): AtInvocation.SOMEONE_DEPLOYS_GREEN},
        ),
    )
}
"""Stories of which every single fault is enumerated."""

MORE = (
    Story("no image", "image_not_found", tag="v9.99.9"),
    Story(
        "stuck",
        "overdue",
        image=Behaviour(starts_after_seconds=7_200, only_in="*-yellow"),
    ),
    Story("unclear all the way", "completed", health=_unclear_once("red", "yellow", "green")),
    Story(
        "unclear, and nobody answers",
        "expired",
        health=_bad_data("yellow"),
        answers={("yellow", HEALTH): NOBODY},
    ),
    Story(
        "unclear, and refused",
        "rejected",
        health=_bad_data("green"),
        answers={("green", HEALTH): REJECTS},
    ),
    Story(
        "answered after reminders",
        "completed",
        answers={("red", RELEASE): (Answer(after=timedelta(minutes=100)),)},
    ),
)
"""Stories that random combinations are put into as well."""
ALL = (*STORIES.values(), *MORE)
