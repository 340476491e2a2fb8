"""Every fault that can be named, and where it may happen.

A place is a number of a run without faults: the how-manieth outside call, invocation or event it
is. A run with one fault goes as that run did until the place, so that every single fault at every
place can be listed from one run, and is reproduced by its name and number.
"""

from dataclasses import dataclass
from enum import StrEnum


class AtCall(StrEnum):
    """Of an outside call, made by a handler."""

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
    """Of a handler's invocation, or of what else happens just before it."""

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


class AtEvent(StrEnum):
    """Of an event that EventBridge brings."""

    LOST = "the event is lost"
    LATE = "the event comes a quarter of an hour late"
    DOUBLED = "the event comes twice"
    OVERTAKEN = "the event comes after the next one"
    FOREIGN = "an event of another deployment comes first"


class AtClick(StrEnum):
    """Of a click."""

    TWICE = "the click is delivered twice"
    TWO_PEOPLE = "two people click at the same moment"
    REJECTED_TOO = "somebody rejects at the same moment"
    LATE = "the click comes again half an hour later"
    STRANGER = "a stranger clicks first"


Kind = AtCall | AtInvocation | AtEvent | AtClick


@dataclass(frozen=True)
class Fault:
    """One fault at one place."""

    kind: Kind
    place: int

    def __str__(self) -> str:
        return f"{type(self.kind).__name__[2:].lower()} {self.place}: {self.kind}"
