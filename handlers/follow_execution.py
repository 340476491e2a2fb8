"""Close a rollout whose execution ended where nothing of ours ran: stopped, or timed out.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import json
from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.outcomes import CUT_SHORT
from handlers.observability import about, traced
from handlers.services import rollout_queue
from handlers.services.context import Context
from handlers.services.interrupted_execution import cut_short


def _free(context: Context, detail: Mapping[str, Any]) -> None:
    """Free the application of an execution that took it and ended before it had a record."""
    document = json.loads(detail.get("input") or "null")
    application = document.get("application") if isinstance(document, dict) else None
    if isinstance(application, str):
        rollout_queue.free(context, application, detail["executionArn"])


def _follow_execution(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    detail = event["detail"]
    if detail["status"] not in CUT_SHORT:
        return
    rollout = context.gateways.rollouts.get(detail["name"])
    if rollout is None:
        _free(context, detail)
        return
    about(rollout)
    said = detail.get("cause") or detail.get("error") or ""
    cut_short(context, rollout, detail["status"], said, context.now())


lambda_handler = traced(_follow_execution)
