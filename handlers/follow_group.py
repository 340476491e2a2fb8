"""Close a group whose execution ended where nothing of ours ran: stopped, or timed out."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.outcomes import CUT_SHORT
from handlers.observability import traced
from handlers.services.interrupted_execution import cut_short_group


def _follow_group(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    detail = event["detail"]
    group = context.gateways.groups.get(detail["name"])
    if group is None or detail["status"] not in CUT_SHORT:
        return
    said = detail.get("cause") or detail.get("error") or "It was ended from outside"
    cut_short_group(context, group, detail["status"], said, context.now())


lambda_handler = traced(_follow_group)
