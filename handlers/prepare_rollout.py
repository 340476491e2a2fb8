"""Prepare a rollout: check what is asked for, take the application, record what runs now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from handlers import runtime
from handlers.domain.admission import preflight
from handlers.domain.admission.admission import NotNow, NotYet, awaited, take_turn, vetted
from handlers.domain.admission.precedence import Executions, Locks
from handlers.domain.admission.release import Revisions, resolve
from handlers.domain.admission.release_images import (
    ReadableImages,
    Registry,
    unpinned,
    with_all_containers,
)
from handlers.domain.admission.rollout_request import (
    MAX_REQUESTED_BY,
    InvalidInput,
    RolloutRequest,
    parse_request,
)
from handlers.domain.approvals.revision_diff import revision_changes
from handlers.domain.capacity import headroom
from handlers.domain.config.applications import Application
from handlers.domain.deployments.diagnostics import sentence
from handlers.domain.deployments.revision import TaskDefinition, with_images
from handlers.domain.history.audit import (
    REQUEST_ID,
    UNKNOWN_REQUESTER,
    AuditEntry,
    EventKind,
    Source,
    request_entry,
    rollout_entry,
)
from handlers.domain.model.errors import NotPushed, NotThere
from handlers.domain.model.image_reference import registry_of
from handlers.domain.model.outcomes import Prepared, RolloutOutcome
from handlers.domain.model.prerequisite import Awaited, Awaits
from handlers.domain.model.rollout import ColorProgress, Release, Rollout, Stage, short_name
from handlers.domain.model.service import RolloutState, Service, Task
from handlers.domain.verification.observation_window import LoadBalancers
from handlers.observability import about, logger, traced
from handlers.services.context import Context
from handlers.slack.messages import history_text


class Ecs(Revisions, Protocol):
    def services(self, cluster: str, names: list[str]) -> dict[str, Service]: ...
    def tasks(self, cluster: str, service: str, *, stopped: bool = False) -> list[Task]: ...


class Rollouts(Protocol):
    def create(self, rollout: Rollout) -> Rollout: ...
    def begin(self, rollout: Rollout, waited: Awaited) -> Rollout: ...
    def get(self, rollout: str) -> Rollout | None: ...
    def newest(self, application: str, most: int) -> list[Rollout]: ...


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The execution that asks."""

    arn: str
    name: str
    started: datetime


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What preparing needs of the outside."""

    applications: Mapping[str, Application]
    ecs: Ecs
    balancers: LoadBalancers
    alarms: preflight.Alarms
    images: Registry
    locks: Locks
    executions: Executions
    rollouts: Rollouts
    instances: headroom.Instances


def prepare(
    document: object, execution: Execution, tools: Tools, before: Rollout | None, now: datetime
) -> tuple[Rollout, Prepared | RolloutOutcome, str]:
    """Record the rollout, with what each color runs now.

    Args:
        document: the execution's input.
        execution: which one.
        tools: what is needed of the outside.
        before: the record, where this is not the first time: a retry, or a wait that is over.
        now: the present time.

    Returns:
        The rollout, then what comes next (one of `Prepared`) or the outcome that refuses it, and
        why.

    Raises:
        InvalidInput: the input is not one.
    """
    request = parse_request(document, tuple(tools.applications))
    application = tools.applications[request.application]
    rollout = _empty(request, execution)
    try:
        take_turn(rollout, tools.locks, tools.executions)
        rollout = (
            _to_put_back(request, rollout, tools)
            if request.roll_back
            else _to_release(request, application, rollout, tools)
        )
    except NotNow as refusal:
        return _recorded(rollout, before, tools), refusal.outcome, str(refusal)
    except NotYet as wait:
        rollout = replace(rollout, awaits=awaited(wait, application, before, now))
        is_turn = wait.kind is Awaits.TURN
        outcome = Prepared.AWAIT_TURN if is_turn else Prepared.AWAIT_IMAGE
        return _recorded(rollout, before, tools), outcome, ""
    outcome = Prepared.ROLL_BACK if request.roll_back else Prepared.READY
    return _recorded(rollout, before, tools), outcome, ""


def _recorded(rollout: Rollout, before: Rollout | None, tools: Tools) -> Rollout:
    if before is None or before.awaits is None:
        return tools.rollouts.create(rollout)
    return tools.rollouts.begin(rollout, before.awaits)


def _to_release(
    request: RolloutRequest, application: Application, rollout: Rollout, tools: Tools
) -> Rollout:
    try:
        services = tools.ecs.services(application.cluster, list(application.services.values()))
    except NotThere as error:
        raise NotNow(RolloutOutcome.NOT_DEPLOYABLE, str(error)) from error
    colors = {
        color: _color(color, name, services.get(name), application)
        for color, name in application.services.items()
    }
    earlier = tools.rollouts.newest(application.name, preflight.SEARCHED)
    rollout = replace(rollout, colors=colors)
    rollout = _with_release(request, application, rollout, tools, earlier)
    return _if_well(request, rollout, services, tools, earlier)


def _with_release(
    request: RolloutRequest,
    application: Application,
    rollout: Rollout,
    tools: Tools,
    earlier: Sequence[Rollout],
) -> Rollout:
    """Say what is released, with the images of every container, and what that changes."""
    repositories = frozenset(each.repository for each in tools.applications.values())
    readable = ReadableImages(
        registry=registry_of(rollout.execution), repositories=repositories, images=tools.images
    )
    runs = tools.ecs.task_definition(list(rollout.colors.values())[-1].previous)
    release = _release(request, application, readable, tools)
    if release.revision:
        after: TaskDefinition = tools.ecs.task_definition(release.revision)
        notes = unpinned(after)
    else:
        complete = with_all_containers(release.images, runs, readable)
        release, notes = replace(release, images=complete.images), complete.notes
        after = _definition(release, runs)
    told = vetted(release, application, runs, after, readable, earlier=earlier)
    changes = (*revision_changes(runs, after), *notes, *told)
    return replace(rollout, release=release, changes=changes)


def _if_well(
    request: RolloutRequest,
    rollout: Rollout,
    services: Mapping[str, Service],
    tools: Tools,
    earlier: Sequence[Rollout],
) -> Rollout:
    """Refuse to start into an application that is unwell, unless that is why it is started."""
    application = tools.applications[rollout.application]
    bad = preflight.known_bad((c.previous for c in rollout.colors.values()), earlier)
    problems = preflight.unwell(rollout.colors, services, tools.ecs, tools.balancers)
    problems += [*preflight.alarmed(application, tools.alarms), *map(preflight.judged_bad, bad)]
    if problems and not request.despite:
        raise NotNow(RolloutOutcome.ALREADY_UNHEALTHY, sentence(*problems, preflight.ALL_THE_SAME))
    crowded = _crowded(rollout, services, tools)
    if crowded and not request.despite:
        raise NotNow(RolloutOutcome.NO_ROOM, sentence(*crowded, preflight.ALL_THE_SAME))
    despite = request.despite if problems or crowded else ""
    return replace(rollout, despite=despite, known_bad=bad)


def _crowded(rollout: Rollout, services: Mapping[str, Service], tools: Tools) -> list[str]:
    """Name the colors for whose new tasks there is no room, and log where that is not known."""
    for why in filter(None, map(headroom.why_unknown, services.values())):
        logger().info("room is not known: %s", why)
    needs = rollout.release.revision or list(rollout.colors.values())[-1].previous
    return headroom.colors_without_headroom(
        rollout.colors, services, needs, tools.ecs, tools.instances
    )


def _color(
    color: str, name: str, service: Service | None, application: Application
) -> ColorProgress:
    if service is None or not service.active or service.primary is None:
        where = f"cluster {application.cluster}"
        raise NotNow(
            RolloutOutcome.NOT_DEPLOYABLE, f"{color}: there is no service {name} in {where}."
        )
    primary = service.primary
    if primary.state == RolloutState.FAILED:
        raise NotNow(
            RolloutOutcome.NOT_DEPLOYABLE, f"{color}: its last deployment failed: {primary.reason}"
        )
    if primary.state == RolloutState.IN_PROGRESS:
        runs = short_name(primary.task_definition)
        raise NotNow(RolloutOutcome.MID_DEPLOYMENT, f"{color}: {name} is being deployed to {runs}.")
    if service.desired == 0:
        raise NotNow(RolloutOutcome.SCALED_TO_ZERO, f"{color}: {name} has a desired count of 0.")
    return ColorProgress(
        color=color,
        cluster=application.cluster,
        service=name,
        service_arn=service.arn,
        previous=primary.task_definition,
    )


def _release(
    request: RolloutRequest, application: Application, readable: ReadableImages, tools: Tools
) -> Release:
    try:
        return resolve(request, application, readable, tools.ecs)
    except NotPushed as error:
        if not request.tag:
            raise NotNow(RolloutOutcome.IMAGE_NOT_FOUND, str(error)) from error
        raise NotYet(Awaits.IMAGE, f"{application.repository}:{request.tag}") from error
    except NotThere as error:
        is_image = not request.task_definition
        outcome = RolloutOutcome.IMAGE_NOT_FOUND if is_image else RolloutOutcome.NOT_DEPLOYABLE
        raise NotNow(outcome, str(error)) from error


def _definition(release: Release, before: TaskDefinition) -> TaskDefinition:
    try:
        return with_images(before, release.images)
    except NotThere as error:
        raise NotNow(RolloutOutcome.NOT_DEPLOYABLE, str(error)) from error


def _to_put_back(request: RolloutRequest, rollout: Rollout, tools: Tools) -> Rollout:
    """Take over the changed colors of an earlier rollout that ended without putting them back."""
    earlier = tools.rollouts.get(request.roll_back)
    if earlier is None or earlier.application != request.application:
        raise NotNow(
            RolloutOutcome.NOT_DEPLOYABLE,
            f"{request.application} has no rollout {request.roll_back}.",
        )
    _refuse_overtaken(earlier, tools)
    colors = {
        color: ColorProgress(
            color=color,
            cluster=progress.cluster,
            service=progress.service,
            service_arn=progress.service_arn,
            previous=progress.previous,
            changed=progress.changed and progress.stage is not Stage.PUT_BACK,
        )
        for color, progress in earlier.colors.items()
    }
    release = Release(name=f"rollback of {earlier.release.name}")
    return replace(
        rollout, release=release, colors=colors, rolls_back=earlier.id, known_bad=earlier.known_bad
    )


def _refuse_overtaken(earlier: Rollout, tools: Tools) -> None:
    """Refuse to put back what someone deployed since: that is not the earlier rollout's to undo."""
    left = [color for color in earlier.changed_colors if color.stage is not Stage.PUT_BACK]
    services = tools.ecs.services(left[0].cluster, [c.service for c in left]) if left else {}
    for color in left:
        service = services.get(color.service)
        runs = service.primary.task_definition if service and service.primary else ""
        if runs not in {earlier.release.revision, color.previous}:
            detail = f"{color.color} runs {short_name(runs) or 'nothing'} by now, which is not its."
            raise NotNow(RolloutOutcome.SUPERSEDED, f"Nothing was put back: {detail}")


