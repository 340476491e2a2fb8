"""Whether a rollout can start now, later or not at all, by what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.domain.admission.release_images import ImagesVetted, has_run
from handlers.domain.admission.rollout_request import TAG
from handlers.domain.config.applications import Application
from handlers.domain.deployments.service_kind import unsupported_kind
from handlers.domain.model.lock_and_wait import Lock
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaited, Awaits, continued
from handlers.domain.model.release import Release
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.domain.model.service import RolloutState, Service


@dataclass(frozen=True, kw_only=True)
class StartRefused:
    """The rollout cannot start."""

    outcome: RolloutOutcome
    cause: str
    """One sentence for people."""


@dataclass(frozen=True, kw_only=True)
class MustWait:
    """The rollout cannot start yet."""

    kind: Awaits
    what: str
    """The image, or the id of the rollout that has the application."""
    digest: str = ""
    """Of the image whose scan is waited for."""
    repository: str = ""
    """Where that is; empty for the application's own."""


def turn_decision(rollout: Rollout, holder: Lock) -> StartRefused | MustWait | None:
    """Say what follows from who has the application; a rollout that a push started waits for it."""
    if holder.execution == rollout.execution:
        return None
    if rollout.is_by_push:
        return MustWait(kind=Awaits.TURN, what=holder.rollout)
    cause = f"{rollout.application} is being rolled out by {holder.rollout}."
    return StartRefused(outcome=RolloutOutcome.BUSY, cause=cause)


def color_at_start(
    color: str, name: str, service: Service | None, cluster: str
) -> ColorProgress | StartRefused:
    """Return a color as it is recorded when its rollout starts, or why it is not at rest."""
    kind = unsupported_kind(service) if service and service.active else ""
    if kind:
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=f"{color}: {kind}.")
    if service is None or not service.active or service.primary is None:
        cause = f"{color}: there is no service {name} in cluster {cluster}."
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=cause)
    primary = service.primary
    if primary.state == RolloutState.FAILED:
        cause = f"{color}: its last deployment failed: {primary.reason}"
        return StartRefused(outcome=RolloutOutcome.NOT_DEPLOYABLE, cause=cause)
    if primary.state == RolloutState.IN_PROGRESS:
        runs = short_name(primary.task_definition)
        cause = f"{color}: {name} is being deployed to {runs}."
        return StartRefused(outcome=RolloutOutcome.MID_DEPLOYMENT, cause=cause)
    if service.desired == 0:
        cause = f"{color}: {name} has a desired count of 0."
        return StartRefused(outcome=RolloutOutcome.SCALED_TO_ZERO, cause=cause)
    return ColorProgress(
        color=color,
        cluster=cluster,
        service=name,
        service_arn=service.arn,
        previous=primary.task_definition,
    )


def colors_at_start(
    application: Application, services: Mapping[str, Service]
) -> dict[str, ColorProgress] | StartRefused:
    """Return every color as it is recorded when the rollout starts, or why the first one cannot."""
    colors: dict[str, ColorProgress] = {}
    for color, name in application.services.items():
        found = color_at_start(color, name, services.get(name), application.cluster)
        if isinstance(found, StartRefused):
            return found
        colors[color] = found
    return colors


def images_decision(
    found: ImagesVetted,
    release: Release,
    repository: str,
    earlier: Sequence[Rollout],
    revision: str = "",
) -> tuple[str, ...] | StartRefused | MustWait:
    """Say what follows from what is known of a release's images, or what people are told of them.

    A revision that ran before is told of and not refused: the way back stays open.

    Args:
        found: what is known.
        release: what is to run.
        repository: the application's.
        earlier: the application's rollouts, newest first.
        revision: the existing one that carries it; that of all colors, unless it is given.
    """
    carrier = revision or release.revision
    if carrier and has_run(carrier, earlier):
        pending = "its scan has not ended" if found.pending else ""
        seen = found.refusal or pending
        return (*found.notes, f"{found.image}: {seen}") if seen else found.notes
    is_asked = found.repository == repository and TAG.fullmatch(release.name)
    image = f"{found.repository}:{release.name}" if is_asked else found.image
    if found.refusal:
        cause = f"{image}: {found.refusal}."
        return StartRefused(outcome=RolloutOutcome.IMAGE_UNFIT, cause=cause)
    if found.pending:
        return MustWait(
            kind=Awaits.SCAN, what=image, digest=found.pending, repository=found.repository
        )
    return found.notes


def to_put_back(
    rollout: Rollout, earlier: Rollout, services: Mapping[str, Service]
) -> Rollout | StartRefused:
    """Take over the changed colors of an earlier rollout that ended without putting them back.

    What someone deployed since is not the earlier rollout's to undo.

    Args:
        rollout: the one that puts them back.
        earlier: the one that changed them.
        services: ECS service → what ECS says of it.
    """
    for color in colors_left(earlier):
        service = services.get(color.service)
        runs = service.primary.task_definition if service and service.primary else ""
        if runs not in {earlier.release.revision_for(color.color), color.previous}:
            detail = f"{color.color} runs {short_name(runs) or 'nothing'} by now, which is not its."
            cause = f"Nothing was put back: {detail}"
            return StartRefused(outcome=RolloutOutcome.SUPERSEDED, cause=cause)
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
    return replace(
        rollout,
        release=Release(name=f"rollback of {earlier.release.name}"),
        colors=colors,
        rolls_back=earlier.id,
        known_bad=earlier.known_bad,
    )


def colors_left(earlier: Rollout) -> list[ColorProgress]:
    """List the changed colors of a rollout that were not put back."""
    return [color for color in earlier.changed_colors if color.stage is not Stage.PUT_BACK]


def awaited(
    wait: MustWait, application: Application, before: Rollout | None, now: datetime
) -> Awaited:
    """Say what a rollout waits for, since when and until when; what it waited for before counts."""
    rules = application.images
    patience = rules.wait_for_turn if wait.kind is Awaits.TURN else rules.wait_for_push
    begun = Awaited(
        kind=wait.kind,
        what=wait.what,
        digest=wait.digest,
        repository=wait.repository,
        since=now,
        until=now + patience,
    )
    return continued(begun, before.awaits if before else None)
