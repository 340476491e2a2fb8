"""Begin one application of a group, or its way back: say whether it may, and with what."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.group import (
    BEGIN,
    Group,
    Part,
    may_begin,
    request_back,
    request_of,
    returning_name,
)
from handlers.observe import traced

PASS_OVER = {"next": "pass over"}


def _begun(group: Group, application: str, part: Part) -> Group:
    return runtime.group_records().change_member(group.id, application, part=part)


def _begin_application(event: Mapping[str, Any]) -> dict[str, Any]:
    """Safe to run twice: the name is always the same, so a second start starts nothing new."""
    application = event["application"]
    group = runtime.group_records().read(event["group"])
    member = group.members[application]
    if event["returning"]:
        if member.part not in {Part.COMPLETED, Part.GOING_BACK}:
            return PASS_OVER
        name, document = returning_name(group.id, application), request_back(group, application)
        group = _begun(group, application, Part.GOING_BACK)
    else:
        if member.part is not Part.OPEN and not may_begin(group):
            runtime.group_teller().show(_begun(group, application, Part.NOT_BEGUN))
            return PASS_OVER
        name, document = member.rollout, request_of(group, application)
        group = _begun(group, application, Part.OPEN)
    runtime.group_teller().show(group)
    return {"next": BEGIN, "name": name, "input": document}


lambda_handler = traced(_begin_application)
