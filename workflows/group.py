"""Several applications as one release: a rollout of each, then the rollbacks that are asked for.

Prepare group  →  each application: begin, roll out, settle  →  Finish group
                                                                   │ one failed, and so asked
                                                                   ▼
                            Finish group  ←  each completed one: begin back, put back, settle back

Each rollout is an execution of its own, with its own board and questions. An application that must
not begin any more is skipped. No failure of one leaves its iteration of the Map, for that would end
the others half-way: the outcome of each is recorded, and the group's outcome comes from there.

Tested in `tests/unit/handlers/test_group_verbs.py` and `test_machine_rules.py`.
"""

from datetime import timedelta
from typing import Any, Final

from handlers.domain.model.group import AT_ONCE_AT_MOST, BEGIN, GROUP_ERRORS, PUT_BACK, Order
from handlers.domain.model.outcomes import GroupOutcome
from workflows.dsl.choices import choose
from workflows.dsl.ending import finish
from workflows.dsl.payloads import execution_payload
from workflows.dsl.rendering import render
from workflows.dsl.retries import TRANSIENT_ERRORS, TRANSIENT_START_ERRORS
from workflows.dsl.steps import (
    Step,
    fail,
    for_each,
    invoke,
    refuse_successor,
    replace_state,
    run_machine,
    sequence,
    succeed,
)
from workflows.rollout import ROLLOUT_TIMEOUT

GROUP_TIMEOUT: Final = timedelta(days=90)
"""One after the other, each as long as it may take, a dozen applications come to this."""
START_TIMEOUT: Final = timedelta(hours=1)
INVOCATION_TIMEOUT: Final = timedelta(minutes=5)


def group() -> dict[str, Any]:
    """Each application gets the release by a rollout of its own; a failure stops the rest."""
    ends = {error: fail(error, cause="$.cause") for error in GROUP_ERRORS.values()}
    finishing = _finish(ends)
    in_turn = _each_application("in order", max_concurrency=1, on_fault=finishing)
    side_by_side = _each_application(
        "side by side", max_concurrency=AT_ONCE_AT_MOST, on_fault=finishing
    )
    side_by_side.lead_to(finishing)
    prepare = invoke(
        "Prepare group",
        "PrepareGroup",
        {"input.$": "$", "execution": execution_payload()},
        timeout=INVOCATION_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        on_fault=finishing,
    )
    prepared = choose(
        "In which order?",
        "$.next",
        goes_on=Order.IN_ORDER,
        routes={
            Order.SIDE_BY_SIDE: side_by_side,
            Order.IN_STEP: side_by_side,
            GroupOutcome.INVALID_INPUT: ends[GROUP_ERRORS[GroupOutcome.INVALID_INPUT]],
        },
        otherwise=finishing,
    )
    process = sequence(prepare, prepared, in_turn, finishing)
    comment = "Rolls a release of several applications out. Generated: see workflows/group.py."
    return render(process, comment=comment, timeout=GROUP_TIMEOUT)


def _each_application(
    how: str, *, max_concurrency: int, on_fault: Step, returning: bool = False
) -> Step:
    """Begin, roll out and settle every application."""
    about = {"group.$": "$.group", "application.$": "$.application", "returning": returning}
    settled = succeed(f"Settled {how}")
    unsettled = replace_state(f"Not settled {how}", {"application.$": "$.application"})
    unsettled.lead_to(settled)
    settle = invoke(
        f"Settle {how}",
        "SettleApplication",
        {**about, "state.$": "$"},
        timeout=INVOCATION_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        keep={"answer.$": "$.Payload"},
        result="$.settled",
        on_fault=unsettled,
    )
    settle.lead_to(settled)
    begin = invoke(
        f"Begin {how}",
        "BeginApplication",
        about,
        timeout=INVOCATION_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        # Whole: a selected field that the answer lacks would end the execution and all others.
        keep={"answer.$": "$.Payload"},
        result="$.begun",
        on_fault=settle,
    )
    may_begin = choose(f"May begin {how}?", "$.begun.answer.next", goes_on=BEGIN, otherwise=settled)
    rollout = run_machine(
        "Put application back" if returning else f"Roll out {how}",
        "RolloutMachine",
        called="$.begun.answer.name",
        given="$.begun.answer.input",
        timeout=ROLLOUT_TIMEOUT + START_TIMEOUT,
        retries=TRANSIENT_START_ERRORS,
        on_fault=settle,
    )
    rollout.lead_to(settle)
    return for_each(
        f"Each application {how}",
        "$.applications",
        sequence(begin, may_begin, rollout),
        max_concurrency=max_concurrency,
        given={"group.$": "$.group", "application.$": "$$.Map.Item.Value"},
        result="$.back" if returning else "$.rollouts",
        on_fault=on_fault,
    )


def _finish(ends: dict[str, Step]) -> Step:
    """Put back first what has to go back, then end."""
    finishing, end = finish(
        "group",
        "FinishGroup",
        timeout=INVOCATION_TIMEOUT,
        well=(GroupOutcome.COMPLETED,),
        badly=ends,
        fault=ends[GROUP_ERRORS[GroupOutcome.FAULT]],
    )
    anything_left = choose("Anything to go back?", "$.next", goes_on=PUT_BACK, otherwise=end)
    back = _each_application(
        "back", max_concurrency=AT_ONCE_AT_MOST, on_fault=finishing, returning=True
    )
    back.lead_to(finishing)
    sequence(finishing, anything_left, back)
    # Nothing can follow it: its own ends are above.
    return Step(finishing.first, refuse_successor)
