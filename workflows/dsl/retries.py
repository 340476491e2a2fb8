"""Which errors of an invocation are transient, and how often it is then tried again.

Tested in `test_machine_rules.py`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.domain.model.errors import Transient


@dataclass(frozen=True)
class Retries:
    """How often, and how soon, a failed invocation is tried again.

    Attributes:
        errors: Names of the errors that pass by themselves.
        interval: The pause before the first new attempt.
        backoff_rate: The factor from one pause to the next.
        max_attempts: New attempts, beside the first.
    """

    errors: tuple[str, ...]
    interval: timedelta
    backoff_rate: float
    max_attempts: int


TRANSIENT_ERRORS: Final = Retries(
    errors=(
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
        Transient.__name__,
    ),
    interval=timedelta(seconds=2),
    backoff_rate=1.5,
    max_attempts=10,
)
"""Errors that pass by themselves: Lambda's own, as AWS recommends to retry them
(https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html), a function
that ran out of time or memory, and what our handlers call transient.

For almost four minutes: ECS registers 20 task definitions at once, and then one a second
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html), so that two
hundred rollouts that are approved in the same moment need three minutes to register theirs."""


TRANSIENT_START_ERRORS: Final = Retries(
    errors=(
        "StepFunctions.ThrottlingException",
        "StepFunctions.ExecutionLimitExceededException",
        "StepFunctions.SdkClientException",
    ),
    interval=timedelta(seconds=2),
    backoff_rate=2,
    max_attempts=6,
)
"""Errors of starting another execution that pass by themselves. `States.TaskFailed`, as which
the other execution's failure arrives, is none of them."""
