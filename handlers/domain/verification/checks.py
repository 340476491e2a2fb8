"""The checks of one observation beside the metrics: tasks, restarts, alarms, logs and smoke test.

What could not be measured stays `no_data` or `error`: it never becomes healthy.

Tested in `test_nothing_unmeasured_passes.py` and `test_moved_tasks.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.domain.deployments.diagnostics import sentence, stopped_reasons
from handlers.domain.deployments.target_health import HealthFinding
from handlers.domain.model import number_format
from handlers.domain.model.evidence import Result
from handlers.domain.model.measurements import Alarm, Answer, Lines, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.service import Task
from handlers.domain.model.verification_settings import LogCheck, Reactions, SmokeCheck

OTHER_COLORS: Final = "other colors"
"""Name of the check that the colors before this one still run the release."""
MIN_FAILED_TASKS: Final = 2
"""Failed tasks from which a bake may be unhealthy; one may be chance."""
_MIN_FAILED_SHARE: Final = 0.05
"""Of the tasks; two of two hundred may be chance, too."""
_MORE_THAN_CONTROL: Final = 2
"""Times the control's failures, task for task, that are not the release's fault."""
_DEFAULT_REACTIONS: Final = Reactions()


@dataclass(frozen=True, kw_only=True)
class TaskStops:
    """The tasks that stopped since the bake began, of one deployment."""

    deployment: str
    desired: int = 1
    """How many tasks the color is to have."""
    failed: Sequence[Task] = ()
    """Those that failed by themselves."""
    unclear: Sequence[Task] = ()
    """Those that AWS's own trouble ended, or a reason that nobody knows."""
    moved: int = 0
    """How many others had to leave their instance; they are mentioned and not counted."""
    control_failed: float = 0
    """How many would have failed if they failed as often as the control's."""

    @property
    def condemn(self) -> bool:
        """Whether so many failed that neither chance nor what ails the control explains it."""
        return len(self.failed) >= max(MIN_FAILED_TASKS, self.desired * _MIN_FAILED_SHARE) and len(
            self.failed
        ) > (self.control_failed * _MORE_THAN_CONTROL)


@dataclass(frozen=True, kw_only=True)
class LogCounts:
    """The lines that match one pattern, of a color and of its control."""

    own: Lines | Unmeasured
    control: Lines | Unmeasured | None = None
    own_exposure: float = 0
    """What the lines are counted per: requests, or task-minutes."""
    control_exposure: float = 0
    link: str = ""


def tasks(finding: HealthFinding) -> Result:
    """Report the deployment's identity, its tasks and its targets."""
    return Result(
        check="tasks",
        verdict=finding.verdict,
        detail=finding.detail,
        reaction=_DEFAULT_REACTIONS.to(finding.verdict),
    )


def other_colors(gone: Sequence[str]) -> Result:
    return Result(
        check=OTHER_COLORS,
        verdict=Verdict.UNHEALTHY,
        detail=sentence(*gone),
        reaction=_DEFAULT_REACTIONS.to(Verdict.UNHEALTHY),
    )


