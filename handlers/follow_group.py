"""Close a group whose execution ended where nothing of ours ran: stopped, or timed out.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.interrupted_execution import follow_end


def _follow_group(event: Mapping[str, Any]) -> None:
    follow_end(runtime.context(), event, of_group=True)


lambda_handler = traced(_follow_group)
