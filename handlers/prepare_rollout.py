"""Prepare a rollout: check what is asked for, take the application, record what runs now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.admission import Admission, Execution, admit


def _rendered(admission: Admission) -> dict[str, str]:
    rollout = admission.rollout
    named = {"rollout": rollout.id, "application": rollout.application} if rollout else {}
    return {**named, "outcome": admission.outcome, "cause": admission.cause}


def _prepare_rollout(event: Mapping[str, Any]) -> dict[str, str]:
    asked = event["execution"]
    execution = Execution(
        arn=asked["arn"], name=asked["name"], started=datetime.fromisoformat(asked["startedAt"])
    )
    return _rendered(admit(runtime.context(), event["input"], execution))


lambda_handler = traced(_prepare_rollout)
