"""All words for people: one function an occasion. Short, specific, and what to do next."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final

from handlers.domain.admission.image_push import is_by_push
from handlers.domain.approvals.approval import Approval, mention
from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules
from handlers.domain.model.durations import in_words
from handlers.domain.model.outcomes import (
    DecisionOutcome,
    DeploymentOutcome,
    RolloutOutcome,
    Verdict,
)
from handlers.domain.model.prerequisite import Awaited, Awaits
from handlers.domain.model.rollout import ColorProgress, Doubt, Rollout, Stage, short_name

MAX_TITLE: Final = 150
"""Characters, as of a header: a release of many images has a long name."""

_STAGES: Final = {
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

_ENDS: Final = {
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


def asked_by(rollout: Rollout) -> str:
    """Say who asked for the rollout, and why."""
    who = mention(rollout.requested_by) if rollout.requested_by else "The API"
    did = "A push started it" if is_by_push(rollout) else f"{who} asked for it"
    said = did + (f": {plain(rollout.reason)}" if rollout.reason else ".")
    if rollout.despite:
        said += f"\nStarted although it was unwell: {plain(rollout.despite)}"
    return said


def awaited(rollout: Rollout, waited: Awaited, since: str = "") -> str:
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
    said = f"*{progress.color}* {_stage(rollout, progress)}"
    revision = short_name(rollout.runs(progress.color))
    if revision:
        said += f" · {revision}"
    if progress.decision and progress.decision.outcome == DecisionOutcome.APPROVED:
        names = (*progress.decision.others, progress.decision.by)
        said += f" · approved by {people(names)}"
    answered = doubt_answered(progress)
    said += f" · {answered}" if answered else ""
    is_said = progress.stage in {Stage.WAITING, Stage.RELEASED} or open_doubt(rollout, progress)
    if progress.detail and not is_said:
        said += f"\n{plain(progress.detail)}"
    return said


def _stage(rollout: Rollout, progress: ColorProgress) -> str:
    """Say where a color is; one that waits for nothing any more does not wait."""
    answered = progress.decision.outcome if progress.decision else ""
    if progress.stage is Stage.ASKING and answered not in {"", DecisionOutcome.APPROVED}:
        return f"was {answered.replace('_', ' ')}"
    if progress.stage in {Stage.WAITING, Stage.ASKING} and not rollout.is_open:
        return "was not reached"
    return _STAGES[progress.stage]


def question(rollout: Rollout, progress: ColorProgress) -> str:
    """Ask about one color: what is known, what is missing, and until when."""
    said = [f"*Deploy {title(rollout)} to {progress.color}?*"]
    released = [c for c in rollout.colors.values() if c.stage is Stage.RELEASED]
    before = [c.color for c in released]
    if before:
        said += _already(released)
    if progress.required > 1:
        said.append(approvals_so_far(progress))
    if progress.until:
        ends = "is asked on" if progress.keeps_waiting else "is rejected"
        back = f", and {listed(before)} {goes(before)} back" if before else ""
        back = "" if progress.keeps_waiting else back
        said.append(f"Expires {moment(progress.until)}: then it {ends}{back}.")
    return " ".join(said)


def _already(released: Sequence[ColorProgress]) -> list[str]:
    """Say what is known of the colors that run the release; none looks healthier than it is."""
    names = [color.color for color in released]
    doubtful = [said for color in released if (said := _doubtful(color))]
    if not doubtful:
        look = "looks" if len(names) == 1 else "look"
        return [f"{listed(names)} already {_run(names)} it and {look} healthy."]
    return [f"{listed(names)} already {_run(names)} it.", *doubtful]


def _doubtful(progress: ColorProgress) -> str:
    """Say why a color that runs the release cannot be called healthy; nothing where it can."""
    answer = progress.doubt.decision if progress.doubt else None
    if answer and answer.outcome == DecisionOutcome.APPROVED:
        return f"{progress.color} was {doubt_answered(progress)}."
    if not progress.evidence or progress.evidence.verdict is Verdict.HEALTHY:
        return ""
    return f"The last look at {progress.color}: {progress.evidence.verdict.replace('_', ' ')}."


def approvals_so_far(asked: ColorProgress | Doubt) -> str:
    """Say how many of several approvals were given, and by whom."""
    by = f" so far: {people(asked.approved_by)}." if asked.approved_by else "."
    return f"{len(asked.approved_by)} of {asked.required} approvals{by}"


def open_doubt(rollout: Rollout, progress: ColorProgress) -> Doubt | None:
    """Return the open question about a color's health; None where nobody is asked any more."""
    doubt, is_left = progress.doubt, rollout.is_open and not rollout.roll_back_asked
    is_asked = progress.stage is Stage.UNCLEAR and doubt and doubt.decision is None
    return doubt if is_left and is_asked else None


