"""Admitting a rollout: take the application, check what is asked for, record what runs now.

Tested in `test_prepare_rollout.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.domain.admission import grant_check, preflight
from handlers.domain.admission.image_push import REQUESTER, is_push
from handlers.domain.admission.requester import require_answerable
from handlers.domain.admission.rollout_request import (
    InvalidInput,
    RolloutRequest,
    parse_request,
)
from handlers.domain.admission.start_decision import (
    MustWait,
    StartRefused,
    awaited,
    colors_at_start,
    colors_left,
    to_put_back,
    turn_decision,
)
from handlers.domain.config.applications import Application
from handlers.domain.deployments.color_deployment import known_bad_text
from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.history.audit import (
    REQUEST_ID,
    UNKNOWN_REQUESTER,
    Actor,
    AuditEntry,
    EventKind,
    Source,
    request_entry,
    rollout_entry,
    start_entry,
)
from handlers.domain.model.errors import NotThere
from handlers.domain.model.execution import Execution
from handlers.domain.model.outcomes import Prepared, RolloutOutcome
from handlers.domain.model.prerequisite import Awaits
from handlers.domain.model.principal import MOST_OF_A_PRINCIPAL
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import Rollout
from handlers.domain.model.service import Service
from handlers.observability import about
from handlers.services.answer_check import answer_problems
from handlers.services.context import Context
from handlers.services.release import with_release
from handlers.services.rollout_lock import take
from handlers.services.start_checks import grant_problems, headroom_problems, health_problems
from handlers.slack.messages import history_text


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What came of asking for a rollout."""

    rollout: Rollout | None
    """As it is on record; None where the input is not one."""
    outcome: Prepared | RolloutOutcome
    """What comes next, or what refuses it."""
    cause: str = ""
    """Why it is refused."""


def admit(context: Context, document: object, execution: Execution) -> Admission:
    """Take the application for a rollout, record what each color runs now, and tell people.

    Idempotent: a rollout is recorded once, and the lock is its own the second time.

    Args:
        context: the time, the settings and the gateways.
        document: the execution's input.
        execution: which one.
    """
    get = context.gateways.rollouts.get
    before, rollout_id = execution.record(get), execution.record_id(get)
    try:
        request = parse_request(document, tuple(context.settings.applications))
        if not request.roll_back:
            application = context.settings.applications[request.application]
            require_answerable([application], request.requested_by)
    except InvalidInput as error:
        context.gateways.audit.note(
            _invalid_entry(context, rollout_id, execution, document, str(error))
        )
        if before is not None and before.is_open:
            # It was one when it was prepared first: the settings have changed while it waited.
            return Admission(
                rollout=before, outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=str(error)
            )
        return Admission(rollout=None, outcome=RolloutOutcome.INVALID_INPUT, cause=str(error))
    empty = _empty(context, request, rollout_id, execution)
    rollout, outcome, cause = _decided(context, request, empty, before)
    rollout = _record(context, rollout, before)
    about(rollout)
    _audit_request(context, rollout, outcome, cause)
    _show_board(context, rollout, has_waited=before is not None and before.awaits is not None)
    return Admission(rollout=rollout, outcome=outcome, cause=cause)


def _decided(
    context: Context, request: RolloutRequest, rollout: Rollout, before: Rollout | None
) -> tuple[Rollout, Prepared | RolloutOutcome, str]:
    """Return the rollout to record, what comes next or refuses it, and why it is refused."""
    now, application = context.now(), context.settings.applications[request.application]
    holder = take(context, rollout)
    if holder.execution == rollout.execution:
        rollout = replace(rollout, locked_at=now)
    found = turn_decision(rollout, holder) or (
        _to_put_back(context, request, rollout)
        if request.roll_back
        else _to_release(context, request, application, rollout)
    )
    match found:
        case StartRefused():
            return rollout, found.outcome, found.cause
        case MustWait():
            is_turn = found.kind is Awaits.TURN
            outcome = Prepared.AWAIT_TURN if is_turn else Prepared.AWAIT_IMAGE
            return replace(rollout, awaits=awaited(found, application, before, now)), outcome, ""
        case Rollout():
            return found, Prepared.ROLL_BACK if request.roll_back else Prepared.READY, ""


def _empty(
    context: Context, request: RolloutRequest, rollout_id: str, execution: Execution
) -> Rollout:
    asked = context.settings.people.identify(request.requested_by)
    may_be_push = request.requested_by == REQUESTER
    application = context.settings.applications[request.application]
    requested = context.gateways.audit.request(rollout_id) if may_be_push else None
    return Rollout(
        id=rollout_id,
        execution=execution.arn,
        application=request.application,
        release=Release(name=request.called),
        language=application.language,
        requested_by=asked,
        requested_as=request.requested_by if request.requested_by != asked else "",
        reason=request.reason,
        started=execution.started,
        colors={},
        group=request.group,
        deadline_seconds=round(application.deadline.total_seconds()),
        is_by_push=is_push(requested),
    )


