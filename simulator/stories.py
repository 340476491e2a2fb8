"""What happens without any fault: the stories into which faults are put."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.rollout import Stage
from handlers.slack.action_ids import Action
from sandbox.world.image_behaviour import Behaviour
from sandbox.world.instance_capacity import M6I_XLARGE, InstanceType
from simulator.faults import AtInvocation

A_MINUTE = timedelta(minutes=1)
ROLES = ("arn:aws:iam::123456789012:role/on-call", "arn:aws:iam::123456789012:role/release")
FULL = InstanceType("t3.small", 512, 1_024)
"""Two tasks of the example fill it, and its six fill three."""


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


@dataclass(frozen=True, eq=False)
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
    answers: Mapping[tuple[str, Subject], tuple[Answer, ...]] = field(default_factory=dict)
    """Color or service, and what is asked → what people do; bob approves what is not named."""
    health: Callable[[Any, str], str] = lambda _simulation, _service: "OK"
    """The state of a service's alarm while it runs the release."""
    meanwhile: Mapping[tuple[str, Stage], AtInvocation] = field(default_factory=dict)
    """What happens once a color has reached a stage."""
    by: str = "U0CAROL"
    """Who asks for the rollout; `ecr` where a push does."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """What its applications' file says otherwise, table by table."""
    capacity: InstanceType = M6I_XLARGE
    """Of each of three instances."""
    runs_on: str = ""
    """The processor that the running revisions name."""
    built_for: tuple[str, ...] = ()
    """The processors that the image's index names, first that of the tasks; none without one."""
    slack_is_down_for: timedelta = timedelta(0)
    """From the start."""
    scanned_after: timedelta | None = None
    """When the image's scan has ended, where scans count."""
    findings: Mapping[str, int] = field(default_factory=dict)
    group: Mapping[str, Any] | None = None
    """How its applications are released as one, where they are."""
    typed: Mapping[timedelta, str] = field(default_factory=dict)
    """When somebody types what, after `/rollout`."""
    called: Mapping[timedelta, tuple[str, str]] = field(default_factory=dict)
    """When which role answers through the API, and what: the last word of the route."""
    newer_after: timedelta | None = None
    """When a newer push starts another rollout."""
    then: tuple[Answer, ...] = (Answer(action=Action.ROLL_BACK),)
    """What is done about a rollout that was ended from outside."""

    def answers_to(self, approval: Any) -> tuple[Answer, ...]:
        """Return what people do about a question."""
        about = Subject(approval.about)
        named = self.answers.get((f"{approval.application}-{approval.color}", about))
        return self.answers.get((approval.color, about), APPROVES) if named is None else named


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
    """Let colors, or single services, be bad."""

    def health(_simulation: Any, service: str) -> str:
        return "ALARM" if {service, color_of(service)} & set(colors) else "OK"

    return health


def _bad_data(*colors: str) -> Callable[[Any, str], str]:
    return lambda _, service: "INSUFFICIENT_DATA" if color_of(service) in colors else "OK"


RELEASE, HEALTH = Subject.RELEASE, Subject.HEALTH
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
        Story(
            "two approvers",
            "rejected",
            configuration={"approvals": {"users": [], "groups": ["S0SRE"], "required": 2}},
            answers={
                ("red", RELEASE): (Answer(), Answer(by="U0DAVE", after=2 * A_MINUTE)),
                ("yellow", RELEASE): (Answer(), Answer(by="U0DAVE", action=Action.REJECT)),
            },
        ),
        Story(
            "scanned late",
            "image_unfit",
            configuration={"images": {"refuse_at": "high"}},
            scanned_after=2 * A_MINUTE,
            findings={"CRITICAL": 1},
            built_for=("amd64", "arm64"),
        ),
        Story(
            "answered without Slack",
            "rejected",
            configuration={"approvals": {"users": list(ROLES), "required": 2}},
            answers={("red", RELEASE): NOBODY, ("yellow", RELEASE): NOBODY},
            slack_is_down_for=timedelta(seconds=90),
            called={
                2 * A_MINUTE: (ROLES[0], "approve"),
                6 * A_MINUTE: (ROLES[1], "approve"),
                30 * A_MINUTE: (ROLES[1], "approve"),
                40 * A_MINUTE: (ROLES[0], "reject"),
            },
        ),
        Story("no input", "invalid_input", tag="v1 beta"),
        Story("no room", "no_room", capacity=FULL),
        Story("for another processor", "image_unfit", runs_on="ARM64", built_for=("amd64",)),
    )
}
"""Stories of which every single fault is enumerated."""

BOTH = ("web", "api")
GROUPS = {
    story.name: story
    for story in (
        Story(
            "the first is rejected",
            "group_failed",
            applications=BOTH,
            group={},
            answers={("web-red", RELEASE): REJECTS},
        ),
        Story(
            "one of two turns bad",
            "group_failed",
            applications=BOTH,
            group={"order": "side by side", "ifOneFails": "roll back"},
            health=_bad("web-red"),
        ),
        Story(
            "what had completed goes back",
            "group_failed",
            applications=BOTH,
            group={"ifOneFails": "roll back"},
            answers={("api-red", RELEASE): REJECTS},
        ),
        Story("in step", "completed", applications=BOTH, group={"order": "in step"}),
        Story(
            "in step, and one is rejected",
            "group_failed",
            applications=BOTH,
            group={"order": "in step", "ifOneFails": "roll back"},
            answers={("web-yellow", RELEASE): REJECTS},
        ),
    )
}
"""Stories of several applications that are released as one."""

MORE = (
    Story("no image", "image_not_found", tag="v9.99.9"),
    Story(
        "unclear, and not let through",
        "unverified",
        configuration={
            "verification": {
                "bake": "5 min",
                "bake_at_most": "6 min",
                "metrics": {"memory": {"no_data": "roll back"}},
            }
        },
    ),
    Story(
        "asked about",
        "rejected",
        answers={("yellow", RELEASE): REJECTS},
        typed={
            3 * A_MINUTE: "status",
            8 * A_MINUTE: "history api",
            9 * A_MINUTE: "evidence api",
            30 * A_MINUTE: "history api",
        },
    ),
    Story(
        "scanned, and well",
        "rejected",
        configuration={"images": {"refuse_at": "high"}},
        scanned_after=2 * A_MINUTE,
        answers={("red", RELEASE): REJECTS},
    ),
    Story(
        "stuck",
        "overdue",
        image=Behaviour(starts_after_seconds=7_200, only_in="*-yellow"),
    ),
    Story(
        "withdrawn before there is a board",
        "withdrawn",
        answers={("red", RELEASE): NOBODY},
        slack_is_down_for=timedelta(minutes=20),
        typed={timedelta(minutes=20, seconds=30): "cancel api"},
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
OF_ONE = (*STORIES.values(), *MORE)
LONG = Story(
    "nobody ever answers",
    "timed_out",
    configuration={"approvals": {"on_expiry": "keep waiting", "remind_every": "1 d"}},
    answers={("yellow", RELEASE): NOBODY},
)
"""A week, in which the question is looked at 700 times: too long to be run often."""
ALL = (*OF_ONE, *GROUPS.values())
