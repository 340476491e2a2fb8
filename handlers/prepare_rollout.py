"""Prepare a rollout: check what is asked for, take the application, record what runs now."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.execution import parse_execution
from handlers.observability import traced
from handlers.services.admission import Admission, admit


def _rendered(admission: Admission) -> dict[str, str]:
    rollout = admission.rollout
    named = {"rollout": rollout.id, "application": rollout.application} if rollout else {}
    return {**named, "outcome": admission.outcome, "cause": admission.cause}


def _prepare_rollout(event: Mapping[str, Any]) -> dict[str, str]:
    execution = parse_execution(event["execution"])
    return _rendered(admit(runtime.context(), event["input"], execution))


lambda_handler = traced(_prepare_rollout)
