"""Begin one application of a group, or its way back: say whether it may, and with what."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.domain.model.group import (
    BEGIN,
    ON_THE_WAY,
    ON_THE_WAY_BACK,
    Part,
    may_begin,
    request_back,
    request_of,
    returning_name,
)
from handlers.observability import traced

PASS_OVER = {"next": "pass over"}


def _begin_application(event: Mapping[str, Any]) -> dict[str, Any]:
    """Safe to run twice: the name is always the same, so a second start starts nothing new."""
    context = runtime.context()
    application = event["application"]
    group = context.gateways.groups.read(event["group"])
    member = group.members[application]
    if not group.is_open:
        # Stopped, and redriven: what was said of it at its end stands.
        return PASS_OVER
    if event["returning"]:
        if member.part not in ON_THE_WAY_BACK:
            return PASS_OVER
        name, document = returning_name(group.id, application), request_back(group, application)
        part = Part.GOING_BACK
    else:
        if member.part not in ON_THE_WAY:
            return PASS_OVER
        name, document = member.rollout, request_of(group, application)
        may = member.part is Part.OPEN or may_begin(group)
        part = Part.OPEN if may else Part.NOT_BEGUN
    group = context.gateways.groups.move_member(group.id, member, part=part)
    context.group_board.show(group)
    if part is Part.NOT_BEGUN or group.members[application].part is not part:
        # Either it is not to begin, or it came to its end while this step was slow.
        return PASS_OVER
    return {"next": BEGIN, "name": name, "input": document}


lambda_handler = traced(_begin_application)
