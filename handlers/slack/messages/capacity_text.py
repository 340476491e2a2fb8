"""The capacity report for people: in Slack, and as `make capacity-report` prints it."""

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
from handlers.slack.messages.markup import clipped
from handlers.slack.text_table import table

MAX_REASON_LENGTH: Final = 300
"""Characters of why something is not known."""
LEGEND: Final = (
    "Of each task: CPU in units (1,024 are a core), memory in MiB. p50 is the median of the "
    "averages of hours (of minutes, where it is new); p99 is of their maxima, so never too low; "
    "peak is the highest sample. Instances are counted for the tasks that are wanted, with nothing "
    "to spare for a deployment or for an instance that is lost."
)
_HEADINGS: Final = ("color", "tasks", "of", "reserved", "p50", "p99", "peak")
_MAX_WIDTHS: Final = (10, 5, 6, 8, 8, 8, 8)
_PHONE_HEADINGS: Final = ("color", "holds", "p50", "p99", "peak")
_PHONE_WIDTHS: Final = (9, 6, 5, 5, 5)
"""38 columns with the gaps."""
_UNKNOWN: Final = "unknown"


def capacity_message(found: CapacityReport) -> str:
    """Return the report as a phone shows it: below each color what its tasks hold, and use."""
    heading, _, *text = report_lines(found)
    rows = [_PHONE_HEADINGS, *(row for color in found.colors for row in _phone_rows(color))]
    return "\n".join([f"*{heading}*", f"```\n{table(rows, _PHONE_WIDTHS)}\n```", *text, LEGEND])


def report_lines(found: CapacityReport) -> list[str]:
    """Return the report in lines: a heading, the table and its conclusions."""
    heading = f"{found.application} on {found.cluster}: what its tasks reserve and use"
    rows = [_HEADINGS, *(row for color in found.colors for row in _color_rows(color))]
    return [heading, table(rows, _MAX_WIDTHS), *_unknown_lines(found.colors), *_conclusions(found)]


def cluster_lines(cluster: str, found: Sequence[CapacityReport]) -> list[str]:
    """Return what all applications of a cluster need, now and by the suggestions."""
    now = [need for each in found for need in each.needs if not each.fargate]
    then = [need for each in found for need in each.suggested_needs if not each.fargate]
    if not now:
        return []
    names = ", ".join(each.application for each in found)
    instances = next((each.instances for each in found if each.instances), ())
    parts = [f"{cluster}: the {len(now)} tasks of {names} together"]
    parts += [
        _instances_line(fit, len(now), is_new=now != then)
        for fit in instance_type_fits(now, then, instances)
    ]
    missing = [each.application for each in found if not each.suggested and each.needs]
    if missing:
        parts.append(f"As now, for nothing is suggested: {', '.join(missing)}.")
    parts.append(_total_line(now, then))
    return parts


def capacity_too_slow(application: str) -> str:
    return (
        f"AWS takes too long to say what {application} reserves and uses. Ask again in a moment, "
        f"or run `make capacity-report APPLICATION={application}`, which waits."
    )


def capacity_unreadable(application: str, why: str) -> str:
    return (
        f"What {application} reserves and uses could not be read: {clipped(why, MAX_REASON_LENGTH)}"
    )


def _phone_rows(color: ColorUsage) -> list[tuple[str, ...]]:
    of = {name: values for _, _, name, *values in _color_rows(color)}
    named = [(name, *map(_narrow, values)) for name, values in of.items()]
    return [(f"{color.color} x{count(color.tasks)}", "", "", "", ""), *named]


def _narrow(cell: str) -> str:
    return "?" if cell == _UNKNOWN else cell.replace(",", "")


def _color_rows(color: ColorUsage) -> list[tuple[str, ...]]:
    has, tasks = color.reserved, count(color.tasks)
    cpu = _resource_row(has.cpu if has else None, color.cpu)
    memory = _resource_row(has.memory if has else None, color.memory)
    return [(color.color, tasks, "CPU", *cpu), ("", "", "memory", *memory)]


