"""What is said of a rollout and its colors on the board, and how it ended."""

from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.model import console_links
from handlers.domain.model.outcomes import DecisionOutcome, RolloutOutcome, Verdict
from handlers.domain.model.prerequisite import Awaited, Awaits
from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout, Stage, short_name
from handlers.slack.messages.markup import link, mentions, message_link, moment, plain, with_people
from handlers.slack.messages.shortening import shortened

MAX_TITLE: Final = 150
"""Characters, as of a header: a release of many images has a long name."""


MAX_SUMMARY: Final = 3000
"""Characters of a message's text."""

_STAGE_TEXTS: Final = {
    Stage.WAITING: "waits its turn",
    Stage.ASKING: "waits for an answer",
    Stage.DEPLOYING: "is being deployed",
    Stage.VERIFYING: "is being verified",
    Stage.UNCLEAR: "runs the release and is unclear",
    Stage.RELEASED: "runs the release",
    Stage.FAILED: "failed",
    Stage.GOING_BACK: "is going back",
    Stage.PUT_BACK: "was put back",
    Stage.STRANDED: "could not be put back",
}


OUTCOMES: Final = {
    RolloutOutcome.COMPLETED: "Completed.",
    RolloutOutcome.PUT_BACK: "Put back.",
    RolloutOutcome.BUSY: (
        "Refused: the application is busy. Start again when that rollout has ended."
    ),
    RolloutOutcome.MID_DEPLOYMENT: (
        "Refused: a color is mid-deployment. Start again when it has settled."
    ),
    RolloutOutcome.IMAGE_NOT_FOUND: (
        "Refused: there is no such image. Check the tag, or push it first."
    ),
    RolloutOutcome.IMAGE_UNFIT: "Refused: the image may not run here. Build another one.",
    RolloutOutcome.NOT_DEPLOYABLE: "Refused: it cannot be deployed.",
    RolloutOutcome.ALREADY_UNHEALTHY: (
        "Refused: what runs now is not known to be healthy, and a rollback would go back to it. "
        "Mend it first, then start again."
    ),
    RolloutOutcome.NO_ROOM: (
        "Refused: the cluster has no room for new tasks. Make room, then start again."
    ),
    RolloutOutcome.NOBODY_CAN_ANSWER: (
        "Refused: nobody can approve it. Let somebody else ask, or mend who may answer."
    ),
    RolloutOutcome.REJECTED: "Rejected.",
    RolloutOutcome.EXPIRED: "Expired: nobody answered in time. Start again when people are there.",
    RolloutOutcome.WITHDRAWN: "Withdrawn.",
    RolloutOutcome.SUPERSEDED_BY_PUSH: "Superseded by a newer push, whose rollout takes its place.",
    RolloutOutcome.ROLLED_BACK: "ECS rolled the deployment back. Look at the stopped tasks' logs.",
    RolloutOutcome.FAILED: "The deployment failed. Look at the service's events.",
    RolloutOutcome.SUPERSEDED: (
        "Someone else deployed meanwhile. Agree who goes first, then start again."
    ),
    RolloutOutcome.STOPPED: "The deployment was stopped in ECS.",
    RolloutOutcome.SCALED_TO_ZERO: "The service is scaled to zero, so nothing can be verified.",
    RolloutOutcome.OVERDUE: "The deployment took too long.",
    RolloutOutcome.UNHEALTHY: "Verification found it unhealthy.",
    RolloutOutcome.UNVERIFIED: (
        "Verification could not tell, and what is not measured does not pass."
    ),
    RolloutOutcome.ROLLED_BACK_BY_HAND: "Rolled back by hand.",
    RolloutOutcome.STOPPED_WITH_GROUP: (
        "Stopped, because another application of the release failed."
    ),
    RolloutOutcome.FAULT: "A step failed. Open the execution to see why.",
    RolloutOutcome.ROLLBACK_FAILED: "Not every color could be put back. Put it back by hand.",
    RolloutOutcome.ABORTED: "The execution was stopped.",
    RolloutOutcome.TIMED_OUT: "The execution took longer than it may.",
}


def title(rollout: Rollout) -> str:
    """Name a rollout: `api v1.42.0`."""
    name = f"{rollout.application} {rollout.release.name}".strip()
    return name if len(name) <= MAX_TITLE else name[: MAX_TITLE - 1] + "…"


def rollout_summary(rollout: Rollout) -> str:
    """Say the board in one line, for notifications and screen readers."""
    if not rollout.is_open:
        return shortened(final_announcement(rollout), MAX_SUMMARY)
    if rollout.awaits and not rollout.colors:
        return f"{title(rollout)}: {wait_line(rollout, rollout.awaits)}"
    stages = ", ".join(f"{c.color} {c.stage.replace('_', ' ')}" for c in rollout.colors.values())
    return f"{title(rollout)}: {stages}"


def execution_link(rollout: Rollout, label: str = "execution") -> str:
    return link(console_links.execution(rollout.execution), label)


def requester_line(rollout: Rollout) -> str:
    """Say who asked for the rollout, and why."""
    who = mention(rollout.requested_by) if rollout.requested_by else "The API"
    did = "A push started it" if rollout.is_by_push else f"{who} asked for it"
    text = did + (f": {plain(rollout.reason)}" if rollout.reason else ".")
    if rollout.despite:
        text += f"\nStarted although it was unwell: {plain(rollout.despite)}"
    return text


