"""What people read of an application's rollouts when they ask for status, history or audit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from handlers.domain.approvals.approval import mention
from handlers.domain.history.audit import AuditEntry, EventKind
from handlers.domain.model.durations import in_words
from handlers.domain.model.image_reference import with_short_images
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage, short_name
from handlers.slack.messages.markup import listed, message_link, moment, plain, with_people
from handlers.slack.messages.rollout_text import (
    color_line,
    execution_link,
    health_answer,
    open_health_question,
    requester_line,
    title,
    wait_line,
)

MAX_ENTRIES: Final = 20
"""Entries of one audit; the export has all of them."""
MAX_ENTRY_DETAIL: Final = 200
"""Characters of one entry's detail."""

_REVISION: Final = re.compile(r"arn:[\w-]+:ecs:[\w-]*:\d*:task-definition/([\w-]+:\d+)")
_WAITING_STAGES: Final = {
    Stage.ASKING,
    Stage.DEPLOYING,
    Stage.VERIFYING,
    Stage.UNCLEAR,
    Stage.GOING_BACK,
}
_EVENT_TEXTS: Final = {
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


def status_text(application: str, rollouts: Sequence[Rollout], now: datetime) -> str:
    """Return what is rolled out now; where nothing is, what each color runs.

    Args:
        application: whose status it is.
        rollouts: its rollouts, newest first.
        now: the present time.
    """
    under_way = [each for each in rollouts if each.is_open and (each.colors or each.awaits)]
    if under_way:
        return "\n".join(_open_rollout(rollout, now) for rollout in under_way)
    last = next((rollout for rollout in rollouts if rollout.colors), None)
    if last is None:
        return f"*{application}* has not been rolled out yet."
    runs = " · ".join(_revision_then(last, color) for color in last.colors)
    ended = f" {moment(last.ended)}" if last.ended else ""
    return (
        f"*{application}* is not being rolled out. "
        f"Last: {_rollout_link(last)} {_outcome_word(last)}{ended}. Its colors then: {runs}."
    )


def history_list(application: str, rollouts: Sequence[Rollout]) -> str:
    """List the last rollouts, newest first."""
    if not rollouts:
        return f"*{application}* has not been rolled out yet."
    return "\n".join(
        [f"*{application}*, newest first:", *(_history_line(each) for each in rollouts)]
    )


def audit_trail(rollout: str, entries: Sequence[AuditEntry]) -> str:
    """Return the audit of one rollout, a line for each entry."""
    left_out = len(entries) - MAX_ENTRIES
    parts = [f"What happened in {plain(rollout)}:"]
    parts += [f"… {left_out} earlier, which the audit's export has."] if left_out > 0 else []
    return "\n".join([*parts, *(_audit_line(entry) for entry in entries[-MAX_ENTRIES:])])


def unknown_rollout(application: str, rollout: str) -> str:
    return f"There is no record of a rollout {plain(rollout)} of {application}."


def unknown_application(found: str, applications: Iterable[str]) -> str:
    known = ", ".join(sorted(applications))
    return f"application: found {plain(repr(found[:80]))}, expected one of {known}"


def rollback_started(rollout: Rollout, revisions: Mapping[str, str]) -> str:
    """Say that a rollback begins, and to which revision, or revisions, by color."""
    one, *several = dict.fromkeys(revisions.values())
    each = ", ".join(f"{color} {short_name(arn)}" for color, arn in revisions.items())
    named = each if several else short_name(one)
    return (
        f"Going back to {named}, which ran before {title(rollout)}, as a "
        "rollout of its own with its approvals."
    )


def no_completed_rollout(application: str) -> str:
    return f"{application} has no completed rollout to go back from."


def rollback_without_effect(rollout: Rollout) -> str:
    return f"{title(rollout)} changed nothing: the same revision ran before it."


def several_previous_revisions(rollout: Rollout) -> str:
    """Say that the colors ran different revisions, and how to choose one."""
    ran = ", ".join(f"{c.color} {short_name(c.previous)}" for c in rollout.colors.values())
    last = list(rollout.colors.values())[-1].previous
    document = f'{{"application":"{rollout.application}","taskDefinition":"{short_name(last)}"}}'
    return (
        f"Before {title(rollout)} the colors ran different revisions: {ran}. Choose one, "
        f"and start it: `aws stepfunctions start-execution --input '{document}' …`"
    )


def release_changes(rollout: Rollout) -> str:
    """Tell the thread what changes for each color against what it runs."""
    return "\n".join(
        "\n".join([_changes_head(rollout, colors), *(f"• {plain(line)}" for line in lines)])
        for colors, lines in rollout.changes_for.items()
    )


def _changes_head(rollout: Rollout, colors: Sequence[str]) -> str:
    """Say of which colors the changes are, and against what they run."""
    ran = list(dict.fromkeys(short_name(rollout.colors[color].previous) for color in colors))
    if len(ran) == 1 and len(colors) == len(rollout.colors):
        return f"What changes against {ran[0]}, which {colors[-1]} runs:"
    return f"What changes for {listed(colors)}, against {listed(ran)}:"


def _open_rollout(rollout: Rollout, now: datetime) -> str:
    head = f"*{title(rollout)}*, for {in_words(now - rollout.started)}"
    asked = requester_line(rollout)
    waited = rollout.awaits
    before = [wait_line(rollout, waited, in_words(now - waited.since))] if waited else []
    colors = [_color_line(rollout, progress, now) for progress in rollout.colors.values()]
    waits = (
        [] if any("since" in text for text in [*before, *colors]) else ["It is between two steps."]
    )
    links = f"{_board_link(rollout)}{execution_link(rollout)}"
    return "\n".join([f"{head}. {asked}", *before, *colors, *waits, links])


def _color_line(rollout: Rollout, progress: ColorProgress, now: datetime) -> str:
    line, *detail = color_line(rollout, progress).split("\n")
    since = progress.times.get(progress.stage)
    if progress.stage in _WAITING_STAGES and since:
        line += f" · since {in_words(now - since)}"
    if progress.stage is Stage.ASKING and progress.until:
        line += f" · expires {moment(progress.until)}"
    doubt = open_health_question(rollout, progress)
    if doubt:
        line += f" · rolled back {moment(doubt.until)}"
    return "\n".join([line, *detail])


def _revision_then(rollout: Rollout, color: str) -> str:
    runs = short_name(rollout.runs(color))
    return f"{color} ran {runs}" if runs else f"{color} ran neither release for sure"


def _history_line(rollout: Rollout) -> str:
    parts = [f"{_rollout_link(rollout)} {_outcome_word(rollout)}", moment(rollout.started)]
    if rollout.ended:
        parts.append(f"took {in_words(rollout.ended - rollout.started)}")
    asked = _person(rollout.requested_by) if rollout.requested_by else "the API"
    parts.append(f"asked for by {asked}")
    return " · ".join([*parts, *_decisions(rollout)])


def _decisions(rollout: Rollout) -> list[str]:
    """Say who decided what, colors with the same answer together."""
    colors: dict[str, list[str]] = {}
    for color in rollout.colors.values():
        if color.decision:
            names = (*color.decision.others, color.decision.by)
            answer = f"{color.decision.outcome.replace('_', ' ')} by {listed(map(_person, names))}"
            colors.setdefault(answer, []).append(color.color)
        if health_answer(color):
            colors.setdefault(health_answer(color), []).append(color.color)
    return [f"{listed(names)} {answer}" for answer, names in colors.items()]


def _audit_line(entry: AuditEntry) -> str:
    happened = _EVENT_TEXTS[entry.kind].format(color=entry.color or "it")
    detail = _shortened(entry.detail)
    came = f" (as {mention(entry.caller)})" if entry.caller else ""
    text = f"{moment(entry.at)} {_person(entry.actor)}{came} {happened}"
    return f"{text}: {with_people(plain(detail))}" if detail else text


def _shortened(detail: str) -> str:
    """Return a detail with short images and revisions, for a phone."""
    short = _REVISION.sub(r"\1", with_short_images(detail)).strip(": ")
    return short if len(short) <= MAX_ENTRY_DETAIL else f"{short[:MAX_ENTRY_DETAIL]}…"


def _outcome_word(rollout: Rollout) -> str:
    return f"*{rollout.outcome.replace('_', ' ') or 'open'}*"


def _rollout_link(rollout: Rollout) -> str:
    name = rollout.release.name or rollout.id
    return message_link(rollout.board, name) if rollout.board else plain(name)


def _board_link(rollout: Rollout) -> str:
    return f"{message_link(rollout.board, 'board')} · " if rollout.board else ""


def _person(person: str) -> str:
    if person == "shingo":
        return "Shingo"
    name = mention(person)
    return name if name == f"<@{person}>" else plain(name)
