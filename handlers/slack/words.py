"""All words for people: one function an occasion. Short, specific, and what to do next."""

from collections.abc import Iterable, Sequence
from typing import Final

from handlers.domain.outcomes import Outcome, Verdict
from handlers.domain.rollout import ColorProgress, Decision, Rollout, Stage, short_name

HELP: Final = (
    "`/rollout <application> <tag> [reason]` rolls an image out: red, then yellow, then green, "
    "asking here before each.\nFor example `/rollout {application} v1.42.0 faster search`.\n"
    "Applications: {applications}."
)

_STAGES: Final = {
    Stage.WAITING: "waits its turn",
    Stage.ASKING: "waits for an answer",
    Stage.DEPLOYING: "is being deployed",
    Stage.VERIFYING: "is being verified",
    Stage.RELEASED: "runs the release",
    Stage.FAILED: "failed",
    Stage.GOING_BACK: "is going back",
    Stage.PUT_BACK: "was put back",
    Stage.STRANDED: "could not be put back",
}

_ENDS: Final = {
    Outcome.COMPLETED: "Completed.",
    Outcome.PUT_BACK: "Put back.",
    Outcome.BUSY: "Refused: the application is busy. Start again when that rollout has ended.",
    Outcome.MID_DEPLOYMENT: "Refused: a color is mid-deployment. Start again when it has settled.",
    Outcome.IMAGE_NOT_FOUND: "Refused: there is no such image. Check the tag, or push it first.",
    Outcome.NOT_DEPLOYABLE: "Refused: it cannot be deployed.",
    Outcome.REJECTED: "Rejected.",
    Outcome.EXPIRED: "Expired: nobody answered in time. Start again when people are there.",
    Outcome.WITHDRAWN: "Withdrawn.",
    Outcome.ROLLED_BACK: "ECS rolled the deployment back. Look at the stopped tasks' logs.",
    Outcome.FAILED: "The deployment failed. Look at the service's events.",
    Outcome.SUPERSEDED: "Someone else deployed meanwhile. Agree who goes first, then start again.",
    Outcome.STOPPED: "The deployment was stopped in ECS.",
    Outcome.SCALED_TO_ZERO: "The service is scaled to zero, so nothing can be verified.",
    Outcome.OVERDUE: "The deployment took too long.",
    Outcome.UNHEALTHY: "Verification found it unhealthy.",
    Outcome.UNVERIFIED: "Verification could not tell, and what is not measured does not pass.",
    Outcome.FAULT: "A step failed. Open the execution to see why.",
    Outcome.ROLLBACK_FAILED: "Not every color could be put back. Put it back by hand.",
    Outcome.ABORTED: "The execution was stopped.",
    Outcome.TIMED_OUT: "The execution took longer than it may.",
}


def help_text(applications: Iterable[str]) -> str:
    """Say how the command is used."""
    names = sorted(applications)
    return HELP.format(application=names[0], applications=", ".join(names))


def title(rollout: Rollout) -> str:
    """Name a rollout: `api v1.42.0`."""
    return f"{rollout.application} {rollout.release.name}".strip()


def person(user: str) -> str:
    """Mention a Slack user; name anyone else."""
    return f"<@{user}>" if user[:1] in {"U", "W"} and user.isalnum() else user or "someone"


def asked_by(rollout: Rollout) -> str:
    """Say who asked for the rollout, and why."""
    who = person(rollout.requested_by) if rollout.requested_by else "The API"
    return f"{who} asked for it" + (f": {plain(rollout.reason)}" if rollout.reason else ".")


def color_line(rollout: Rollout, progress: ColorProgress) -> str:
    """Say in one line where a color is."""
    said = f"*{progress.color}* {_STAGES[progress.stage]}"
    revision = short_name(rollout.runs(progress.color))
    if revision:
        said += f" · {revision}"
    if progress.decision and progress.decision.outcome == Outcome.APPROVED:
        said += f" · approved by {person(progress.decision.by)}"
    if progress.detail and progress.stage not in {Stage.WAITING, Stage.RELEASED}:
        said += f"\n{plain(progress.detail)}"
    return said


def question(rollout: Rollout, color: str) -> str:
    """Ask about one color."""
    before = [c.color for c in rollout.colors.values() if c.stage is Stage.RELEASED]
    seen = f" {_and(before)} already {_run(before)} it and look healthy." if before else ""
    back = f" A refusal puts {_and(before)} back." if before else ""
    return f"*Deploy {title(rollout)} to {color}?*{seen}{back}"


def announcement(rollout: Rollout, color: str, approvers: Sequence[str]) -> str:
    """Call people to a question."""
    who = " ".join(person(user) for user in approvers)
    return f"{who} {title(rollout)}: may it go to {color}? Answer on the board.".strip()


def decided(color: str, decision: Decision) -> str:
    """Tell the thread who decided what."""
    if decision.outcome == Outcome.EXPIRED:
        return f"Nobody answered for {color} in time."
    why = f": {plain(decision.reason)}" if decision.reason else "."
    return f"{person(decision.by)} {decision.outcome} {color}{why}"


def deploying(color: str, revision: str) -> str:
    """Tell the thread that a color is being deployed."""
    return f"Deploying {short_name(revision)} to {color}."


def deployed(color: str, outcome: Outcome, detail: str) -> str:
    """Tell the thread how a deployment ended."""
    if outcome is Outcome.COMPLETED:
        return f"{color} is deployed; verifying it."
    return f"{color}: {_ENDS[outcome]} {plain(detail)}".strip()


def verified(color: str, verdict: Verdict, detail: str) -> str:
    """Tell the thread what verification found."""
    return f"{color} is {verdict.replace('_', ' ')}: {plain(detail)}"


def went_back(color: str, revision: str, detail: str = "") -> str:
    """Tell the thread that a color was put back, or why not."""
    if detail:
        return f"{color} could not be put back to {short_name(revision)}: {plain(detail)}"
    return f"{color} is back on {short_name(revision)}."


def ending(rollout: Rollout) -> str:
    """Say how the rollout ended, and why."""
    known = rollout.outcome in set(Outcome)
    head = _ENDS.get(Outcome(rollout.outcome), "") if known else ""
    return f"*{head or rollout.outcome}* {plain(rollout.cause)}".strip()


def final_announcement(rollout: Rollout) -> str:
    """Announce the end in the channel."""
    return f"{title(rollout)}: {ending(rollout)}"


def plain(text: str) -> str:
    """Write text of others so that Slack takes none of it for markup.

    https://docs.slack.dev/messaging/formatting-message-text: exactly these three are escaped.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _run(names: Sequence[str]) -> str:
    return "run" if len(names) > 1 else "runs"