def _resource_row(reserved: int | None, used: Utilization | Unmeasured) -> tuple[str, ...]:
    if reserved is None:
        return (_UNKNOWN, "", "", "")
    if isinstance(used, Unmeasured):
        return (count(reserved), _UNKNOWN, _UNKNOWN, _UNKNOWN)
    if not reserved:
        return ("none", *(f"{each:.0f} %" for each in (used.p50, used.p99, used.peak)))
    return (count(reserved), *(count(reserved * each / 100) for each in _quantiles(used)))


def _quantiles(used: Utilization) -> tuple[float, float, float]:
    return used.p50, used.p99, used.peak


def _unknown_lines(colors: Iterable[ColorUsage]) -> list[str]:
    """Return why values are unknown, one line for each reason."""
    reasons: dict[str, list[str]] = {}
    for color in colors:
        for of, used in (("CPU", color.cpu), ("memory", color.memory)):
            if isinstance(used, Unmeasured):
                reasons.setdefault(clipped(used.why, MAX_REASON_LENGTH), []).append(
                    f"{color.color} {of}"
                )
    return [f"Unknown ({', '.join(names)}): {why}" for why, names in reasons.items()]


def _conclusions(found: CapacityReport) -> list[str]:
    text = [_measured_time(found)] if found.measured_for else []
    text.append(_suggestion_line(found))
    needs, then = found.needs, found.suggested_needs
    if found.fargate:
        text.append("It runs on Fargate: there are no instances to share.")
    else:
        text += [
            _instance_line(fit, found) for fit in instance_type_fits(needs, then, found.instances)
        ]
        text.append(_free_places_line(found))
    return [*text, _total_line(needs, then)] if found.suggested else text


def _measured_time(found: CapacityReport) -> str:
    text = f"Measured for {in_words(found.measured_for)} of the last {in_words(MEASURED_PERIOD)}"
    return (
        f"{text}: do not rest on it before {in_words(MIN_MEASURED)}."
        if found.is_provisional
        else f"{text}."
    )


def _suggestion_line(found: CapacityReport) -> str:
    if not found.suggested:
        return f"Suggested: nothing, for {found.why_not}."
    return (
        f"Suggested for all colors alike: {found.suggested} (the busiest "
        f"color's p99 of CPU and peak of memory, and {share(SUGGESTION_MARGIN)} more)."
    )


def _instance_line(fit: InstanceTypeFit, found: CapacityReport) -> str:
    then = f", and {fit.suggested_tasks_per_instance} then" if found.suggested else ""
    has = f"{fit.type} ({count(fit.instances)} in {found.cluster})"
    needed = _instances_line(fit, len(found.needs), is_new=bool(found.suggested))
    return f"{has} takes {fit.tasks_per_instance} of its tasks now{then}. {needed}"


def _instances_line(fit: InstanceTypeFit, tasks: int, *, is_new: bool) -> str:
    now = f"{tasks} tasks alone need {_instance_count(fit.instances_needed)} {fit.type} now"
    if not is_new:
        return f"{now}."
    saved = ""
    if fit.instances_needed and fit.suggested_instances_needed is not None:
        saved = f": {_relative_change(fit.instances_needed, fit.suggested_instances_needed)}"
    return f"{now} and {_instance_count(fit.suggested_instances_needed)} then{saved}."


def _instance_count(instances: int | None) -> str:
    return "a larger instance than" if instances is None else count(instances)


def _free_places_line(found: CapacityReport) -> str:
    if found.providers:
        names = ", ".join(found.providers)
        return f"Whether there is room for more is not known: {names} may add instances."
    return f"{found.cluster} has room for {count(found.free_places)} more of its tasks as they are."


def _total_line(now: Sequence[Reservation], then: Sequence[Reservation]) -> str:
    """Return what is reserved in all, now and by the suggestion."""
    cpu = (sum(each.cpu for each in now), sum(each.cpu for each in then))
    memory = (sum(each.memory for each in now), sum(each.memory for each in then))
    return (
        f"Reserved in all: {count(cpu[0])} CPU units now and {count(cpu[1])} then "
        f"({_relative_change(*cpu)}), {count(memory[0])} MiB now and {count(memory[1])} then "
        f"({_relative_change(*memory)})."
    )


def _relative_change(now: int, then: int) -> str:
    if now == then:
        return "the same"
    return f"{share(abs(then - now) / now)} {'less' if then < now else 'more'}" if now else "more"
