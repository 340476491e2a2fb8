"""The stories that are simulated with faults, and whose faults they are."""

from simulator.group_stories import GROUPS
from simulator.stories import STORIES

WITH_FAULTS = (*STORIES, *GROUPS)
OF_GROUPS = (
    "PrepareGroup",
    "BeginApplication",
    "RolloutMachine",
    "SettleApplication",
    "FinishGroup",
    "FollowGroup",
    "RequestApproval",
    "SweepRollouts",
)
"""What deals with groups; what else their rollouts do is in the stories of one application."""


def functions_of(name: str) -> tuple[str, ...]:
    """Return the functions whose calls a story's faults are at; none means all."""
    return OF_GROUPS if name in GROUPS else ()
