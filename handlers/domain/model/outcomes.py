"""How things end: every outcome is a value with a name, and most have an error name.

Outcomes travel through the state machine as data; the machine ends in a `Fail` state
named after the error, so that `aws stepfunctions describe-execution` says what happened.
The README's table of errors is held against `ERRORS` by a test.
"""

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How a rollout ends, or how one of its steps did."""

    COMPLETED = "completed"
    APPROVED = "approved"
    INVALID_INPUT = "invalid_input"
    BUSY = "busy"
    MID_DEPLOYMENT = "mid_deployment"
    IMAGE_NOT_FOUND = "image_not_found"
    IMAGE_UNFIT = "image_unfit"
    NOT_DEPLOYABLE = "not_deployable"
    ALREADY_UNHEALTHY = "already_unhealthy"
    NO_ROOM = "no_room"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED_BY_PUSH = "superseded_by_push"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    STOPPED = "stopped"
    SCALED_TO_ZERO = "scaled_to_zero"
    OVERDUE = "overdue"
    UNHEALTHY = "unhealthy"
    UNVERIFIED = "unverified"
    ROLLED_BACK_BY_HAND = "rolled_back_by_hand"
    STOPPED_WITH_GROUP = "stopped_with_group"
    FAULT = "fault"
    ROLLBACK_FAILED = "rollback_failed"
    PUT_BACK = "put_back"
    ASK_AGAIN = "ask_again"
    LOOK_AGAIN = "look_again"
    ROLL_BACK = "roll_back"
    ABORTED = "aborted"
    TIMED_OUT = "timed_out"


class Prepared(StrEnum):
    """What preparing a rollout came to, where that is no end."""

    READY = "ready"
    ROLL_BACK = "roll_back"
    """It only puts the colors of an earlier rollout back."""
    AWAIT_IMAGE = "await_image"
    AWAIT_TURN = "await_turn"


class Arrived(StrEnum):
    """What ended a wait before the first question: the rollout is prepared anew."""

    PUSHED = "pushed"
    """The image is there, or its scan is."""
    FREE = "free"
    """The application is."""


class Verdict(StrEnum):
    """What verification says of a color."""

    HEALTHY = "healthy"
    WATCHING = "watching"
    UNHEALTHY = "unhealthy"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no_data"
    ERROR = "error"


ERRORS: Final[dict[Outcome, str]] = {
    Outcome.INVALID_INPUT: "InvalidInput",
    Outcome.BUSY: "ApplicationBusy",
    Outcome.MID_DEPLOYMENT: "DeploymentInProgress",
    Outcome.IMAGE_NOT_FOUND: "ImageNotFound",
    Outcome.IMAGE_UNFIT: "ImageUnfit",
    Outcome.NOT_DEPLOYABLE: "NotDeployable",
    Outcome.ALREADY_UNHEALTHY: "AlreadyUnhealthy",
    Outcome.NO_ROOM: "NoRoom",
    Outcome.REJECTED: "Rejected",
    Outcome.EXPIRED: "Expired",
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.SUPERSEDED_BY_PUSH: "SupersededByPush",
    Outcome.ROLLED_BACK: "RolledBackByEcs",
    Outcome.FAILED: "DeploymentFailed",
    Outcome.SUPERSEDED: "Superseded",
    Outcome.STOPPED: "DeploymentStopped",
    Outcome.SCALED_TO_ZERO: "ScaledToZero",
    Outcome.OVERDUE: "Overdue",
    Outcome.UNHEALTHY: "Unhealthy",
    Outcome.UNVERIFIED: "Unverified",
    Outcome.ROLLED_BACK_BY_HAND: "RolledBackByHand",
    Outcome.STOPPED_WITH_GROUP: "StoppedWithGroup",
    Outcome.FAULT: "Fault",
    Outcome.ROLLBACK_FAILED: "RollbackFailed",
}
"""Outcome of a rollout → the error name of the `Fail` state in which its execution ends.

`completed` and `put_back` (the only thing asked for was a rollback, and it worked) succeed.
`aborted` and `timed_out` are set from outside, when Step Functions ended the execution;
`approved`, `ask_again`, `look_again` and `roll_back` are answers to a question and end nothing
by themselves.
"""

CUT_SHORT: Final[dict[str, Outcome]] = {
    "ABORTED": Outcome.ABORTED,
    "TIMED_OUT": Outcome.TIMED_OUT,
    "FAILED": Outcome.FAULT,
}
"""Status of an execution that could not say how it ended → the outcome of what it ran."""
GOES_NO_FURTHER: Final = frozenset({"SUCCEEDED", *CUT_SHORT})
"""Statuses of an execution that has ended."""
