"""What tasks reserve and use, for people: in Slack, and as `make capacity-report` prints it."""

from collections.abc import Iterable, Sequence
from typing import Final

from handlers.domain.capacity.packing import (
    SUGGESTION_MARGIN,
    CapacityReport,
    ColorUsage,
    InstanceTypeFit,
    instance_type_fits,
)
from handlers.domain.capacity.reservation import Reservation
from handlers.domain.capacity.utilization import MEASURED_PERIOD, MIN_MEASURED, Utilization
from handlers.domain.model.durations import in_words
from handlers.domain.model.measurements import Unmeasured
from handlers.domain.model.number_format import count, share
from handlers.slack.messages import clipped
from handlers.slack.text_table import table

MOST_REASON: Final = 300
"""Characters of why something is not known."""
LEGEND: Final = (
    "Of each task: CPU in units (1,024 are a core), memory in MiB. p50 is the median of the "
    "averages of hours (of minutes, where it is new); p99 is of their maxima, so never too low; "
    "peak is the highest sample. Instances are counted for the tasks that are wanted, with nothing "
    "to spare for a deployment or for an instance that is lost."
)
_HEADINGS: Final = ("color", "tasks", "of", "reserved", "p50", "p99", "peak")
_WIDEST: Final = (10, 5, 6, 8, 8, 8, 8)
_UNKNOWN: Final = "unknown"


def capacity(found: CapacityReport) -> str:
    """Tell it in Slack."""
    heading, *lines = report(found)
    rows, said = lines[0], lines[1:]
    return "\n".join([f"*{heading}*", f"```\n{rows}\n```", *said, LEGEND])


def report(found: CapacityReport) -> list[str]:
    """Tell it in lines: a heading, the table, and what follows from it."""
    heading = f"{found.application} on {found.cluster}: what its tasks reserve and use"
    rows = [_HEADINGS, *(row for color in found.colors for row in _rows(color))]
    return [heading, table(rows, _WIDEST), *_unmeasured(found.colors), *_follows(found)]


def together(cluster: str, found: Sequence[CapacityReport]) -> list[str]:
    """Tell what all applications of a cluster need, now and by the suggestions."""
    now = [need for each in found for need in each.needs if not each.fargate]
    then = [need for each in found for need in each.would_need if not each.fargate]
    if not now:
        return []
    names = ", ".join(each.application for each in found)
    instances = next((each.instances for each in found if each.instances), ())
    said = [f"{cluster}: the {len(now)} tasks of {names} together"]
    said += [
        _needed(fit, len(now), is_new=now != then)
        for fit in instance_type_fits(now, then, instances)
    ]
    missing = [each.application for each in found if not each.suggested and each.needs]
    if missing:
        said.append(f"As now, for nothing is suggested: {', '.join(missing)}.")
    said.append(_saved(now, then))
    return said


def slow(application: str) -> str:
    """Say that Slack would not have waited any longer."""
    return (
        f"AWS takes too long to say what {application} reserves and uses. Ask again in a moment, "
        f"or run `make capacity-report APPLICATION={application}`, which waits."
    )


def unreadable(application: str, why: str) -> str:
    """Say that AWS refused to tell."""
    return f"What {application} reserves and uses could not be read: {clipped(why, MOST_REASON)}"


def _rows(color: ColorUsage) -> list[tuple[str, ...]]:
    has, tasks = color.reserved, count(color.tasks)
    cpu = _row(has.cpu if has else None, color.cpu)
    memory = _row(has.memory if has else None, color.memory)
    return [(color.color, tasks, "CPU", *cpu), ("", "", "memory", *memory)]


def _row(reserved: int | None, used: Utilization | Unmeasured) -> tuple[str, ...]:
    if reserved is None:
        return (_UNKNOWN, "", "", "")
    if isinstance(used, Unmeasured):
        return (count(reserved), _UNKNOWN, _UNKNOWN, _UNKNOWN)
    if not reserved:
        return ("none", *(f"{each:.0f} %" for each in (used.p50, used.p99, used.peak)))
    return (count(reserved), *(count(reserved * each / 100) for each in _used(used)))


