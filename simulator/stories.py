"""What happens without any fault: the stories into which faults are put."""

from datetime import timedelta

from handlers.domain.model.rollout import Stage
from handlers.slack.action_ids import Action
from sandbox.stories.story import (
    HEALTH,
    LOOKS_AGAIN,
    NOBODY,
    RELEASE,
    Answer,
)
from sandbox.world.image_behaviour import Behaviour
from simulator.faults import AtInvocation
from simulator.group_stories import GROUPS
from simulator.platform_stories import PLATFORM
from simulator.simulated_story import (
    A_MINUTE,
    FULL,
    REJECTS,
    ROLES,
    SimulatedStory,
    bad,
    bad_data,
    unclear_once,
)

STORIES = {
    story.name: story
    for story in (
        SimulatedStory(name="happy", outcome="completed"),
        SimulatedStory(
            name="built late",
            outcome="rejected",
            settings={"images": {"starts_on_push": ["v*"]}},
            pushed_after=2 * A_MINUTE,
            answers={("red", RELEASE): REJECTS},
        ),
        SimulatedStory(
            name="pushed again",
            outcome="superseded_by_push",
            by="ecr",
            newer_after=timedelta(minutes=10),
            answers={("red", RELEASE): NOBODY},
        ),
        SimulatedStory(
            name="its turn",
            outcome="rejected",
            by="ecr",
            newer_after=timedelta(minutes=10),
            answers={
                ("yellow", RELEASE): (Answer(action=Action.REJECT, after=timedelta(minutes=30)),)
            },
        ),
        SimulatedStory(
            name="family per color",
            outcome="rejected",
            has_families=True,
            answers={("green", RELEASE): REJECTS},
        ),
        SimulatedStory(name="rejected", outcome="rejected", answers={("yellow", RELEASE): REJECTS}),
        SimulatedStory(name="expired", outcome="expired", answers={("yellow", RELEASE): NOBODY}),
        SimulatedStory(
            name="crashing",
            outcome="rolled_back",
            image=Behaviour(exits_after_seconds=5, exit_code=1, only_in="*-yellow"),
        ),
        SimulatedStory(name="unhealthy", outcome="unhealthy", health=bad("red")),
        SimulatedStory(
            name="unclear",
            outcome="completed",
            health=unclear_once("red"),
            answers={
                ("red", HEALTH): (LOOKS_AGAIN,),
            },
        ),
        SimulatedStory(
            name="late failure",
            outcome="unhealthy",
            answers={("yellow", RELEASE): NOBODY},
            meanwhile={("yellow", Stage.ASKING): AtInvocation.RED_TURNS_BAD},
        ),
        SimulatedStory(
            name="rolled back by hand",
            outcome="rolled_back_by_hand",
            meanwhile={("yellow", Stage.DEPLOYING): AtInvocation.ROLL_BACK_NOW},
        ),
        SimulatedStory(
            name="withdrawn",
            outcome="withdrawn",
            answers={("red", RELEASE): NOBODY},
            meanwhile={("red", Stage.ASKING): AtInvocation.CANCELLED},
        ),
        SimulatedStory(
            name="stopped",
            outcome="aborted",
            answers={("green", RELEASE): NOBODY},
            meanwhile={("green", Stage.ASKING): AtInvocation.STOPPED},
        ),
        SimulatedStory(
            name="overtaken",
            outcome="superseded",
            meanwhile={("green", Stage.DEPLOYING): AtInvocation.SOMEONE_DEPLOYS_GREEN},
        ),
        SimulatedStory(
            name="two approvers",
            outcome="rejected",
            settings={"approvals": {"users": [], "groups": ["S0SRE"], "required": 2}},
            answers={
                ("red", RELEASE): (Answer(), Answer(by="U0DAVE", after=2 * A_MINUTE)),
                ("yellow", RELEASE): (Answer(), Answer(by="U0DAVE", action=Action.REJECT)),
            },
        ),
        SimulatedStory(
            name="scanned late",
            outcome="image_unfit",
            settings={"images": {"refuse_at": "high"}},
            scanned_after=2 * A_MINUTE,
            findings={"CRITICAL": 1},
            built_for=("amd64", "arm64"),
        ),
        SimulatedStory(
            name="answered without Slack",
            outcome="rejected",
            settings={"approvals": {"users": list(ROLES), "required": 2}},
            answers={("red", RELEASE): NOBODY, ("yellow", RELEASE): NOBODY},
            slack_is_down_for=timedelta(seconds=90),
            called={
                2 * A_MINUTE: (ROLES[0], "approve"),
                6 * A_MINUTE: (ROLES[1], "approve"),
                30 * A_MINUTE: (ROLES[1], "approve"),
                40 * A_MINUTE: (ROLES[0], "reject"),
            },
        ),
        SimulatedStory(
            name="one person by two ways",
            outcome="expired",
            settings={
                "approvals": {"users": ["U0BOB", ROLES[0], "U0DAVE"], "required": 2},
                "people": {"bob": ["U0BOB", ROLES[0]]},
            },
            called={2 * A_MINUTE: (ROLES[0], "approve")},
        ),
        SimulatedStory(name="no input", outcome="invalid_input", tag="v1 beta"),
        SimulatedStory(name="no room", outcome="no_room", capacity=FULL),
        SimulatedStory(
            name="for another processor",
            outcome="image_unfit",
            runs_on="ARM64",
            built_for=("amd64",),
        ),
    )
}
"""Stories of which every single fault is enumerated."""

