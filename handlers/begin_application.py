"""Begin one application of a group, or its way back: say whether it may, and with what.

Tested in `test_group_verbs.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers import runtime
from handlers.domain.model.group import BEGIN
from handlers.observability import traced
from handlers.services.group_members import begin_member

PASS_OVER: Final = {"next": "pass over"}


def _begin_application(event: Mapping[str, Any]) -> dict[str, Any]:
    group, application, returning = event["group"], event["application"], bool(event["returning"])
    begun = begin_member(runtime.context(), group, application, returning=returning)
    return {"next": BEGIN, "name": begun.name, "input": begun.document} if begun else PASS_OVER


lambda_handler = traced(_begin_application)
