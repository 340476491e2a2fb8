"""What a right end is: the scenarios, the load bench and the simulation hold their ends to it.

The outcome that is said is the true one. All colors run one new revision, or each its previous
one. No lock, no open question and no live button is left.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Final

from handlers.domain.model.group import GROUP_ERRORS
from handlers.domain.model.outcomes import CUT_SHORT, ERRORS
from handlers.slack.action_ids import Action

_STATUSES: Final[Mapping[str, str]] = {outcome: status for status, outcome in CUT_SHORT.items()}
_ERRORS: Final[dict[str, str]] = {
    outcome.value: error for outcome, error in (*ERRORS.items(), *GROUP_ERRORS.items())
}


def execution_end(outcome: str) -> tuple[str, str]:
    """Return status and error name of the execution of a rollout or a group, by its outcome."""
    error = _ERRORS.get(outcome, "")
    status = _STATUSES.get(outcome, "FAILED" if error else "SUCCEEDED")
    return status, error


def outcome_problems(found: Mapping[str, Any], outcome: str) -> list[str]:
    """Return where outcome, execution status and error differ from those of the right outcome."""
    status, error = execution_end(outcome)
    return differences(found, {"outcome": outcome, "error": error, "execution_status": status})


def differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Return each expected value that differs from the one that was found."""
    return [
        f"{name} is {found[name]!r}, expected {value!r}"
        for name, value in expected.items()
        if found[name] != value
    ]


def revision_problems(
    application: str, runs: Mapping[str, str], previous: Mapping[str, str], *, is_released: bool
) -> list[str]:
    """Return whether colors run other revisions than they should.

    Args:
        application: whose colors.
        runs: color → the revision that it runs.
        previous: color → the revision that it ran before.
        is_released: whether all must run one new revision, or one of each of the families that
            they ran before; else each its previous one.
    """
    revisions, before = set(runs.values()), set(previous.values())
    families = {_family(each) for each in before}
    is_kept = all(_family(runs[color]) == _family(previous.get(color, "")) for color in runs)
    is_new = is_kept and len(revisions) == len(families) and not revisions & before
    if is_released and not is_new:
        return [f"colors of {application} run {dict(runs)}, expected one new revision"]
    if not is_released and runs != previous:
        return [f"colors of {application} run {dict(runs)}, expected {dict(previous)}"]
    return []


def _family(revision: str) -> str:
    return revision.rpartition("/")[2].partition(":")[0]


def leftovers(locks: Iterable[str] = (), open_questions: Iterable[str] = ()) -> Iterator[str]:
    """Yield each lock that is still held, and each question without a decision."""
    yield from (f"{application} is still locked" for application in locks)
    yield from (f"the question about {question} is still open" for question in open_questions)


def live_buttons(
    blocks: Iterable[Mapping[str, Any]], may_go_back: Container[str] = ()
) -> list[str]:
    """Return the buttons that may not be on the board of an ended rollout.

    Args:
        blocks: the board's.
        may_go_back: the rollouts whose boards may offer *Roll back*, by id.
    """
    return [
        f"{button['action_id']} {button['value']}"
        for block in blocks
        if block["type"] == "actions"
        for button in block["elements"]
        if button["action_id"] != Action.ROLL_BACK or button["value"] not in may_go_back
    ]
