"""Lists every single fault at every injection point of a run without faults."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from random import Random
from typing import Any

from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault, Kind
from simulator.simulated_gateways import EVENTUALLY_CONSISTENT

_READS = frozenset(
    {"get", "read", "newest", "entries", "services", "service", "deployment_history", "tasks",
     "task_definition", "targets", "active", "alarms", "series", "pinned", "scan", "manifests", "media_types",
     "is_running", "status", "members", "account"}
)  # fmt: skip
"""Methods that only read; every other counts as a write."""
_SLACK_PORTS = ("slack.", "light.")


def single_faults(run: Any, *, functions: Collection[str] = ()) -> Iterator[Fault]:
    """List the faults of a traced run; with `functions`, those at their calls and invocations alone.

    Equivalent faults are skipped: a lost answer to a read equals a failed read; a function that
    dies after a read equals one that dies after the last write, or before the first call.
    """
    assert run.fault_plan.points is not None
    numbers = {"call": 0, "invocation": 0, "event": 0, "click": 0}
    for kind, words in run.fault_plan.points:
        what = kind.removeprefix("first ")
        point, numbers[what] = numbers[what], numbers[what] + 1
        if (
            functions
            and what in {"call", "invocation"}
            and words.partition(" ")[0] not in functions
        ):
            continue
        if what == "call":
            kinds = kinds_at(words.partition(" ")[2], is_first=kind.startswith("first"))
        else:
            kinds = list({"invocation": AtInvocation, "event": AtEvent, "click": AtClick}[what])
        for each in kinds:
            if each is not AtInvocation.STOPPED_ALONE or run.story.group is not None:
                yield Fault(each, point)


def sampled_faults(run: Any, *, functions: Collection[str] = ()) -> list[Fault]:
    """Draw one fault of each kind that `single_faults` lists of a run.

    Story and kind seed the drawing, so that every machine draws the same.
    """
    points: dict[Kind, list[Fault]] = defaultdict(list)
    for fault in single_faults(run, functions=functions):
        points[fault.kind].append(fault)
    return [Random(f"{run.story.name}: {kind}").choice(each) for kind, each in points.items()]


def kinds_at(label: str, *, is_first: bool) -> list[Kind]:
    """List the faults that a call may meet."""
    writes, is_slack = _is_write(label), label.startswith(_SLACK_PORTS)
    kinds: list[Kind] = [AtCall.FAILS, AtCall.SLOW_BEFORE]
    if not is_slack and label != "metrics.alarms":
        kinds.append(AtCall.REFUSED)
    if writes:
        kinds += [AtCall.DIES_AFTER, AtCall.ANSWER_LOST, AtCall.SENT_TWICE, AtCall.SLOW_AFTER]
    if label in EVENTUALLY_CONSISTENT:
        kinds.append(AtCall.STALE)
    if is_first:
        kinds.append(AtCall.DIES_BEFORE)
    return kinds


def _is_write(label: str) -> bool:
    """Whether a call may change something."""
    return label.partition(".")[2] not in _READS
