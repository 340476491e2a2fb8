"""The evidence of verification for people: a line on the board, and a table in the thread."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from handlers.domain.model.durations import in_words
from handlers.domain.model.evidence import Evidence, Result
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import ColorProgress, Rollout, Stage
from handlers.domain.model.verification_settings import Reaction
from handlers.slack.messages import rollout_text
from handlers.slack.messages.markup import clipped, plain
from handlers.slack.sparkline import sparkline
from handlers.slack.text_table import table

MAX_CHARACTERS: Final = 3000
"""Characters told of one color: no more fit into a section."""
MAX_DETAIL_CHARACTERS: Final = 500
"""Characters of what one check says."""
MAX_VALUE_CHARACTERS: Final = 40
"""Characters of a value on the board."""
MAX_ROWS: Final = 20
MAX_TABLE_CHARACTERS: Final = 1500
"""Characters; the reasons need the rest."""
MAX_EXPLAINED: Final = 3
"""Checks in trouble that the board explains; the thread has all of them."""
MAX_WIDTHS: Final = (18, 8, 8)
"""Columns of a check's name, its value and its control: 38 with the gaps, as a phone shows them.
The reasons below the table name in full what is cut here."""

NO_BREAK: Final = "\u00a0"
_REQUESTS: Final = "requests"
_BOARD_CHECKS: Final = (_REQUESTS, "errors", "latency")
"""The checks whose numbers the board shows, in this order."""
_GOOD_VERDICTS: Final = {Verdict.HEALTHY, Verdict.WATCHING}
_TOLERATED_IN_BAKE: Final = {*_GOOD_VERDICTS, Verdict.INCONCLUSIVE, Verdict.NO_DATA}
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


def evidence_line(progress: ColorProgress, evidence: Evidence, board_text: str = "") -> str:
    """Return the board's line about one color's evidence, and a few more about what is wrong.

    Args:
        progress: the color.
        evidence: what verification saw of it last.
        board_text: what the board says of the color already; its reasons are not repeated.
    """
    shown = [each for name in _BOARD_CHECKS if (each := evidence.result(name)) and not each.dry_run]
    fine = _TOLERATED_IN_BAKE if progress.stage is Stage.VERIFYING else _GOOD_VERDICTS
    parts = _progress(progress, evidence)
    parts += [_value_text(each, evidence, stands_out=each.verdict not in fine) for each in shown]
    if _is_against_past(evidence, shown):
        parts.append("against its own past")
    troubled = [
        each
        for each in _worst_first(evidence.results)
        if each.verdict not in fine and each.check not in _BOARD_CHECKS and not each.dry_run
    ]
    return "\n".join([" · ".join(parts), *_explanations(troubled, board_text)])


def evidence_message(progress: ColorProgress, evidence: Evidence) -> str:
    """Return all evidence of one color: values in a table, then the reasons, worst first."""
    text = _headline(progress, evidence)
    if evidence.detail:
        text += f"\n{clipped(evidence.detail, MAX_DETAIL_CHARACTERS)}"
    dashboard = _link(evidence.link, "dashboard")
    text += f" {dashboard}" if dashboard else ""
    text += _value_table(evidence)
    return "\n".join([text, *_result_lines(evidence, MAX_CHARACTERS - len(text))])


def rollout_evidence(rollout: Rollout) -> str:
    name = rollout_text.title(rollout)
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


def _progress(progress: ColorProgress, evidence: Evidence) -> list[str]:
    """Return how far the bake is and its verdict so far, or the final verdict."""
    verdict = evidence.verdict.replace("_", " ")
    watched = in_words(evidence.at - evidence.since) if evidence.at > evidence.since else ""
    if progress.stage is not Stage.VERIFYING:
        return [f"*{verdict}*", *([watched] if watched else [])]
    bake = f"*baking* for {watched}" if watched else "*baking*"
    looks = [f"{evidence.looks} looks"] if evidence.looks > 1 else []
    return [bake, *looks, *([] if evidence.verdict is Verdict.WATCHING else [f"{verdict} so far"])]


def _value_text(result: Result, evidence: Evidence, *, stands_out: bool) -> str:
    """Return one check's value, the value that it is compared with, and its sparkline."""
    value = _on_one_line(result.value) or result.verdict.replace("_", " ")
    counted = result.check == _REQUESTS and result.value
    text = f"{value} {_REQUESTS}" if counted else f"{result.check} {value}"
    text = f"*{text}*" if stands_out else text
    if result.check == _REQUESTS:
        return text
    against = "control" if evidence.control else "before"
    held = f"({against}{NO_BREAK}{_on_one_line(result.control)})" if result.control else ""
    drawn = NO_BREAK.join(part for part in (held, sparkline(result.series)) if part)
    return f"{text} {drawn}" if drawn else text


def _on_one_line(text: str) -> str:
    """Keep a number and its unit on one line of a narrow screen."""
    return clipped(text, MAX_VALUE_CHARACTERS).replace(" ", NO_BREAK)


