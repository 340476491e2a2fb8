"""Whether a rollout can begin now, later or not at all: its turn, its image and that one's scan."""

from datetime import datetime

from handlers.domain.admission.image_push import is_by_push
from handlers.domain.admission.image_scan import Scans, vet
from handlers.domain.admission.precedence import Executions, Locks, take
from handlers.domain.config.applications import Application
from handlers.domain.deployments.revision import TaskDefinition
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

    def __init__(self, kind: Awaits, what: str, *, digest: str = "") -> None:
        """Say for what."""
        super().__init__(what)
        self.kind, self.what, self.digest = kind, what, digest


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
    release: Release, application: Application, runs: TaskDefinition, scans: Scans
) -> tuple[str, ...]:
    """Look at the images of the application's repository; return what nobody can tell of them.

    Raises:
        NotNow: one may not run here.
        NotYet: its scan is still to come.
    """
    said: list[str] = []
    for image in release.images.values():
        repository, _, digest = image.partition("/")[2].partition("@")
        if repository != application.repository:
            continue
        seen = vet(repository, digest, application.images.refuse_at, runs, scans)
        if seen.refusal:
            raise NotNow(
                RolloutOutcome.IMAGE_UNFIT, f"{repository}:{release.name}: {seen.refusal}."
            )
        if seen.pending:
            raise NotYet(Awaits.SCAN, f"{repository}:{release.name}", digest=seen.pending)
        said += [seen.unknown] if seen.unknown else []
    return tuple(said)


def awaited(
    wait: NotYet, application: Application, before: Rollout | None, now: datetime
) -> Awaited:
    """Say what a rollout waits for, since when and until when; what it waited for before counts."""
    rules = application.images
    patience = rules.wait_for_turn if wait.kind is Awaits.TURN else rules.wait_for_push
    begun = Awaited(
        kind=wait.kind, what=wait.what, digest=wait.digest, since=now, until=now + patience
    )
    return continued(begun, before.awaits if before else None)
