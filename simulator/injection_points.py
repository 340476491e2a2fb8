"""Lists every single fault at every place of a run without faults."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from random import Random
from typing import Any

from simulator.faults import AtCall, AtClick, AtEvent, AtInvocation, Fault, Kind
from simulator.simulated_gateways import EVENTUAL

_READS = frozenset(
    {"get", "read", "newest", "entries", "services", "service", "deployment_statuses", "tasks",
     "task_definition", "targets", "active", "alarms", "series", "pinned", "scan", "manifests", "media_types",
     "is_running", "status", "members"}
)  # fmt: skip
"""Calls that change nothing; whatever is not among them counts as one that does."""
SLACKS = ("slack.", "light.")


def single_faults(run: Any, *, of: Collection[str] = ()) -> Iterator[Fault]:
    """List them; `run` has been traced, and had none.

    With `of`, those at the calls and invocations of these functions and machines alone.

    A kind that does at a place what another one does there is left out: an answer lost of a call
    that only reads is a call that fails, and a function that ends after one has ended after the
    last that wrote, or before the first.
    """
    assert run.fate.places is not None
    numbers = {"call": 0, "invocation": 0, "event": 0, "click": 0}
    for kind, words in run.fate.places:
        what = kind.removeprefix("first ")
        place, numbers[what] = numbers[what], numbers[what] + 1
        if of and what in {"call", "invocation"} and words.partition(" ")[0] not in of:
            continue
        if what == "call":
            kinds = kinds_at(words.partition(" ")[2], is_first=kind.startswith("first"))
        else:
            kinds = list({"invocation": AtInvocation, "event": AtEvent, "click": AtClick}[what])
        for each in kinds:
            if each is not AtInvocation.STOPPED_ALONE or run.story.group is not None:
                yield Fault(each, place)


def sampled_faults(run: Any, *, of: Collection[str] = ()) -> list[Fault]:
    """Draw one fault of each kind that `single_faults` lists of a run.

    Story and kind seed the drawing, so that every machine draws the same.
    """
    places: dict[Kind, list[Fault]] = defaultdict(list)
    for fault in single_faults(run, of=of):
        places[fault.kind].append(fault)
    return [Random(f"{run.story.name}: {kind}").choice(each) for kind, each in places.items()]


def kinds_at(label: str, *, is_first: bool) -> list[Kind]:
    """List what may happen to a call."""
    writes, slacks = _is_write(label), label.startswith(SLACKS)
    kinds: list[Kind] = [AtCall.FAILS, AtCall.SLOW_BEFORE]
    if not slacks and label != "metrics.alarms":
        kinds.append(AtCall.REFUSED)
    if writes:
        kinds += [AtCall.DIES_AFTER, AtCall.ANSWER_LOST, AtCall.SENT_TWICE, AtCall.SLOW_AFTER]
    if label in EVENTUAL:
        kinds.append(AtCall.STALE)
    if is_first:
        kinds.append(AtCall.DIES_BEFORE)
    return kinds


def _is_write(label: str) -> bool:
    """Whether a call changes something."""
    return label.partition(".")[2] not in _READS