def _empty(request: RolloutRequest, execution: Execution) -> Rollout:
    return Rollout(
        id=execution.name,
        execution=execution.arn,
        application=request.application,
        release=Release(name=request.tag or request.task_definition or request.image),
        requested_by=request.requested_by,
        reason=request.reason,
        started=execution.started,
        colors={},
        group=request.group,
    )


def _note(
    context: Context, rollout: Rollout, outcome: Prepared | RolloutOutcome, cause: str
) -> None:
    """Note the request, unless whoever started the execution noted it, and a refusal."""
    audit = context.gateways.audit
    audit.note(request_entry(rollout))
    if outcome not in set(Prepared):
        said = f"{outcome}: {cause}"
        refusal = rollout_entry(
            rollout, EventKind.REFUSED_START, context.now(), detail=said, once=REQUEST_ID
        )
        audit.note(refusal)


def _not_understood(
    context: Context, execution: Execution, document: object, why: str
) -> AuditEntry:
    given = document if isinstance(document, dict) else {}
    named = str(given.get("application"))
    return AuditEntry(
        rollout=execution.name,
        application=named if named in context.settings.applications else "",
        at=execution.started,
        kind=EventKind.REFUSED_START,
        actor=str(given.get("requestedBy") or UNKNOWN_REQUESTER)[:MAX_REQUESTED_BY],
        source=Source.API,
        detail=why,
        id=REQUEST_ID,
    )