def _used(used: Utilization) -> tuple[float, float, float]:
    return used.p50, used.p99, used.peak


def _unmeasured(colors: Iterable[ColorUsage]) -> list[str]:
    """Say of everything that is unknown why it is, once for those with the same reason."""
    reasons: dict[str, list[str]] = {}
    for color in colors:
        for of, used in (("CPU", color.cpu), ("memory", color.memory)):
            if isinstance(used, Unmeasured):
                reasons.setdefault(clipped(used.why, MOST_REASON), []).append(f"{color.color} {of}")
    return [f"Unknown ({', '.join(names)}): {why}" for why, names in reasons.items()]


def _follows(found: CapacityReport) -> list[str]:
    said = [_measured(found)] if found.measured else []
    said.append(_suggested(found))
    needs, then = found.needs, found.would_need
    if found.fargate:
        said.append("It runs on Fargate: there are no instances to share.")
    else:
        said += [_takes(fit, found) for fit in instance_type_fits(needs, then, found.instances)]
        said.append(_more(found))
    return [*said, _saved(needs, then)] if found.suggested else said


def _measured(found: CapacityReport) -> str:
    said = f"Measured for {in_words(found.measured)} of the last {in_words(MEASURED_PERIOD)}"
    return (
        f"{said}: do not rest on it before {in_words(MIN_MEASURED)}."
        if found.is_provisional
        else f"{said}."
    )


def _suggested(found: CapacityReport) -> str:
    if not found.suggested:
        return f"Suggested: nothing, for {found.why_not}."
    return (
        f"Suggested for all colors, as they run one revision: {found.suggested} (the busiest "
        f"color's p99 of CPU and peak of memory, and {share(SUGGESTION_MARGIN)} more)."
    )


def _takes(fit: InstanceTypeFit, found: CapacityReport) -> str:
    then = f", and {fit.would_take} then" if found.suggested else ""
    has = f"{fit.type} ({count(fit.instances)} in {found.cluster})"
    needed = _needed(fit, len(found.needs), is_new=bool(found.suggested))
    return f"{has} takes {fit.takes} of its tasks now{then}. {needed}"


def _needed(fit: InstanceTypeFit, tasks: int, *, is_new: bool) -> str:
    now = f"{tasks} tasks alone need {_number(fit.needed)} {fit.type} now"
    if not is_new:
        return f"{now}."
    saved = ""
    if fit.needed and fit.would_be_needed is not None:
        saved = f": {_change(fit.needed, fit.would_be_needed)}"
    return f"{now} and {_number(fit.would_be_needed)} then{saved}."


def _number(instances: int | None) -> str:
    return "a larger instance than" if instances is None else count(instances)


def _more(found: CapacityReport) -> str:
    if found.providers:
        names = ", ".join(found.providers)
        return f"Whether there is room for more is not known: {names} may add instances."
    return f"{found.cluster} has room for {count(found.more)} more of its tasks as they are."


def _saved(now: Sequence[Reservation], then: Sequence[Reservation]) -> str:
    """Compare what is reserved in all."""
    cpu = (sum(each.cpu for each in now), sum(each.cpu for each in then))
    memory = (sum(each.memory for each in now), sum(each.memory for each in then))
    return (
        f"Reserved in all: {count(cpu[0])} CPU units now and {count(cpu[1])} then "
        f"({_change(*cpu)}), {count(memory[0])} MiB now and {count(memory[1])} then "
        f"({_change(*memory)})."
    )


def _change(now: int, then: int) -> str:
    if now == then:
        return "the same"
    return f"{share(abs(then - now) / now)} {'less' if then < now else 'more'}" if now else "more"
