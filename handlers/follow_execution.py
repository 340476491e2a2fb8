"""Close a rollout whose execution ended where nothing of ours ran: stopped, or timed out.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers import runtime, taking_turns
from handlers.domain.audit import ended
from handlers.domain.closing import close
from handlers.domain.conclusion import Conclusion
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Rollout, short_name
from handlers.domain.trouble import sentence
from handlers.observe import about, count, traced
from handlers.slack import words

_ENDS: Final = {
    "ABORTED": Outcome.ABORTED,
    "TIMED_OUT": Outcome.TIMED_OUT,
    "FAILED": Outcome.FAULT,
}


def conclusion_of(detail: Mapping[str, Any], rollout: Rollout) -> Conclusion:
    """Say how an execution ended that could not say so itself."""
    said = detail.get("cause") or detail.get("error") or ""
    runs = ", ".join(
        f"{color} runs {short_name(rollout.runs(color)) or 'neither release for sure'}"
        for color in rollout.colors
    )
    return Conclusion(outcome=_ENDS[detail["status"]], cause=sentence(said, runs))


def _follow_execution(event: Mapping[str, Any]) -> None:
    detail, now = event["detail"], runtime.now()
    rollout = runtime.rollouts().get(detail["name"])
    if rollout is None or detail["status"] not in _ENDS:
        return
    about(rollout)
    closed, is_first = close(
        rollout,
        conclusion_of(detail, rollout),
        rollouts=runtime.rollouts(),
        approvals=runtime.approvals(),
        locks=runtime.locks(),
        now=now,
    )
    taking_turns.wake_next(closed.application)
    runtime.audit().note(ended(closed, now))
    teller = runtime.teller()
    teller.show(closed)
    if is_first:
        teller.announce(closed, words.final_announcement(closed))
        count("Rollouts", outcome=closed.outcome, application=closed.application)


lambda_handler = traced(_follow_execution)
