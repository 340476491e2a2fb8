"""Close a group whose execution ended where nothing of ours ran: stopped, or timed out."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.outcomes import CUT_SHORT
from handlers.observability import traced
from handlers.services.interrupted_execution import cut_short_group


def _follow_group(event: Mapping[str, Any]) -> None:
    detail = event["detail"]
    group = runtime.group_records().get(detail["name"])
    if group is None or detail["status"] not in CUT_SHORT:
        return
    said = detail.get("cause") or detail.get("error") or "It was ended from outside"
    cut_short_group(group, detail["status"], said, runtime.now())


lambda_handler = traced(_follow_group)
