"""What the functions of a machine are given; tested in `test_rollout_walked.py`.

Tested in `test_rollout_walked.py`.
"""

from typing import Any


def color_payload(color: str) -> dict[str, Any]:
    """What a handler is told: which color of which rollout."""
    return {"rollout.$": "$.rollout", "color": color}


def execution_payload() -> dict[str, Any]:
    """Which execution this is, and since when."""
    return {
        "arn.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "startedAt.$": "$$.Execution.StartTime",
    }


def quoted_cause(words: str, path: str) -> str:
    """Words, and what is found at a path."""
    return f"States.Format('{words}: {{}}', States.JsonToString({path}))"
