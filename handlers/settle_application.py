"""Settle one application of a group: record how its rollout ended; a failure stops the rest.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.group_coordination import settle_application


def _settle_application(event: Mapping[str, Any]) -> dict[str, str]:
    fault = event["state"].get("fault")
    outcome = settle_application(
        runtime.context(),
        event["group"],
        event["application"],
        error=fault.get("Error", "") if isinstance(fault, Mapping) else "",
        returning=bool(event["returning"]),
    )
    return {"outcome": outcome}


lambda_handler = traced(_settle_application)
