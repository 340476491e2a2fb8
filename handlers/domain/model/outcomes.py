"""How things end: every end is a value with a name, and most ends of a rollout have an error name.

They travel through the state machine as data; the machine ends in a `Fail` state named after the
error, so that `aws stepfunctions describe-execution` says what happened. A test holds the table
of docs/outcomes.md against `ERRORS`.
"""

from enum import StrEnum
from typing import Final, Self


class _Word(StrEnum):
    """A word that is recorded. One of a later version is read as it is: records outlive versions.

    The empty text is no word: a record holds it where there is no end yet.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not value:
            return None
        word = str.__new__(cls, value)
        word._name_, word._value_ = value.upper(), value
        return word


class RolloutOutcome(_Word):
    """How a rollout ends."""

    COMPLETED = "completed"
    PUT_BACK = "put_back"
    """It was only asked to put colors back, and did."""
    INVALID_INPUT = "invalid_input"
    BUSY = "busy"
    MID_DEPLOYMENT = "mid_deployment"
    IMAGE_NOT_FOUND = "image_not_found"
    IMAGE_UNFIT = "image_unfit"
    NOT_DEPLOYABLE = "not_deployable"
    ALREADY_UNHEALTHY = "already_unhealthy"
    NO_ROOM = "no_room"
    NOBODY_CAN_ANSWER = "nobody_can_answer"
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
    ABORTED = "aborted"
    TIMED_OUT = "timed_out"


class DeploymentOutcome(_Word):
    """How a color's deployment ends; a rollout that fails by it ends in the same word."""

    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"
    """By ECS's circuit breaker or an alarm."""
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """By a deployment of somebody else."""
    STOPPED = "stopped"
    SCALED_TO_ZERO = "scaled_to_zero"
    OVERDUE = "overdue"
    UNHEALTHY = "unhealthy"
    """Verification found it unhealthy after it had completed."""
    UNVERIFIED = "unverified"


class DecisionOutcome(_Word):
    """What the answer to a question is, or the word on a rollout's record that ends it early."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED_BY_PUSH = "superseded_by_push"
    STOPPED_WITH_GROUP = "stopped_with_group"
    NOT_CONFIGURED = "not_configured"
    """The settings have the application no more, or not as the rollout found it."""
    ROLL_BACK = "roll_back"
    ASK_AGAIN = "ask_again"
    """What was shown holds no more."""
    LOOK_AGAIN = "look_again"
    """Verify the color again; only an answer about an unclear verdict."""


class GroupOutcome(_Word):
    """How a group of rollouts ends."""

    COMPLETED = "completed"
    FAILED = "group_failed"
    INVALID_INPUT = "invalid_input"
    NOBODY_CAN_ANSWER = "nobody_can_answer"
    FAULT = "fault"
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


ERRORS: Final[dict[RolloutOutcome, str]] = {
    RolloutOutcome.INVALID_INPUT: "InvalidInput",
    RolloutOutcome.BUSY: "ApplicationBusy",
    RolloutOutcome.MID_DEPLOYMENT: "DeploymentInProgress",
    RolloutOutcome.IMAGE_NOT_FOUND: "ImageNotFound",
    RolloutOutcome.IMAGE_UNFIT: "ImageUnfit",
    RolloutOutcome.NOT_DEPLOYABLE: "NotDeployable",
    RolloutOutcome.ALREADY_UNHEALTHY: "AlreadyUnhealthy",
    RolloutOutcome.NO_ROOM: "NoRoom",
    RolloutOutcome.NOBODY_CAN_ANSWER: "NobodyCanAnswer",
    RolloutOutcome.REJECTED: "Rejected",
    RolloutOutcome.EXPIRED: "Expired",
    RolloutOutcome.WITHDRAWN: "Withdrawn",
    RolloutOutcome.SUPERSEDED_BY_PUSH: "SupersededByPush",
    RolloutOutcome.ROLLED_BACK: "RolledBackByEcs",
    RolloutOutcome.FAILED: "DeploymentFailed",
    RolloutOutcome.SUPERSEDED: "Superseded",
    RolloutOutcome.STOPPED: "DeploymentStopped",
    RolloutOutcome.SCALED_TO_ZERO: "ScaledToZero",
    RolloutOutcome.OVERDUE: "Overdue",
    RolloutOutcome.UNHEALTHY: "Unhealthy",
    RolloutOutcome.UNVERIFIED: "Unverified",
    RolloutOutcome.ROLLED_BACK_BY_HAND: "RolledBackByHand",
    RolloutOutcome.STOPPED_WITH_GROUP: "StoppedWithGroup",
    RolloutOutcome.FAULT: "Fault",
    RolloutOutcome.ROLLBACK_FAILED: "RollbackFailed",
}
"""Outcome of a rollout → the error name of the `Fail` state in which its execution ends.

`completed` and `put_back` succeed. `aborted` and `timed_out` are set from outside, when Step
Functions ended the execution.
"""

ENDS_WELL: Final = frozenset({RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK})
"""The outcomes of a rollout that did what it was asked to do."""
CUT_SHORT: Final[dict[str, RolloutOutcome]] = {
    "ABORTED": RolloutOutcome.ABORTED,
    "TIMED_OUT": RolloutOutcome.TIMED_OUT,
    "FAILED": RolloutOutcome.FAULT,
}
"""Status of an execution that could not say how it ended → the outcome of what it ran."""
GOES_NO_FURTHER: Final = frozenset({"SUCCEEDED", *CUT_SHORT})
"""Statuses of an execution that has ended."""
