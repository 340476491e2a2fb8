"""What verification saw, for people: a line on the board, and all of it in the thread."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from handlers.domain.model.durations import in_words
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.slack import messages
from handlers.slack.messages import clipped, plain
from handlers.slack.sparkline import sparkline
from handlers.slack.text_table import table

MOST: Final = 3000
"""Characters told of one color: no more fit into a section."""
MOST_REASON: Final = 500
"""Characters of what one check says."""
MOST_NUMBER: Final = 40
"""Characters of a value on the board."""
MOST_ROWS: Final = 20
MOST_TABLE: Final = 1500
"""Characters; the reasons need the rest."""
MOST_EXPLAINED: Final = 3
"""Checks in trouble that the board explains; the thread has all of them."""
WIDEST: Final = (24, 13, 13)
"""Columns of a check's name, its value and its control: 54 with the gaps. A phone shows fewer than
60, and the usual `✗ latency  912 ms  208 ms` takes half of that."""

NO_BREAK: Final = "\u00a0"
_REQUESTS: Final = "requests"
_ON_BOARD: Final = (_REQUESTS, "errors", "latency")
"""The checks whose numbers the board shows, in this order."""
_FINE: Final = {Verdict.HEALTHY, Verdict.WATCHING}
_EARLY: Final = {*_FINE, Verdict.INCONCLUSIVE, Verdict.NO_DATA}
"""During the bake it is no trouble yet that there is too little to tell."""
_MARKS: Final = {
    Verdict.UNHEALTHY: "✗",
    Verdict.ERROR: "!",
    Verdict.NO_DATA: "∅",
    Verdict.INCONCLUSIVE: "?",
    Verdict.WATCHING: "…",
    Verdict.HEALTHY: "✓",
}
"""What people read first comes first."""


def evidence_line(progress: ColorProgress, evidence: Evidence, said: str = "") -> str:
    """Say on the board what is seen of one color, in one line; and what is wrong, in a few more.

    Args:
        progress: the color.
        evidence: what verification saw of it last.
        said: what the board says of the color already; a reason in it is not said again.
    """
    shown = [each for name in _ON_BOARD if (each := evidence.result(name)) and not each.dry_run]
    fine = _EARLY if progress.stage is Stage.VERIFYING else _FINE
    parts = _standing(progress, evidence)
    parts += [_number(each, evidence, stands_out=each.verdict not in fine) for each in shown]
    if _is_weaker(evidence, shown):
        parts.append("against its own past")
    troubled = [
        each
        for each in _by_weight(evidence.results)
        if each.verdict not in fine and each.check not in _ON_BOARD and not each.dry_run
    ]
    return "\n".join([" · ".join(parts), *_explained(troubled, said)])


def evidence_message(progress: ColorProgress, evidence: Evidence) -> str:
    """Tell all that was seen of one color: numbers in a table, then the reasons, worst first."""
    told = _head(progress, evidence)
    if evidence.detail:
        told += f"\n{clipped(evidence.detail, MOST_REASON)}"
    dashboard = _link(evidence.link, "dashboard")
    told += f" {dashboard}" if dashboard else ""
    told += _numbers(evidence)
    return "\n".join([told, *_reasons(evidence, MOST - len(told))])


def evidence_of(rollout: Rollout) -> str:
    """Tell all that was seen of every color of a rollout."""
    name = messages.title(rollout)
    seen = [
        evidence_message(color, color.evidence)
        for color in rollout.colors.values()
        if color.evidence
    ]
    head = f"What was seen of *{name}* ({plain(rollout.id)}):"
    return "\n\n".join([head, *seen]) if seen else f"No color of {name} was verified yet."


def no_evidence(application: str) -> str:
    """Say that none of an application's last rollouts came to verification."""
    return f"There is no evidence of any recent rollout of {application}."


def _standing(progress: ColorProgress, evidence: Evidence) -> list[str]:
    """Say how far the bake is and what it says so far, or what it came to."""
    verdict = evidence.verdict.replace("_", " ")
    watched = in_words(evidence.at - evidence.since) if evidence.at > evidence.since else ""
    if progress.stage is not Stage.VERIFYING:
        return [f"*{verdict}*", *([watched] if watched else [])]
    bake = f"*baking* for {watched}" if watched else "*baking*"
    looks = [f"{evidence.looks} looks"] if evidence.looks > 1 else []
    return [bake, *looks, *([] if evidence.verdict is Verdict.WATCHING else [f"{verdict} so far"])]


def _number(result: Result, evidence: Evidence, *, stands_out: bool) -> str:
    """Say one check's value, what it is held against, and how it went."""
    value = _unbroken(result.value) or result.verdict.replace("_", " ")
    counted = result.check == _REQUESTS and result.value
    said = f"{value} {_REQUESTS}" if counted else f"{result.check} {value}"
    said = f"*{said}*" if stands_out else said
    if result.check == _REQUESTS:
        return said
    against = "control" if evidence.control else "before"
    held = f"({against}{NO_BREAK}{_unbroken(result.control)})" if result.control else ""
    drawn = NO_BREAK.join(part for part in (held, sparkline(result.series)) if part)
    return f"{said} {drawn}" if drawn else said


