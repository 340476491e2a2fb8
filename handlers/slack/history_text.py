"""What people are told of rollouts when they ask: what is on, what was, and what changed."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.history.audit import AuditEntry, EventKind
from handlers.domain.model.durations import in_words
from handlers.domain.model.image_reference import with_short_images
from handlers.domain.model.rollout import Board, ColorProgress, Rollout, Stage, short_name
from handlers.slack import messages
from handlers.slack.board_blocks import execution_url
from handlers.slack.messages import plain

MOST_TOLD: Final = 20
"""Entries of one story; the export has all of them."""
MOST_DETAIL: Final = 200
"""Characters of what is told of one entry."""

_REVISION: Final = re.compile(r"arn:[\w-]+:ecs:[\w-]*:\d*:task-definition/([\w-]+:\d+)")
_WAITS: Final = {
    Stage.ASKING,
    Stage.DEPLOYING,
    Stage.VERIFYING,
    Stage.UNCLEAR,
    Stage.GOING_BACK,
}
_HAPPENED: Final = {
    EventKind.REQUESTED: "asked for it",
    EventKind.REFUSED_START: "refused to start it",
    EventKind.ASKED: "asked about {color}",
    EventKind.REMINDED: "reminded people of {color}",
    EventKind.ANSWERED: "answered about {color}",
    EventKind.DECIDED: "decided {color}",
    EventKind.REFUSED_CLICK: "answered about {color}, which did not count",
    EventKind.STALE_CLICK: "answered about {color}, where something had changed",
    EventKind.EXPIRED: "closed the question about {color}",
    EventKind.WITHDRAWN: "withdrew it",
    EventKind.ROLL_BACK_ASKED: "asked to end it",
    EventKind.DEPLOYED: "deployed to {color}",
    EventKind.VERIFIED: "verified {color}",
    EventKind.DOUBTED: "could not tell about {color}",
    EventKind.LATE_FAILURE: "saw {color} turn unhealthy",
    EventKind.PUT_BACK: "put {color} back",
    EventKind.ENDED: "ended it",
}


def status(application: str, rollouts: Sequence[Rollout], now: datetime) -> str:
    """Say what is rolled out now; where nothing is, what each color runs.

    Args:
        application: whose status it is.
        rollouts: its rollouts, newest first.
        now: the present time.
    """
    under_way = [each for each in rollouts if each.is_open and (each.colors or each.awaits)]
    if under_way:
        return "\n".join(_under_way(rollout, now) for rollout in under_way)
    last = next((rollout for rollout in rollouts if rollout.colors), None)
    if last is None:
        return f"*{application}* has not been rolled out yet."
    runs = " · ".join(_runs(last, color) for color in last.colors)
    ended = f" {messages.moment(last.ended)}" if last.ended else ""
    return (
        f"*{application}* is not being rolled out. "
        f"Last: {_linked(last)} {_outcome(last)}{ended}. Its colors then: {runs}."
    )


def history(application: str, rollouts: Sequence[Rollout]) -> str:
    """List the last rollouts, newest first."""
    if not rollouts:
        return f"*{application}* has not been rolled out yet."
    return "\n".join([f"*{application}*, newest first:", *(_listed(each) for each in rollouts)])


def story(rollout: str, entries: Sequence[AuditEntry]) -> str:
    """Tell what happened to one rollout, step by step."""
    left_out = len(entries) - MOST_TOLD
    told = [f"What happened in {plain(rollout)}:"]
    told += [f"… {left_out} earlier, which the audit's export has."] if left_out > 0 else []
    return "\n".join([*told, *(_told(entry) for entry in entries[-MOST_TOLD:])])


def unknown_rollout(application: str, rollout: str) -> str:
    """Say that there is no such rollout."""
    return f"There is no record of a rollout {plain(rollout)} of {application}."


def unknown_application(found: str, applications: Iterable[str]) -> str:
    """Name the applications that there are."""
    known = ", ".join(sorted(applications))
    return f"application: found {plain(repr(found[:80]))}, expected one of {known}"


def going_back(rollout: Rollout, revision: str) -> str:
    """Say to what a rollback goes, and what follows."""
    return (
        f"Going back to {short_name(revision)}, which ran before {messages.title(rollout)}, as a "
        "rollout of its own with its approvals. Its board will follow here."
    )


def nothing_to_go_back_from(application: str) -> str:
    """Say that there is no completed rollout."""
    return f"{application} has no completed rollout to go back from."


def changed_nothing(rollout: Rollout) -> str:
    """Say that going back would change nothing."""
    return f"{messages.title(rollout)} changed nothing: the same revision ran before it."


def several_ways_back(rollout: Rollout) -> str:
    """Say that the colors ran different revisions, and how to choose one."""
    ran = ", ".join(f"{c.color} {short_name(c.previous)}" for c in rollout.colors.values())
    last = list(rollout.colors.values())[-1].previous
    document = f'{{"application":"{rollout.application}","taskDefinition":"{short_name(last)}"}}'
    return (
        f"Before {messages.title(rollout)} the colors ran different revisions: {ran}. Choose one, "
        f"and start it: `aws stepfunctions start-execution --input '{document}' …`"
    )


def changes(rollout: Rollout) -> str:
    """Tell the thread what changes against what the last color runs."""
    last = list(rollout.colors.values())[-1]
    lines = "\n".join(f"• {plain(line)}" for line in rollout.changes)
    return f"What changes against {short_name(last.previous)}, which {last.color} runs:\n{lines}"


def _under_way(rollout: Rollout, now: datetime) -> str:
    head = f"*{messages.title(rollout)}*, for {in_words(now - rollout.started)}"
    asked = messages.asked_by(rollout)
    waited = rollout.awaits
    before = [messages.awaited(rollout, waited, in_words(now - waited.since))] if waited else []
    colors = [_color(rollout, progress, now) for progress in rollout.colors.values()]
    waits = (
        [] if any("since" in said for said in [*before, *colors]) else ["It is between two steps."]
    )
    links = f"{_board(rollout)}<{execution_url(rollout.execution)}|execution>"
    return "\n".join([f"{head}. {asked}", *before, *colors, *waits, links])


def _color(rollout: Rollout, progress: ColorProgress, now: datetime) -> str:
    line, *detail = messages.color_line(rollout, progress).split("\n")
    since = progress.times.get(progress.stage)
    if progress.stage in _WAITS and since:
        line += f" · since {in_words(now - since)}"
    if progress.stage is Stage.ASKING and progress.until:
        line += f" · expires {messages.moment(progress.until)}"
    doubt = messages.open_doubt(rollout, progress)
    if doubt:
        line += f" · rolled back {messages.moment(doubt.until)}"
    return "\n".join([line, *detail])


def _runs(rollout: Rollout, color: str) -> str:
    runs = short_name(rollout.runs(color))
    return f"{color} ran {runs}" if runs else f"{color} ran neither release for sure"


def _listed(rollout: Rollout) -> str:
    said = [f"{_linked(rollout)} {_outcome(rollout)}", messages.moment(rollout.started)]
    if rollout.ended:
        said.append(f"took {in_words(rollout.ended - rollout.started)}")
    asked = _who(rollout.requested_by) if rollout.requested_by else "the API"
    said.append(f"asked for by {asked}")
    return " · ".join([*said, *_decisions(rollout)])


def _decisions(rollout: Rollout) -> list[str]:
    """Say who decided what, colors with the same answer together."""
    colors: dict[str, list[str]] = {}
    for color in rollout.colors.values():
        if color.decision:
            names = (*color.decision.others, color.decision.by)
            answer = f"{color.decision.outcome.replace('_', ' ')} by {_and(map(_who, names))}"
            colors.setdefault(answer, []).append(color.color)
        if messages.doubt_answered(color):
            colors.setdefault(messages.doubt_answered(color), []).append(color.color)
    return [f"{_and(names)} {answer}" for answer, names in colors.items()]


def _told(entry: AuditEntry) -> str:
    happened = _HAPPENED[entry.kind].format(color=entry.color or "it")
    detail = _short(entry.detail)
    said = f"{messages.moment(entry.at)} {_who(entry.actor)} {happened}"
    return f"{said}: {plain(detail)}" if detail else said


def _short(detail: str) -> str:
    """Say images and revisions as people do, for a phone."""
    short = _REVISION.sub(r"\1", with_short_images(detail)).strip(": ")
    return short if len(short) <= MOST_DETAIL else f"{short[:MOST_DETAIL]}…"


def _outcome(rollout: Rollout) -> str:
    return f"*{rollout.outcome.replace('_', ' ') or 'open'}*"


def _linked(rollout: Rollout) -> str:
    name = plain(rollout.release.name or rollout.id)
    return f"<{_address(rollout.board)}|{name}>" if rollout.board else name


def _board(rollout: Rollout) -> str:
    return f"<{_address(rollout.board)}|board> · " if rollout.board else ""


def _address(board: Board) -> str:
    """Link to a message; Slack finds the workspace of the one who follows it."""
    return f"https://slack.com/archives/{board.channel}/p{board.ts.replace('.', '')}"


def _who(person: str) -> str:
    if person == "shingo":
        return "Shingo"
    name = mention(person)
    return name if name == f"<@{person}>" else plain(name)


def _and(names: Iterable[str]) -> str:
    return " and ".join(names)