MORE = (
    SimulatedStory(name="no image", outcome="image_not_found", tag="v9.99.9"),
    SimulatedStory(name="family per color, all the way", outcome="completed", has_families=True),
    SimulatedStory(
        name="family per color, where one revision is insisted on",
        outcome="not_deployable",
        has_families=True,
        settings={"revisions": "shared"},
    ),
    SimulatedStory(
        name="unclear, and not let through",
        outcome="unverified",
        settings={
            "verification": {
                "bake": "5 min",
                "bake_at_most": "6 min",
                "metrics": {"memory": {"no_data": "roll back"}},
            }
        },
    ),
    SimulatedStory(
        name="asked about",
        outcome="rejected",
        answers={("yellow", RELEASE): REJECTS},
        typed={
            3 * A_MINUTE: "status",
            8 * A_MINUTE: "history api",
            9 * A_MINUTE: "evidence api",
            30 * A_MINUTE: "history api",
        },
    ),
    SimulatedStory(
        name="scanned, and well",
        outcome="rejected",
        settings={"images": {"refuse_at": "high"}},
        scanned_after=2 * A_MINUTE,
        answers={("red", RELEASE): REJECTS},
    ),
    SimulatedStory(
        name="stuck",
        outcome="overdue",
        image=Behaviour(starts_after_seconds=7_200, only_in="*-yellow"),
    ),
    SimulatedStory(
        name="withdrawn before there is a board",
        outcome="withdrawn",
        answers={("red", RELEASE): NOBODY},
        slack_is_down_for=timedelta(minutes=20),
        typed={timedelta(minutes=20, seconds=30): "cancel api"},
    ),
    SimulatedStory(
        name="unclear all the way",
        outcome="completed",
        health=unclear_once("red", "yellow", "green"),
    ),
    SimulatedStory(
        name="unclear, and nobody answers",
        outcome="expired",
        health=bad_data("yellow"),
        answers={("yellow", HEALTH): NOBODY},
    ),
    SimulatedStory(
        name="unclear, and refused",
        outcome="rejected",
        health=bad_data("green"),
        answers={("green", HEALTH): REJECTS},
    ),
    SimulatedStory(
        name="answered after reminders",
        outcome="completed",
        answers={("red", RELEASE): (Answer(after=timedelta(minutes=100)),)},
    ),
)
"""Stories that random combinations are put into as well."""
OF_ONE = (*STORIES.values(), *PLATFORM, *MORE)
LONG = SimulatedStory(
    name="nobody ever answers",
    outcome="timed_out",
    settings={"approvals": {"on_expiry": "keep waiting", "remind_every": "1 d"}},
    answers={("yellow", RELEASE): NOBODY},
)
"""A week, in which the question is looked at 700 times: too long to be run often."""
ALL = (*OF_ONE, *GROUPS.values())
