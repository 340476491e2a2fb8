"""A rollout as it is recorded: one release, on its way through one application's colors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Literal, TypedDict

from handlers.domain.model.evidence import Evidence
from handlers.domain.model.language import Language
from handlers.domain.model.outcomes import (
    DecisionOutcome,
    DeploymentOutcome,
    RolloutOutcome,
)
from handlers.domain.model.prerequisite import Awaited, Awaits
from handlers.domain.model.release import Release


class Stage(StrEnum):
    """Where one color is, in the order in which a release normally takes it."""

    WAITING = "waiting"
    ASKING = "asking"
    DEPLOYING = "deploying"
    VERIFYING = "verifying"
    UNCLEAR = "unclear"
    """Verification could not tell, and people are asked."""
    RELEASED = "released"
    FAILED = "failed"
    GOING_BACK = "going_back"
    PUT_BACK = "put_back"
    STRANDED = "stranded"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer to a question: what, by whom, when and why."""

    outcome: DecisionOutcome
    by: str
    at: datetime
    reason: str = ""
    others: tuple[str, ...] = ()
    """Who had approved before, where several had to."""
    source: str = "machine"
    """From where it came, one of `audit.Source`."""
    caller: str = ""
    """The id by which whoever decided came, where that is another than `by`."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Where a message in Slack is that is edited as things go: a board, or a question."""

    channel: str
    ts: str
    thread: str = ""
    """The `ts` of the message in whose thread it is; empty in the channel itself."""
    link: str = ""
    """Its permalink; empty where Slack did not say."""


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """A question as people in Slack are asked it, by a message of its own."""

    is_about_health: bool = False
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Slack's user groups; with no users and no groups, anyone in the workspace may answer."""
    must_include: tuple[str, ...] = ()
    """Groups of which somebody must approve."""
    requester_may_approve: bool = False
    message: Board | None = None
    is_closed: bool = False
    """Whether its message says how it ended, and has no buttons any more."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A question to people about a color that runs the release, with an unclear verdict."""

    id: str
    """Of its approval."""
    until: datetime
    """When it expires, and the color goes back."""
    required: int = 1
    approved_by: tuple[str, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class ColorProgress:
    """One color of a rollout: what it ran, what was asked, what was done to it."""

    color: str
    cluster: str
    service: str
    service_arn: str = ""
    previous: str
    """The task definition that it ran when the rollout began."""
    stage: Stage = Stage.WAITING
    changed: bool = False
    """Set before the service is touched, so that a crash in between cannot hide a change."""
    approval: str = ""
    """The id of its question, asked last."""
    until: datetime | None = None
    """When that question expires."""
    keeps_waiting: bool = False
    """Whether it goes on waiting then, instead of being rejected."""
    required: int = 1
    """How many people must approve."""
    approved_by: tuple[str, ...] = ()
    """Who has approved so far, where several must."""
    decision: Decision | None = None
    deployment: str = ""
    """ECS's id (`ecs-svc/…`) of the deployment being waited for, or waited for last."""
    deployment_began: datetime | None = None
    """When it began, by ECS's clock."""
    changes: tuple[str, ...] = ()
    """What the release changes for it, a line each, where that is not the same for all colors."""
    evidence: Evidence | None = None
    """What verification saw of it last."""
    doubt: Doubt | None = None
    """The question that was asked last because that was unclear."""
    outcome: DeploymentOutcome | Literal[""] = ""
    """How the deployment of the release ended; empty until it has."""
    detail: str = ""
    """What is seen of it now, for people."""
    failure: str = ""
    """Why the release failed on it, in the words of those who saw it; kept when it goes back."""
    times: Mapping[str, datetime] = field(default_factory=dict)
    """Stage → when it was first reached."""
    asked: Mapping[str, AskedQuestion] = field(default_factory=dict)
    """Question's id → as people were asked it; all that were asked about this color."""

    @property
    def open_questions(self) -> tuple[str, ...]:
        """The ids of the questions about it that have no answer on record."""
        asked = (self.approval,) if self.approval and self.decision is None else ()
        doubt = self.doubt if self.doubt and self.doubt.decision is None else None
        return (*asked, doubt.id) if doubt else asked


class ColorChanges(TypedDict, total=False):
    """The attributes of a `ColorProgress` that one write sets."""

    stage: Stage
    changed: bool
    approval: str
    until: datetime
    keeps_waiting: bool
    required: int
    approved_by: tuple[str, ...]
    decision: Decision
    deployment: str
    deployment_began: datetime
    evidence: Evidence
    doubt: Doubt
    outcome: DeploymentOutcome
    detail: str
    failure: str


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """One execution of the state machine, as Shingo remembers it."""

    id: str
    """The execution's name; one made of it where an earlier execution has a record of that name."""
    execution: str
    """The execution's ARN."""
    application: str
    release: Release
    requested_by: str
    """The one id of the person who asked; empty where the input does not say."""
    reason: str
    started: datetime
    colors: Mapping[str, ColorProgress]
    changes: tuple[str, ...] = ()
    """What changes, a line each, where that is the same for all colors; empty where nobody looked.
    """
    board: Board | None = None
    roll_back_asked: Decision | None = None
    """Somebody pressed *Roll back now*, or withdrew the rollout; the next step obeys."""
    outcome: RolloutOutcome | Literal[""] = ""
    """How it ended; empty while it is open."""
    cause: str = ""
    ended: datetime | None = None
    despite: str = ""
    """Why it was started although the application was unwell."""
    known_bad: tuple[str, ...] = ()
    """Which of the previous revisions had been found unhealthy: no color is put back to these."""
    awaits: Awaited | None = None
    """What it waits for before it can begin; None once it is prepared."""
    rolls_back: str = ""
    """The earlier rollout whose colors this one only puts back."""
    board_is_behind: bool = False
    """Whether Slack did not take what the board should say; whoever gets through mends it."""
    is_mended: bool = False
    """Whether what its end left was looked through, once no step was left that could add to it."""
    group: str = ""
    """The group that it belongs to, where several applications are one release."""
    is_by_push: bool = False
    """Whether a push started it, so that a newer push may take its place."""
    deadline_seconds: int = 0
    """The longest that one of its colors may take, as was configured at its start, by which it can
    go back though its application is removed; 0 in a record of an older version."""
    locked_at: datetime | None = None
    """When it took its application, before it began; None on one that never did, or that an older
    version recorded."""
    language: Language = Language.ENGLISH
    """In which people read it, however the settings change meanwhile."""
    requested_as: str = ""
    """What the input says of who asked, where that is another id of theirs."""

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def has_begun(self) -> bool:
        """Whether it has had its application and was not refused: only then has it colors."""
        return bool(self.colors) and self.outcome != RolloutOutcome.BUSY

    @property
    def held(self) -> datetime | None:
        """When it took its application; None where it has not begun.

        Rollouts take it in another order than they start in: those of pushes wait their turn.
        """
        return (self.locked_at or self.started) if self.has_begun else None

    @property
    def waits_its_turn(self) -> bool:
        """Whether it waits for another rollout of its application to end."""
        return self.awaits is not None and self.awaits.kind is Awaits.TURN

    @property
    def was_cut_short(self) -> bool:
        """Whether its execution was ended from outside, by a stop or the machine's own limit."""
        return self.outcome in {RolloutOutcome.ABORTED, RolloutOutcome.TIMED_OUT}

    @property
    def has_failed_late(self) -> bool:
        """Whether verification found a color bad after it had been let through."""
        bad = {DeploymentOutcome.UNHEALTHY, DeploymentOutcome.UNVERIFIED}
        return any(c.stage is Stage.FAILED and c.outcome in bad for c in self.colors.values())

    @property
    def changed_colors(self) -> tuple[ColorProgress, ...]:
        """The colors whose service was, or may have been, touched."""
        return tuple(color for color in self.colors.values() if color.changed)

    @property
    def open_questions(self) -> tuple[str, ...]:
        """The ids of all questions that have no answer on record."""
        return tuple(each for color in self.colors.values() for each in color.open_questions)

    @property
    def can_be_put_back(self) -> bool:
        """Whether no step of it puts back what it changed: rolling back is then offered.

        It was ended from outside, or it failed outside of its steps, as one does whose history is
        full.
        """
        left = any(c.stage is not Stage.PUT_BACK for c in self.changed_colors)
        return left and (self.was_cut_short or self.outcome == RolloutOutcome.FAULT)

    def runs(self, color: str) -> str:
        """Return the task definition that the color runs, as far as the record knows.

        While a color is on its way, that is where it is going; an empty string means
        that the record cannot say (it failed, and was not yet put back).
        """
        progress = self.colors[color]
        if progress.outcome == DeploymentOutcome.SUPERSEDED and not progress.changed:
            return ""
        if not progress.changed or progress.stage is Stage.PUT_BACK:
            return progress.previous
        if progress.stage in {Stage.VERIFYING, Stage.UNCLEAR, Stage.RELEASED}:
            return self.release.revision_for(color)
        return ""

    @property
    def released_text(self) -> str:
        """What carries the release: `api:42`, or `red api-red:8, green api-green:12`."""
        own = self.release.by_color.items()
        each = ", ".join(f"{color} {short_name(one.revision)}" for color, one in own)
        return each or short_name(self.release.revision)

    def base_for(self, color: str) -> str:
        """Return the task definition (ARN) from which a color's new revision is made.

        Its own where each color keeps its own; else what the last color ran, which has proven most.
        """
        progress = self.colors[color] if self.release.by_color else [*self.colors.values()][-1]
        return progress.previous

    @property
    def changes_for(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """What changes, a line each, by the colors for which it does."""
        found: dict[tuple[str, ...], list[str]] = {}
        for color in self.colors.values():
            found.setdefault(color.changes or self.changes, []).append(color.color)
        return {tuple(colors): lines for lines, colors in found.items() if lines}


def by_turn(rollouts: Iterable[Rollout]) -> list[Rollout]:
    """Return those that have had their application, the last one first."""
    held = [(each.held, each.id, each) for each in rollouts if each.held is not None]
    return [each for _, _, each in sorted(held, key=itemgetter(0, 1), reverse=True)]


def short_name(task_definition: str) -> str:
    """Shorten a task definition ARN to what people say: `api:42`."""
    return task_definition.rsplit("/", 1)[-1]
