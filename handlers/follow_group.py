"""Close a group whose execution ended where nothing of ours ran: stopped, or timed out.

Step Functions stops the rollouts that a stopped group waits for, and each closes its own record
and board; those that were not begun never begin.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.group import conclude
from handlers.domain.outcomes import CUT_SHORT
from handlers.domain.trouble import sentence
from handlers.observe import count, traced


def _follow_group(event: Mapping[str, Any]) -> None:
    detail, now = event["detail"], runtime.now()
    group = runtime.group_records().get(detail["name"])
    if group is None or not group.is_open or detail["status"] not in CUT_SHORT:
        return
    said = detail.get("cause") or detail.get("error") or "It was ended from outside"
    _, left = conclude(group, sentence(said))
    outcome = CUT_SHORT[detail["status"]]
    closed = runtime.group_records().close(group.id, outcome=outcome, cause=left, now=now)
    if closed is not None:
        runtime.group_teller().announce(runtime.group_teller().show(closed))
        count("Groups", outcome=outcome)


lambda_handler = traced(_follow_group)