def _tell(context: Context, rollout: Rollout, *, has_waited: bool) -> None:
    """Show the board, and say once what changes, as soon as it is known."""
    teller = context.rollout_board
    shown = teller.show(rollout)
    if rollout.changes and (has_waited or rollout.board is None):
        teller.say(shown, history_text.release_changes(shown))


def _prepare_rollout(event: Mapping[str, Any]) -> dict[str, str]:
    context = runtime.context()
    execution = Execution(
        arn=event["execution"]["arn"],
        name=event["execution"]["name"],
        started=datetime.fromisoformat(event["execution"]["startedAt"]),
    )
    tools = Tools(
        applications=context.settings.applications,
        ecs=context.gateways.ecs,
        balancers=context.gateways.load_balancers,
        alarms=context.gateways.metrics,
        images=context.gateways.images,
        locks=context.gateways.locks,
        executions=context.gateways.executions,
        rollouts=context.gateways.rollouts,
        instances=context.gateways.cluster_capacity,
    )
    try:
        before = tools.rollouts.get(execution.name)
        rollout, outcome, cause = prepare(event["input"], execution, tools, before, context.now())
    except InvalidInput as error:
        context.gateways.audit.note(_not_understood(context, execution, event["input"], str(error)))
        return {"outcome": RolloutOutcome.INVALID_INPUT, "cause": str(error)}
    about(rollout)
    _note(context, rollout, outcome, cause)
    _tell(context, rollout, has_waited=before is not None and before.awaits is not None)
    return {
        "rollout": rollout.id,
        "application": rollout.application,
        "outcome": outcome,
        "cause": cause,
    }


lambda_handler = traced(_prepare_rollout)
