"""Stories of several applications that are released as one."""

from sandbox.stories.story import (
    RELEASE,
)
from simulator.simulated_story import REJECTS, SimulatedStory, bad

BOTH = ("web", "api")
GROUPS = {
    story.name: story
    for story in (
        SimulatedStory(
            name="the first is rejected",
            outcome="group_failed",
            applications=BOTH,
            group={},
            answers={("web-red", RELEASE): REJECTS},
        ),
        SimulatedStory(
            name="one of two turns bad",
            outcome="group_failed",
            applications=BOTH,
            group={"order": "side by side", "ifOneFails": "roll back"},
            health=bad("web-red"),
        ),
        SimulatedStory(
            name="what had completed goes back",
            outcome="group_failed",
            applications=BOTH,
            group={"ifOneFails": "roll back"},
            answers={("api-red", RELEASE): REJECTS},
        ),
        SimulatedStory(
            name="in step", outcome="completed", applications=BOTH, group={"order": "in step"}
        ),
        SimulatedStory(
            name="in step, and one is rejected",
            outcome="group_failed",
            applications=BOTH,
            group={"order": "in step", "ifOneFails": "roll back"},
            answers={("web-yellow", RELEASE): REJECTS},
        ),
    )
}
"""Stories of several applications that are released as one."""
