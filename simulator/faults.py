"""Every kind of fault, and where it may be injected.

An injection point is the number of an outside call, invocation, event or click in a run. A run
with one fault goes as the run without faults did until that point. One traced run therefore lists
every single fault at every point, and a name with a number reproduces one.
"""

from dataclasses import dataclass
from enum import StrEnum


class AtCall(StrEnum):
    """Faults of an outside call of a handler."""

    FAILS = "the call fails before its effect"
    REFUSED = "the call is refused for good"
    ANSWER_LOST = "the call succeeds, and its answer is lost"
    SENT_TWICE = "the answer is lost and the SDK sends the call again"
    SLOW_BEFORE = "half a minute passes before the call"
    SLOW_AFTER = "half a minute passes after the call"
    STALE = "the call returns what was so before"
    DIES_BEFORE = "the function ends before the call"
    DIES_AFTER = "the function ends after the call"


class AtInvocation(StrEnum):
    """Faults of a handler's invocation, and events just before it."""

    THROTTLED = "Lambda has no room for the function"
    TWICE = "the function runs twice"
    TWICE_AT_ONCE = "the function runs twice at the same time"
    STOPPED = "the execution is stopped"
    REDRIVEN = "the execution is stopped, and redriven a minute later"
    TIMED_OUT = "the time of the execution is over"
    STOPPED_ALONE = "the group is stopped, and its rollouts are not"
    ROLL_BACK_NOW = "somebody presses Roll back now"
    CANCELLED = "somebody types /rollout cancel"
    SECOND_START = "somebody starts another rollout"
    SLACK_DOWN = "Slack is down for an hour"
    SOMEONE_DEPLOYS_RED = "someone deploys red"
    SOMEONE_DEPLOYS_GREEN = "someone deploys green"
    SCALED_TO_ZERO = "someone scales red to zero"
    DELETED = "someone deletes yellow's service"
    STOPPED_IN_ECS = "someone stops the deployment that goes on, in ECS"
    DEREGISTERED = "someone deregisters the release's revision"
    RED_TURNS_BAD = "red turns bad, and its alarm goes off"
    HOST_MAINTAINED = "AWS maintains the host of red's tasks"


class AtEvent(StrEnum):
    """Faults of an event that EventBridge delivers."""

    LOST = "the event is lost"
    LATE = "the event comes a quarter of an hour late"
    DOUBLED = "the event comes twice"
    OVERTAKEN = "the event comes after the next one"
    FOREIGN = "an event of another deployment comes first"


class AtClick(StrEnum):
    """Faults of a click."""

    TWICE = "the click is delivered twice"
    TWO_PEOPLE = "two people click at the same moment"
    REJECTED_TOO = "somebody rejects at the same moment"
    LATE = "the click comes again half an hour later"
    STRANGER = "a stranger clicks first"


Kind = AtCall | AtInvocation | AtEvent | AtClick


@dataclass(frozen=True)
class Fault:
    """One fault at one injection point."""

    kind: Kind
    point: int

    def __str__(self) -> str:
        return f"{type(self.kind).__name__[2:].lower()} {self.point}: {self.kind}"
