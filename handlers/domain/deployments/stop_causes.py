"""Why a task stopped: by its own fault, because it had to leave its host, or for something else.

Codes are TaskStopCode of botocore's model of ECS. Texts are those of the Amazon ECS developer
guide, "Stopped tasks error messages", and of AWS re:Post, "Why is my Amazon ECS task stopped?".
"""

import re
from enum import StrEnum, auto
from typing import Final

from handlers.domain.model.service import Task


class StopCause(StrEnum):
    """Whose doing it was that a task stopped."""

    RELEASE = auto()
    """Its own: it exited, did not start or failed its health checks."""
    MOVED = auto()
    """Its host went away, was drained or is maintained: the task had to leave it."""
    PLATFORM = auto()
    """AWS's own trouble while the task was to start."""
    ROUTINE = auto()
    """ECS needed it no more, or somebody stopped it."""
    UNKNOWN = auto()
    """Nobody knew this reason when this was written."""


_BY_CODE: Final = {
    "EssentialContainerExited": StopCause.RELEASE,
    "SpotInterruption": StopCause.MOVED,
    "TerminationNotice": StopCause.MOVED,
    "InfrastructureHealth": StopCause.MOVED,
}
"""Codes that say it all."""
_BY_WORDS: Final = tuple(
    (re.compile(words, re.IGNORECASE), cause)
    for words, cause in (
        (r"^Host EC2 .*(terminated|stopped)", StopCause.MOVED),
        # AWS Batch user guide, "Instance draining".
        (r"^Task stopped during instance draining", StopCause.MOVED),
        (r"^ECS is performing maintenance on the underlying infra", StopCause.MOVED),
        (r"^Container instance deregistration forced by user", StopCause.MOVED),
        (r"^Your Spot Task was interrupted", StopCause.MOVED),
        (r"^Scaling activity initiated by", StopCause.ROUTINE),
        (r"network interface provision|to create network interface", StopCause.PLATFORM),
        (r"^Capacity is unavailable at this time", StopCause.PLATFORM),
        (r"\b(Docker|ContainerRuntime)TimeoutError\b", StopCause.PLATFORM),
        (r"\bInternalError\b", StopCause.PLATFORM),
        (r"failed (ELB|container) health checks", StopCause.RELEASE),
        (r"\bCannot(Pull|Start|Create|Inspect)\w*Error\b", StopCause.RELEASE),
        (r"\b(ResourceInitialization|OutOfMemory)Error\b", StopCause.RELEASE),
        (r"^Task failed to start", StopCause.RELEASE),
        (r"^Essential container in task exited", StopCause.RELEASE),
    )
)
"""What else ECS says, the first that fits."""
_SERVICE: Final = re.compile(r"^\(?service [^\s:)]+[:)]+ ", re.IGNORECASE)
"""Some reasons name the service first."""


def stop_cause(task: Task) -> StopCause:
    """Say why a task stopped."""
    known = _BY_CODE.get(task.stop_code)
    if known is not None:
        return known
    reason = _SERVICE.sub("", task.stopped_reason)
    said = next((cause for words, cause in _BY_WORDS if words.search(reason)), None)
    if said is StopCause.MOVED or task.stop_code != "UserInitiated":
        return said or StopCause.UNKNOWN
    return StopCause.ROUTINE
