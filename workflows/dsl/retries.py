"""What the calls of a process have in common: their retries and their first words."""

from datetime import timedelta
from typing import Any, Final

from handlers.domain.model.errors import Transient
from workflows.dsl.steps import Retries

BRIEF_TROUBLE: Final = Retries(
    errors=(
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
        Transient.__name__,
    ),
    first_after=timedelta(seconds=2),
    growing=1.5,
    attempts=10,
)
"""Errors that pass by themselves: Lambda's own, as AWS recommends to retry them
(https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html), a function
that ran out of time or memory, and what our handlers call transient.

For almost four minutes: ECS registers 20 task definitions at once, and then one a second
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html), so that two
hundred rollouts that are approved in the same moment need three minutes to register theirs."""


BRIEF_TROUBLE_OF_STARTING: Final = Retries(
    errors=(
        "StepFunctions.ThrottlingException",
        "StepFunctions.ExecutionLimitExceededException",
        "StepFunctions.SdkClientException",
    ),
    first_after=timedelta(seconds=2),
    growing=2,
    attempts=6,
)
"""Errors of starting another execution that pass by themselves. `States.TaskFailed`, as which
the other execution's failure arrives, is none of them."""


def about(color: str) -> dict[str, Any]:
    """What a handler is told: which color of which rollout."""
    return {"rollout.$": "$.rollout", "color": color}


def execution() -> dict[str, Any]:
    """Which execution this is, and since when."""
    return {
        "arn.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "startedAt.$": "$$.Execution.StartTime",
    }


def quoting(words: str, path: str) -> str:
    """Words, and what is found at a path."""
    return f"States.Format('{words}: {{}}', States.JsonToString({path}))"
