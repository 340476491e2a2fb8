"""Whether a rollout can begin now, later or not at all: its turn, its image and that one's scan."""

from collections.abc import Sequence
from datetime import datetime

from handlers.domain.admission.image_push import is_by_push
from handlers.domain.admission.precedence import Executions, Locks, take
from handlers.domain.admission.release_images import ReadableImages, has_run, vet_images
from handlers.domain.admission.rollout_request import TAG
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition
from handlers.domain.model.errors import NotThere
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.domain.model.prerequisite import Awaited, Awaits, continued
from handlers.domain.model.rollout import Release, Rollout


class NotNow(Exception):
    """The rollout cannot begin; carries the outcome that says why."""

    def __init__(self, outcome: RolloutOutcome, cause: str) -> None:
        """Say why in a word and in a sentence."""
        super().__init__(cause)
        self.outcome = outcome


class NotYet(Exception):
    """The rollout cannot begin now, and will; carries what it waits for."""

    def __init__(self, kind: Awaits, what: str, *, digest: str = "", repository: str = "") -> None:
        """Say for what."""
        super().__init__(what)
        self.kind, self.what, self.digest, self.repository = kind, what, digest, repository


def take_turn(rollout: Rollout, locks: Locks, executions: Executions) -> None:
    """Take the application.

    Raises:
        NotNow: another rollout has it.
        NotYet: the same, and this one waits its turn, because a push started it.
    """
    holder = take(rollout, locks, executions)
    if holder.execution == rollout.execution:
        return
    if is_by_push(rollout):
        raise NotYet(Awaits.TURN, holder.rollout)
    raise NotNow(
        RolloutOutcome.BUSY, f"{rollout.application} is being rolled out by {holder.rollout}."
    )


def vetted(
    release: Release,
    application: Application,
    before: TaskDefinition,
    after: TaskDefinition,
    readable: ReadableImages,
    *,
    earlier: Sequence[Rollout],
) -> tuple[str, ...]:
    """Look at the images that a release brings; return what people are told of them.

    Raises:
        NotNow: one may not run here.
        NotYet: its scan is still to come.
    """
    asked = {application.container, *release.images}
    refuse_at = application.images.refuse_at
    try:
        found = vet_images(before, after, asked, refuse_at, readable)
    except NotThere as error:
        raise NotNow(RolloutOutcome.IMAGE_NOT_FOUND, str(error)) from error
    if release.revision and has_run(release.revision, earlier):
        pending = "its scan has not ended" if found.pending else ""
        seen = found.refusal or pending
        return (*found.notes, f"{found.image}: {seen}") if seen else found.notes
    is_asked = found.repository == application.repository and TAG.fullmatch(release.name)
    image = f"{found.repository}:{release.name}" if is_asked else found.image
    if found.refusal:
        raise NotNow(RolloutOutcome.IMAGE_UNFIT, f"{image}: {found.refusal}.")
    if found.pending:
        raise NotYet(Awaits.SCAN, image, digest=found.pending, repository=found.repository)
    return found.notes


def awaited(
    wait: NotYet, application: Application, before: Rollout | None, now: datetime
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