def _record(context: Context, rollout: Rollout, before: Rollout | None) -> Rollout:
    """Record what was found; where an earlier run was refused and died, in place of that."""
    rollouts = context.gateways.rollouts
    was_refused = before is not None and not before.colors and bool(rollout.colors)
    if before is not None and (before.awaits is not None or was_refused):
        return rollouts.begin(rollout, before.awaits)
    return rollouts.create(rollout)


def _to_put_back(
    context: Context, request: RolloutRequest, rollout: Rollout
) -> Rollout | StartRefused:
    earlier = context.gateways.rollouts.get(request.roll_back)
    if earlier is None or earlier.application != request.application:
        cause = f"{request.application} has no rollout {request.roll_back}."
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=cause)
    left = colors_left(earlier)
    names = [color.service for color in left]
    services = context.gateways.ecs.services(left[0].cluster, names) if left else {}
    return to_put_back(rollout, earlier, services)


def _to_release(
    context: Context, request: RolloutRequest, application: Application, rollout: Rollout
) -> Rollout | StartRefused | MustWait:
    unanswerable = answer_problems(
        context, application, rollout.requested_as or rollout.requested_by
    )
    if unanswerable:
        cause = sentence(*unanswerable)
        return StartRefused(outcome=RolloutOutcome.NOBODY_CAN_ANSWER, cause=cause)
    ecs = context.gateways.ecs
    try:
        services = ecs.services(application.cluster, list(application.services.values()))
    except NotThere as error:
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=str(error))
    colors = colors_at_start(application, services)
    if isinstance(colors, StartRefused):
        return colors
    earlier = context.gateways.rollouts.newest(application.name, preflight.SEARCHED)
    started = with_release(context, request, replace(rollout, colors=colors), earlier)
    if not isinstance(started, Rollout):
        return started
    if ungranted := grant_problems(context, application, started):
        cause = sentence(*ungranted, grant_check.MEND)
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=cause)
    return _if_well(context, request, started, services, earlier)


def _if_well(
    context: Context,
    request: RolloutRequest,
    rollout: Rollout,
    services: Mapping[str, Service],
    earlier: Sequence[Rollout],
) -> Rollout | StartRefused:
    """Refuse to start into an application that is unwell, unless that is why it is started."""
    application = context.settings.applications[rollout.application]
    bad = preflight.known_bad((c.previous for c in rollout.colors.values()), earlier)
    problems = health_problems(context, application, rollout.colors, services)
    problems += map(known_bad_text, bad)
    if problems and not request.despite:
        cause = sentence(*problems, preflight.ALL_THE_SAME)
        return StartRefused(outcome=RolloutOutcome.ALREADY_UNHEALTHY, cause=cause)
    crowded = headroom_problems(context, rollout, services)
    if crowded and not request.despite:
        cause = sentence(*crowded, preflight.ALL_THE_SAME)
        return StartRefused(outcome=RolloutOutcome.NO_ROOM, cause=cause)
    despite = request.despite if problems or crowded else ""
    return replace(rollout, despite=despite, known_bad=bad)


def _audit_request(
    context: Context, rollout: Rollout, outcome: Prepared | RolloutOutcome, cause: str
) -> None:
    """Audit the request, unless the command that started the execution did, and a refusal."""
    audit = context.gateways.audit
    audit.note(request_entry(rollout))
    if outcome not in set(Prepared):
        said = f"{outcome}: {cause}"
        refusal = rollout_entry(
            rollout, EventKind.REFUSED_START, context.now(), detail=said, once=REQUEST_ID
        )
        audit.note(refusal)


def _invalid_entry(
    context: Context, rollout_id: str, execution: Execution, document: object, why: str
) -> AuditEntry:
    given = document if isinstance(document, dict) else {}
    named = str(given.get("application"))
    actor = str(given.get("requestedBy") or UNKNOWN_REQUESTER)[:MOST_OF_A_PRINCIPAL]
    return start_entry(
        EventKind.REFUSED_START,
        rollout=rollout_id,
        application=named if named in context.settings.applications else "",
        at=execution.started,
        actor=Actor(id=actor, source=Source.API),
        detail=why,
    )


def _show_board(context: Context, rollout: Rollout, *, has_waited: bool) -> None:
    """Show the board, and say once what changes, as soon as it is known."""
    board = context.rollout_board
    shown = board.show(rollout)
    if rollout.changes_for and (has_waited or rollout.board is None):
        board.say(shown, history_text.release_changes(shown), is_routine=True)