def unreachable(why: str) -> Result:
    verdict = Verdict.ERROR
    return Result(
        check="tasks",
        verdict=verdict,
        detail=sentence(why),
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def restarts(stops: TaskStops) -> Result:
    """Report the tasks that failed by themselves since the bake began.

    What is not known to be the release's fault asks people at most.
    """
    failed, unclear, moved = stops.failed, stops.unclear, stops.moved
    verdict = Verdict.HEALTHY
    detail = "No task failed."
    if failed:
        verdict = Verdict.UNHEALTHY if stops.condemn else Verdict.INCONCLUSIVE
        times = "task" if len(failed) == 1 else "tasks"
        reasons = stopped_reasons(failed, stops.deployment)
        detail = sentence(f"{len(failed)} {times} failed since it runs the release", *reasons)
    if unclear:
        verdict = verdict if failed else Verdict.INCONCLUSIVE
        times = "task" if len(unclear) == 1 else "tasks"
        whose = f"{len(unclear)} {times} stopped for what may not be the release's fault"
        detail = sentence(detail, whose, *stopped_reasons(unclear, stops.deployment))
    if moved:
        left = "A task" if moved == 1 else f"{moved} tasks"
        detail = sentence(detail, f"{left} had to leave an instance that was drained or went away")
    return Result(
        check="restarts",
        verdict=verdict,
        detail=detail,
        value=number_format.count(len(failed)),
        control=number_format.count(round(stops.control_failed)) if stops.control_failed else "",
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def alarm(name: str, alarm: Alarm | Unmeasured, link: str) -> Result:
    """Report an alarm: only one whose evaluation is complete and whose state is OK is healthy."""
    verdict, detail = _alarm(alarm)
    return Result(
        check=f"alarm {name}",
        verdict=verdict,
        detail=detail,
        value="" if isinstance(alarm, Unmeasured) else alarm.state,
        link=link,
        reaction=_DEFAULT_REACTIONS.to(verdict),
    )


def _alarm(alarm: Alarm | Unmeasured) -> tuple[Verdict, str]:
    if isinstance(alarm, Unmeasured):
        return alarm.verdict, alarm.why
    if alarm.state == "ALARM":
        return Verdict.UNHEALTHY, sentence("It is firing", alarm.reason)
    if alarm.blind:
        return Verdict.ERROR, sentence(f"It is blind: CloudWatch says {alarm.blind}", alarm.reason)
    if alarm.state == "OK":
        return Verdict.HEALTHY, "It is quiet."
    return Verdict.NO_DATA, sentence(f"Its state is {alarm.state or 'not known'}", alarm.reason)


def log(check: LogCheck, counts: LogCounts) -> Result:
    """Report how many lines match a pattern, compared with the control."""
    own, control = counts.own, counts.control
    if isinstance(own, Unmeasured):
        verdict, detail = own.verdict, own.why
    elif isinstance(control, Unmeasured):
        verdict, detail = control.verdict, f"The control could not be read: {control.why}"
    else:
        verdict, detail = _compared_lines(check, own, control, counts)
    return Result(
        check=f"log {check.name}",
        verdict=verdict,
        detail=detail,
        value=number_format.count(own.count) if isinstance(own, Lines) else "",
        control=number_format.count(control.count) if isinstance(control, Lines) else "",
        link=counts.link,
        dry_run=check.dry_run,
        reaction=check.reactions.to(verdict),
    )


def smoke(check: SmokeCheck, answer: Answer | Unmeasured) -> Result:
    """Report the answer to Shingo's own request."""
    if isinstance(answer, Unmeasured):
        verdict, detail = answer.verdict, answer.why
    elif answer.status != check.status:
        verdict, detail = Verdict.UNHEALTHY, f"It answered {answer.status}, not {check.status}."
    elif check.contains not in answer.body:
        verdict, detail = Verdict.UNHEALTHY, f"Its answer does not contain {check.contains!r}."
    else:
        verdict, detail = Verdict.HEALTHY, f"It answered {answer.status}."
    return Result(
        check="smoke",
        verdict=verdict,
        detail=detail,
        value="" if isinstance(answer, Unmeasured) else str(answer.status),
        dry_run=check.dry_run,
        reaction=check.reactions.to(verdict),
    )


def _compared_lines(
    check: LogCheck, own: Lines, control: Lines | None, counts: LogCounts
) -> tuple[Verdict, str]:
    """Compare the lines per request, or per task-minute."""
    if not (own.is_whole and (control is None or control.is_whole)):
        return (
            Verdict.INCONCLUSIVE,
            f"More than {number_format.count(own.count)} lines, too many to read",
        )
    if counts.own_exposure <= 0 or (control is not None and counts.control_exposure <= 0):
        return Verdict.NO_DATA, "There was nothing to write about yet."
    own_rate = own.count / counts.own_exposure
    control_rate = control.count / counts.control_exposure if control else 0.0
    effect = check.effect
    is_enough = own.count >= effect.at_least and own_rate - control_rate >= effect.by
    is_more = is_enough and own_rate >= control_rate * effect.times
    known = control.examples if control else ()
    new = [line for line in own.examples if line not in known]
    against = f", the control {number_format.count(control.count)}" if control else ""
    text = f"{number_format.count(own.count)} lines{against}"
    detail = sentence(text, f'New: "{new[0]}"' if new else "")
    return Verdict.UNHEALTHY if is_more else Verdict.HEALTHY, detail