def _explanations(troubled: Iterable[Result], board_text: str) -> list[str]:
    """Explain the checks in trouble whose numbers the board does not show."""
    new = [each for each in troubled if not (each.detail and plain(each.detail) in board_text)]
    lines = [f"{_MARKS[each.verdict]} {_finding(each)}" for each in new[:MAX_EXPLAINED]]
    more = len(new) - MAX_EXPLAINED
    return [*lines, f"… and {more} more"] if more > 0 else lines


def _headline(progress: ColorProgress, evidence: Evidence) -> str:
    text = f"*{progress.color}* is *{evidence.verdict.replace('_', ' ')}*"
    if evidence.verdict in {Verdict.NO_DATA, Verdict.ERROR}:
        text = f"*{progress.color}*: *{evidence.verdict.replace('_', ' ')}*"
    if evidence.reaction is not Reaction.GO_ON:
        text += f" → {evidence.reaction}"
    looks = "1 look" if evidence.looks == 1 else f"{evidence.looks} looks"
    parts = [text, f"{in_words(evidence.at - evidence.since)}, {looks}"]
    if evidence.control:
        parts.append(f"control: {' and '.join(evidence.control)}")
    elif _is_against_past(evidence, evidence.results):
        parts.append("against its own past, which is weaker")
    answered = rollout_text.health_answer(progress)
    return " · ".join([*parts, answered] if answered else parts)


def _is_against_past(evidence: Evidence, results: Iterable[Result]) -> bool:
    """Tell whether the results were compared, and not with a control at the same time."""
    return not evidence.control and any(each.control for each in results)


def _value_table(evidence: Evidence) -> str:
    """Return the table of values, only the worst of very many; empty where there is no value."""
    results = sorted(evidence.results, key=lambda each: each.dry_run)
    if not any(each.value or each.control for each in results):
        return ""
    if len(results) > MAX_ROWS:
        results = _worst_first(results)[:MAX_ROWS]
    against = "control" if evidence.control else "before"
    rows = [("check", "now", against)]
    rows += [(_marked_name(each), each.value, each.control) for each in results]
    lines = plain(table(rows, MAX_WIDTHS)).split("\n")
    while sum(len(line) + 1 for line in lines) > MAX_TABLE_CHARACTERS:
        lines.pop()
    left_out = len(evidence.results) + 1 - len(lines)
    lines += [f"… and {left_out} more"] if left_out else []
    return "\n".join(["\n```", *lines, "```"])


def _marked_name(result: Result) -> str:
    name = f"({result.check})" if result.dry_run else result.check
    return f"{_MARKS[result.verdict]} {name}"


def _worst_first(results: Iterable[Result]) -> list[Result]:
    """Return the deciding results first, the worst of them before the others."""
    marks = list(_MARKS)
    return sorted(results, key=lambda each: (each.dry_run, marks.index(each.verdict)))


def _result_lines(evidence: Evidence, most: int) -> list[str]:
    """Return a line for each result, worst first, with a link to look closer.

    Where they are longer than `most` characters, links are left out first, then the least bad.
    What the headline says already is not repeated: then only the link is left.
    """
    parts = [each for each in _worst_first(evidence.results) if _adds_something(each, evidence)]
    lines = [_result_line(each, evidence) for each in parts]
    ends = list(accumulate(len(line) + 1 for line in lines))
    left = most - len("\n… and 999 more")
    fitting = sum(end <= left for end in ends)
    left -= ends[fitting - 1] if fitting else 0
    for place, result in enumerate(parts[:fitting]):
        link = _link(result.link, "look")
        if link and len(link) < left:
            lines[place] += f" {link}"
            left -= len(link) + 1
    more = len(lines) - fitting
    return [*lines[:fitting], *([f"… and {more} more"] if more else [])]


def _adds_something(result: Result, evidence: Evidence) -> bool:
    return bool(_link(result.link, "look")) or not _is_in_headline(result, evidence)


def _is_in_headline(result: Result, evidence: Evidence) -> bool:
    return bool(result.detail) and result.detail in evidence.detail


def _result_line(result: Result, evidence: Evidence) -> str:
    if _is_in_headline(result, evidence):
        return f"{_MARKS[result.verdict]} *{clipped(result.check, MAX_DETAIL_CHARACTERS)}*"
    return f"{_MARKS[result.verdict]} {_finding(result)}"


def _finding(result: Result) -> str:
    text = clipped(result.detail, MAX_DETAIL_CHARACTERS) or result.verdict.replace("_", " ")
    name = f"*{clipped(result.check, MAX_DETAIL_CHARACTERS)}*"
    return f"{name}{' (dry run)' if result.dry_run else ''}: {text}"


def _link(address: str, label: str) -> str:
    """Link to where one can look closer, unless it is no address of the web."""
    if not address.startswith(("https://", "http://")) or len(address.split()) > 1:
        return ""
    for mark, written in (("<", "%3C"), (">", "%3E"), ("|", "%7C"), ('"', "%22"), ("`", "%60")):
        address = address.replace(mark, written)
    return f"<{plain(address)}|{label}>"