def _unbroken(text: str) -> str:
    """Keep a number and its unit on one line of a narrow screen."""
    return clipped(text, MOST_NUMBER).replace(" ", NO_BREAK)


def _explained(troubled: Iterable[Result], said: str) -> list[str]:
    """Explain the checks in trouble whose numbers the board does not show."""
    new = [each for each in troubled if not (each.detail and plain(each.detail) in said)]
    lines = [f"{_MARKS[each.verdict]} {_saying(each)}" for each in new[:MOST_EXPLAINED]]
    more = len(new) - MOST_EXPLAINED
    return [*lines, f"… and {more} more"] if more > 0 else lines


def _head(progress: ColorProgress, evidence: Evidence) -> str:
    said = f"*{progress.color}* is *{evidence.verdict.replace('_', ' ')}*"
    if evidence.verdict in {Verdict.NO_DATA, Verdict.ERROR}:
        said = f"*{progress.color}*: *{evidence.verdict.replace('_', ' ')}*"
    if evidence.reaction is not Reaction.GO_ON:
        said += f" → {evidence.reaction}"
    looks = "1 look" if evidence.looks == 1 else f"{evidence.looks} looks"
    parts = [said, f"{in_words(evidence.at - evidence.since)}, {looks}"]
    if evidence.control:
        parts.append(f"control: {' and '.join(evidence.control)}")
    elif _is_weaker(evidence, evidence.results):
        parts.append("against its own past, which is weaker")
    answered = messages.doubt_answered(progress)
    return " · ".join([*parts, answered] if answered else parts)


def _is_weaker(evidence: Evidence, results: Iterable[Result]) -> bool:
    """Tell whether these were compared, and with nothing that ran at the same time."""
    return not evidence.control and any(each.control for each in results)


def _numbers(evidence: Evidence) -> str:
    """Draw the table, the worst rows of very many; nothing where nothing has a number."""
    results = sorted(evidence.results, key=lambda each: each.dry_run)
    if not any(each.value or each.control for each in results):
        return ""
    if len(results) > MOST_ROWS:
        results = _by_weight(results)[:MOST_ROWS]
    against = "control" if evidence.control else "before"
    rows = [("check", "now", against)]
    rows += [(_named(each), each.value, each.control) for each in results]
    lines = plain(table(rows, WIDEST)).split("\n")
    while sum(len(line) + 1 for line in lines) > MOST_TABLE:
        lines.pop()
    left_out = len(evidence.results) + 1 - len(lines)
    lines += [f"… and {left_out} more"] if left_out else []
    return "\n".join(["\n```", *lines, "```"])


def _named(result: Result) -> str:
    name = f"({result.check})" if result.dry_run else result.check
    return f"{_MARKS[result.verdict]} {name}"


def _by_weight(results: Iterable[Result]) -> list[Result]:
    """Put first what decides and is worst."""
    marks = list(_MARKS)
    return sorted(results, key=lambda each: (each.dry_run, marks.index(each.verdict)))


def _reasons(evidence: Evidence, most: int) -> list[str]:
    """Say what each check found, worst first, and where to look closer.

    Where that is too long for so many characters, links are left out first, then what is least
    bad. What the head says already is not said again: then only the link is left.
    """
    told = [each for each in _by_weight(evidence.results) if _is_told(each, evidence)]
    lines = [_reason(each, evidence) for each in told]
    ends = list(accumulate(len(line) + 1 for line in lines))
    left = most - len("\n… and 999 more")
    fitting = sum(end <= left for end in ends)
    left -= ends[fitting - 1] if fitting else 0
    for place, result in enumerate(told[:fitting]):
        link = _link(result.link, "look")
        if link and len(link) < left:
            lines[place] += f" {link}"
            left -= len(link) + 1
    more = len(lines) - fitting
    return [*lines[:fitting], *([f"… and {more} more"] if more else [])]


def _is_told(result: Result, evidence: Evidence) -> bool:
    return bool(_link(result.link, "look")) or not _is_said(result, evidence)


def _is_said(result: Result, evidence: Evidence) -> bool:
    return bool(result.detail) and result.detail in evidence.detail


def _reason(result: Result, evidence: Evidence) -> str:
    if _is_said(result, evidence):
        return f"{_MARKS[result.verdict]} *{clipped(result.check, MOST_REASON)}*"
    return f"{_MARKS[result.verdict]} {_saying(result)}"


def _saying(result: Result) -> str:
    said = clipped(result.detail, MOST_REASON) or result.verdict.replace("_", " ")
    return f"*{clipped(result.check, MOST_REASON)}*{' (dry run)' if result.dry_run else ''}: {said}"


def _link(address: str, label: str) -> str:
    """Link to where one can look closer, unless it is no address of the web."""
    if not address.startswith(("https://", "http://")) or len(address.split()) > 1:
        return ""
    for mark, written in (("<", "%3C"), (">", "%3E"), ("|", "%7C"), ('"', "%22")):
        address = address.replace(mark, written)
    return f"<{plain(address)}|{label}>"
