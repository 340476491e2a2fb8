"""What goes wrong with one outside call, as the gateway shows it to the handler."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from handlers.domain.model.errors import Refused, SlackUnavailable, Transient
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.outcomes import Verdict
from simulator.faults import AtCall

SLOW = timedelta(seconds=30)
OF_SLACK = frozenset(
    {"slack.post", "slack.edit", "light.post_ephemeral", "light.members", "light.open_dialog",
     "light.post", "light.edit"}
)  # fmt: skip


class Died(BaseException):
    """The function ended where it stood: out of memory, out of time, its host gone."""


def failure(label: str, args: Any) -> Any:
    """Fail as the gateway does: most raise, and some return that there is nothing."""
    if label == "light.post_ephemeral":
        return False
    if label in OF_SLACK:
        raise SlackUnavailable(f"{label}: it does not answer")
    if label == "metrics.alarms":
        why = "CloudWatch could not be asked."
        return {name: Unmeasured(verdict=Verdict.ERROR, why=why) for name in args[0]}
    raise Transient(f"{label}: it does not answer")


def misfortune(
    kind: AtCall,
    label: str,
    args: Any,
    effect: Callable[[], Any],
    *,
    pause: Callable[[timedelta], None],
    remembered: Any,
) -> Any:
    """Carry out a call with which something goes wrong.

    Args:
        kind: what.
        label: the call.
        args: what it is given.
        effect: does what the call does.
        pause: lets time pass, and everything else happen.
        remembered: what the same call returned the last time.
    """
    if kind is AtCall.FAILS:
        return failure(label, args)
    if kind is AtCall.REFUSED:
        raise Refused(f"{label}: AccessDeniedException")
    if kind is AtCall.DIES_BEFORE:
        raise Died
    if kind is AtCall.SLOW_BEFORE:
        pause(SLOW)
        return effect()
    if kind is AtCall.STALE:
        return remembered or effect()
    return _after(kind, label, args, effect, pause)


def _after(
    kind: AtCall,
    label: str,
    args: Any,
    effect: Callable[[], Any],
    pause: Callable[[timedelta], None],
) -> Any:
    """Carry out one that has its effect first."""
    result = effect()
    if kind is AtCall.ANSWER_LOST:
        return failure(label, args)
    if kind is AtCall.DIES_AFTER:
        raise Died
    if kind is AtCall.SENT_TWICE:
        return effect()
    pause(SLOW)
    return result