def doubt_answered(progress: ColorProgress) -> str:
    """Say who decided what about a color that was unclear; nothing while nobody has."""
    decision = progress.doubt.decision if progress.doubt else None
    if decision is None:
        return ""
    who = people((*decision.others, decision.by))
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


def announcement(rollout: Rollout, approval: Approval, rules: ApprovalRules) -> str:
    """Call people to a question."""
    asked = f"may {title(rollout)} go to {approval.color}? Answer on the board."
    return f"{called(rules, approval.requester)}{asked}"


def reminder(rollout: Rollout, approval: Approval, rules: ApprovalRules, now: datetime) -> str:
    """Call people to a question again."""
    waited = in_words(now - approval.asked)
    ends = f" It expires {moment(approval.until)}." if now < approval.until else ""
    asked = f"{title(rollout)} has waited {waited} for an answer about {approval.color}.{ends}"
    return f"{called(rules, approval.requester)}{asked}"


def more_needed(rules: ApprovalRules, answers: Iterable[ApprovalAnswer]) -> str:
    """Tell somebody that their approval counts and is not the last one needed."""
    given = list(answers)
    left = rules.required - len(given)
    present = {group for answer in given for group in answer.groups}
    missing = [f"<!subteam^{group}>" for group in rules.must_include if group not in present]
    needs = [f"{left} more {'approval' if left == 1 else 'approvals'}"] if left > 0 else []
    needs += [f"somebody of {listed(missing)}"] if missing else []
    return f"Your approval counts. Still needed: {listed(needs)}."


def people(ids: Iterable[str]) -> str:
    """Mention several people."""
    return listed([mention(each) for each in ids])


def moment(at: datetime) -> str:
    """Say a time, in each reader's own time zone.

    https://docs.slack.dev/messaging/formatting-message-text, "Date formatting".
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>"


def setting_out(color: str, revision: str, *, returning: bool) -> str:
    """Tell the thread that a color is on its way."""
    if returning:
        return f"Putting {color} back to {short_name(revision)}."
    return f"Deploying {short_name(revision)} to {color}."


def deployed(color: str, outcome: DeploymentOutcome, detail: str) -> str:
    """Tell the thread how a deployment ended."""
    if outcome is DeploymentOutcome.COMPLETED:
        return f"{color} is deployed; verifying it."
    return f"{color}: {_ENDS[RolloutOutcome(outcome)]} {plain(detail)}".strip()


def went_back(color: str, revision: str, detail: str = "") -> str:
    """Tell the thread that a color was put back, or why not."""
    if detail:
        return f"{color} could not be put back to {short_name(revision)}: {plain(detail)}"
    return f"{color} is back on {short_name(revision)}."


def ending(rollout: Rollout) -> str:
    """Say how the rollout ended, and why."""
    head = _ENDS.get(rollout.outcome, "") if rollout.outcome else ""
    return f"*{head or rollout.outcome}* {plain(rollout.cause)}".strip()


def final_announcement(rollout: Rollout) -> str:
    """Announce the end in the channel."""
    return f"{title(rollout)}: {ending(rollout)}"


def plain(text: str) -> str:
    """Write text of others so that Slack takes none of it for markup.

    https://docs.slack.dev/messaging/formatting-message-text: exactly these three are escaped.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clipped(text: str, most: int) -> str:
    """Write text of others in one line of so many characters, without markup or code blocks."""
    line = " ".join(text.split()).replace("```", "'''")
    ends = list(accumulate(len(plain(character)) for character in line))
    if not ends or ends[-1] <= most:
        return plain(line)
    return plain(line[: sum(end < most for end in ends)]) + "…"


def listed(names: Sequence[str]) -> str:
    """Name several."""
    return " and ".join(names)


def _run(names: Sequence[str]) -> str:
    return "run" if len(names) > 1 else "runs"


def goes(names: Sequence[str]) -> str:
    """Say "go" of several and "goes" of one."""
    return "go" if len(names) > 1 else "goes"


def called(rules: ApprovalRules, requester: str) -> str:
    """Mention those who may approve; whoever asked for it only where they may themselves."""
    users = [u for u in rules.users if rules.requester_may_approve or u != requester]
    names = [mention(user) for user in users if mention(user).startswith("<@")]
    names += [f"<!subteam^{group}>" for group in rules.groups]
    return f"{' '.join(names)} " if names else ""
