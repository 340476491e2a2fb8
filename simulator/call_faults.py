"""The faults of one outside call, as its gateway shows them to the handler."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from handlers.domain.model.errors import Refused, SlackUnavailable, Transient
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from simulator.faults import AtCall

SLOW = timedelta(seconds=30)
SLACK_CALLS = frozenset(
    {"slack.post", "slack.edit", "slack.members", "slack.account", "slack.permalink",
     "light.post_ephemeral", "light.members", "light.members_of", "light.account", "light.open_dialog", "light.post",
     "light.edit", "light.permalink"}
)  # fmt: skip


class FunctionDied(BaseException):
    """The function ended where it stood: out of memory, out of time, its host gone."""


def failure(label: str, args: Any) -> Any:
    """Fail as the gateway does: most raise, and some return that they have no answer."""
    if label in {"light.post_ephemeral", "light.answer_openly"}:
        return False
    if label in SLACK_CALLS:
        raise SlackUnavailable(f"{label}: it does not answer")
    if label == "metrics.alarms":
        why = "CloudWatch could not be asked."
        return {name: Unmeasured(verdict=Verdict.ERROR, why=why) for name in args[0]}
    raise Transient(f"{label}: it does not answer")


def call_with_fault(
    kind: AtCall,
    label: str,
    args: Any,
    effect: Callable[[], Any],
    *,
    pause: Callable[[timedelta], None],
    remembered: Any,
) -> Any:
    """Make a call with a fault.

    Args:
        kind: the fault.
        label: the port and its method.
        args: the call's arguments.
        effect: makes the call.
        pause: lets time pass, in which everything else runs.
        remembered: the last result of the same call.
    """
    if kind is AtCall.FAILS:
        return failure(label, args)
    if kind is AtCall.REFUSED:
        raise Refused(f"{label}: AccessDeniedException")
    if kind is AtCall.DIES_BEFORE:
        raise FunctionDied
    if kind is AtCall.SLOW_BEFORE:
        pause(SLOW)
        return effect()
    if kind is AtCall.STALE:
        # What nobody asked about before is not known yet.
        return remembered or ("" if label == "executions.status" else effect())
    return _after(kind, label, args, effect, pause)


def _after(
    kind: AtCall,
    label: str,
    args: Any,
    effect: Callable[[], Any],
    pause: Callable[[timedelta], None],
) -> Any:
    """Make a call whose fault comes after its effect."""
    result = effect()
    if kind is AtCall.ANSWER_LOST:
        return failure(label, args)
    if kind is AtCall.DIES_AFTER:
        raise FunctionDied
    if kind is AtCall.SENT_TWICE:
        return effect()
    pause(SLOW)
    return result
