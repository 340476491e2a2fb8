"""Prepare a group: check what is asked for, and record which applications are to begin.

Tested in `test_group_verbs.py`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from handlers import runtime
from handlers.domain.admission.group_request import GroupRequest, parse_group
from handlers.domain.admission.requester import require_answerable
from handlers.domain.admission.rollout_request import InvalidInput, shown
from handlers.domain.config.people import People
from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.model.execution import Execution, parse_execution
from handlers.domain.model.group import Group, Member, member_name
from handlers.domain.model.outcomes import GroupOutcome
from handlers.observability import traced
from handlers.services.answer_check import answer_problems
from handlers.services.context import Context
from handlers.services.group_end import close_group

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")


def group_of(people: People, request: GroupRequest, group_id: str, execution: Execution) -> Group:
    """Make the record of a group that begins."""
    asked = people.identify(request.requested_by)
    members = {
        name: Member(application=name, rollout=member_name(group_id, name))
        for name in request.applications
    }
    return Group(
        id=group_id,
        execution=execution.arn,
        applications=request.applications,
        tag=request.tag,
        requested_by=asked,
        requested_as=request.requested_by if request.requested_by != asked else "",
        reason=request.reason,
        order=request.order,
        if_one_fails=request.if_one_fails,
        started=execution.started,
        members=members,
    )


def _refuse_name(name: str) -> None:
    """Refuse an execution's name of which those of its rollouts cannot be made.

    Raises:
        InvalidInput: Step Functions takes more characters than the names of its rollouts have.
    """
    if not _NAME.fullmatch(name):
        expected = "only letters, digits and _ . - in the execution's name"
        raise InvalidInput(f"name: found {shown(name)}, expected {expected}")


def _prepare_group(event: Mapping[str, Any]) -> dict[str, Any]:
    context, execution = runtime.context(), parse_execution(event["execution"])
    try:
        applications = context.settings.applications
        request = parse_group(event["input"], tuple(applications))
        asked = (applications[name] for name in request.applications)
        require_answerable(asked, request.requested_by)
        _refuse_name(execution.name)
    except InvalidInput as error:
        return {"next": GroupOutcome.INVALID_INPUT, "cause": str(error)}
    groups = context.gateways.groups
    group = groups.create(
        group_of(context.settings.people, request, execution.record_id(groups.get), execution)
    )
    refused = _nobody_can_answer(context, request)
    if refused or not group.is_open:
        close_group(context, group, GroupOutcome.NOBODY_CAN_ANSWER, refused)
        return {"next": GroupOutcome.NOBODY_CAN_ANSWER, "group": group.id}
    context.group_board.show(group)
    return {"next": group.order, "group": group.id, "applications": list(group.applications)}


def _nobody_can_answer(context: Context, request: GroupRequest) -> str:
    """Say about which colors of which applications nobody could say yes; empty where all are."""
    applications = (context.settings.applications[name] for name in request.applications)
    return " ".join(
        f"{application.name}: {sentence(*problems)}"
        for application in applications
        if (problems := answer_problems(context, application, request.requested_by))
    )


lambda_handler = traced(_prepare_group)