def wait_line(rollout: Rollout, waited: Awaited, since: str = "") -> str:
    """Say what a rollout waits for before anybody is asked.

    Args:
        rollout: which one.
        waited: what it waits for.
        since: for how long, where that is read at once; a board says the time instead.
    """
    match waited.kind:
        case Awaits.IMAGE:
            what = f"waiting for {plain(waited.what)} to be pushed"
        case Awaits.SCAN:
            what = f"waiting for the scan of {plain(waited.what)}"
        case Awaits.TURN:
            what = f"waiting its turn: {plain(waited.what)} has {rollout.application}"
    return f"{what}, since {since or moment(waited.since)}. It is given up {moment(waited.until)}."


def color_line(rollout: Rollout, progress: ColorProgress) -> str:
    """Say in one line where a color is."""
    text = f"*{progress.color}* {_stage_text(rollout, progress)}"
    revision = short_name(rollout.runs(progress.color))
    if revision:
        text += f" · {revision}"
    if progress.decision and progress.decision.outcome == DecisionOutcome.APPROVED:
        names = (*progress.decision.others, progress.decision.by)
        text += f" · approved by {mentions(names)}"
    answered = health_answer(progress)
    text += f" · {answered}" if answered else ""
    text += _open_approvals(progress) + _question_link(progress)
    is_said = progress.stage in {Stage.WAITING, Stage.RELEASED} or open_health_question(
        rollout, progress
    )
    if progress.detail and not is_said:
        text += f"\n{plain(progress.detail)}"
    return text


def approvals_so_far(asked: ColorProgress | Doubt) -> str:
    """Say how many of several approvals were given, and by whom."""
    by = f" so far: {mentions(asked.approved_by)}." if asked.approved_by else "."
    return f"{len(asked.approved_by)} of {asked.required} approvals{by}"


def _open_approvals(progress: ColorProgress) -> str:
    """Say how many have approved where several must, while they are asked."""
    doubt = progress.doubt if progress.stage is Stage.UNCLEAR else None
    asked = doubt or (progress if progress.stage is Stage.ASKING else None)
    is_open = asked is not None and asked.decision is None and asked.required > 1
    return f" · {approvals_so_far(asked)}".rstrip(".") if asked and is_open else ""


def _question_link(progress: ColorProgress) -> str:
    """Link to the message of an open question; empty where there is none."""
    asked = (progress.asked.get(question) for question in progress.open_questions)
    found = next((each.message for each in asked if each and each.message), None)
    return f" · {message_link(found, 'question')}" if found else ""


def _stage_text(rollout: Rollout, progress: ColorProgress) -> str:
    """Say where a color is; in an ended rollout no color waits."""
    answered = progress.decision.outcome if progress.decision else ""
    if progress.stage is Stage.ASKING and answered not in {"", DecisionOutcome.APPROVED}:
        return f"was {answered.replace('_', ' ')}"
    if progress.stage in {Stage.WAITING, Stage.ASKING} and not rollout.is_open:
        return "was not reached"
    is_known_well = progress.evidence and progress.evidence.verdict is Verdict.HEALTHY
    if progress.stage is Stage.RELEASED and is_known_well:
        return f"{_STAGE_TEXTS[progress.stage]} and is healthy"
    return _STAGE_TEXTS[progress.stage]


def open_health_question(rollout: Rollout, progress: ColorProgress) -> Doubt | None:
    """Return the open question about a color's health; None where nobody is asked."""
    doubt, is_left = progress.doubt, rollout.is_open and not rollout.roll_back_asked
    is_asked = progress.stage is Stage.UNCLEAR and doubt and doubt.decision is None
    return doubt if is_left and is_asked else None


def health_answer(progress: ColorProgress) -> str:
    """Say who decided what about an unclear color; empty while nobody has."""
    decision = progress.doubt.decision if progress.doubt else None
    if decision is None:
        return ""
    who = mentions((*decision.others, decision.by))
    match decision.outcome:
        case DecisionOutcome.APPROVED:
            return f"kept by {who} though unclear"
        case DecisionOutcome.REJECTED:
            return f"not kept by {who}"
        case DecisionOutcome.EXPIRED:
            return "unclear, and nobody answered in time"
        case DecisionOutcome.LOOK_AGAIN:
            return f"looked at again for {who}"
        case _:
            return ""


def outcome_line(rollout: Rollout) -> str:
    """Say how the rollout ended, and why."""
    head = OUTCOMES.get(rollout.outcome, "") if rollout.outcome else ""
    return f"*{head or rollout.outcome}* {with_people(plain(rollout.cause))}".strip()


def final_announcement(rollout: Rollout) -> str:
    return f"{title(rollout)}: {outcome_line(rollout)}"


def end_announcement(rollout: Rollout) -> str:
    """Say how the rollout ended, with a link to its board."""
    board = f" · {message_link(rollout.board, 'board')}" if rollout.board else ""
    return f"{final_announcement(rollout)[:MAX_SUMMARY]}{board}"
