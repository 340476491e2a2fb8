"""Several applications as one release: a rollout of each, then back with what is to go back.

Prepare group  →  each application: begin, roll out, settle  →  Finish group
                                                                   │ one failed, and so asked
                                                                   ▼
                            Finish group  ←  each completed one: begin back, put back, settle back

Each rollout is an execution of its own, with its own board and questions. An application that
must not begin any more is passed over; no failure of one leaves its part of the Map, which would
end the others half-way: what became of each is on record, and the end is told from that.
"""

from datetime import timedelta
from typing import Any, Final

from handlers.domain.model.group import AT_ONCE_AT_MOST, BEGIN, GROUP_ERRORS, PUT_BACK, Order
from handlers.domain.model.outcomes import GroupOutcome
from workflows.dsl.choices import choose
from workflows.dsl.ending import finish
from workflows.dsl.retries import BRIEF_TROUBLE, BRIEF_TROUBLE_OF_STARTING, execution
from workflows.dsl.steps import (
    Step,
    fail,
    for_each,
    in_order,
    invoke,
    no_way_on,
    render,
    roll_out,
    say,
    succeed,
)
from workflows.rollout import A_ROLLOUT_TAKES_AT_MOST

A_GROUP_TAKES_AT_MOST: Final = timedelta(days=90)
"""One after the other, each as long as it may take, a dozen applications come to this."""
STARTING_TAKES_AT_MOST: Final = timedelta(hours=1)
ONE_CALL_TAKES_AT_MOST: Final = timedelta(minutes=5)


def group() -> dict[str, Any]:
    """Each application gets the release by a rollout of its own; a failure stops the rest."""
    ends = {error: fail(error, cause="$.cause") for error in GROUP_ERRORS.values()}
    finishing = _finish(ends)
    in_turn = _each("in order", at_once=1, on_fault=finishing)
    side_by_side = _each("side by side", at_once=AT_ONCE_AT_MOST, on_fault=finishing)
    side_by_side.lead_to(finishing)
    prepare = invoke(
        "Prepare group",
        "PrepareGroup",
        {"input.$": "$", "execution": execution()},
        timeout=ONE_CALL_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        on_fault=finishing,
    )
    prepared = choose(
        "In which order?",
        "$.next",
        goes_on=Order.IN_ORDER,
        ways={
            Order.SIDE_BY_SIDE: side_by_side,
            Order.IN_STEP: side_by_side,
            GroupOutcome.INVALID_INPUT: ends[GROUP_ERRORS[GroupOutcome.INVALID_INPUT]],
        },
        otherwise=finishing,
    )
    process = in_order(prepare, prepared, in_turn, finishing)
    comment = "Rolls a release of several applications out. Generated: see workflows/group.py."
    return render(process, comment=comment, timeout=A_GROUP_TAKES_AT_MOST)


def _each(how: str, *, at_once: int, on_fault: Step, returning: bool = False) -> Step:
    """Begin, roll out and settle every application."""
    about = {"group.$": "$.group", "application.$": "$.application", "returning": returning}
    settled = succeed(f"Settled {how}")
    unsettled = say(f"Not settled {how}", {"application.$": "$.application"})
    unsettled.lead_to(settled)
    settle = invoke(
        f"Settle {how}",
        "SettleApplication",
        {**about, "state.$": "$"},
        timeout=ONE_CALL_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        keep={"answer.$": "$.Payload"},
        result="$.settled",
        on_fault=unsettled,
    )
    settle.lead_to(settled)
    begin = invoke(
        f"Begin {how}",
        "BeginApplication",
        about,
        timeout=ONE_CALL_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        # Whole: a word that the answer lacks would end the execution, and all others with it.
        keep={"answer.$": "$.Payload"},
        result="$.begun",
        on_fault=settle,
    )
    may_begin = choose(f"May begin {how}?", "$.begun.answer.next", goes_on=BEGIN, otherwise=settled)
    rollout = roll_out(
        "Put application back" if returning else f"Roll out {how}",
        "RolloutMachine",
        called="$.begun.answer.name",
        given="$.begun.answer.input",
        timeout=A_ROLLOUT_TAKES_AT_MOST + STARTING_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE_OF_STARTING,
        on_fault=settle,
    )
    rollout.lead_to(settle)
    return for_each(
        f"Each application {how}",
        "$.applications",
        in_order(begin, may_begin, rollout),
        at_once=at_once,
        given={"group.$": "$.group", "application.$": "$$.Map.Item.Value"},
        result="$.back" if returning else "$.rollouts",
        on_fault=on_fault,
    )


def _finish(ends: dict[str, Step]) -> Step:
    """Put back first what is to go back, then end."""
    finishing, end = finish(
        "group",
        "FinishGroup",
        timeout=ONE_CALL_TAKES_AT_MOST,
        well=(GroupOutcome.COMPLETED,),
        badly=ends,
        fault=ends[GROUP_ERRORS[GroupOutcome.FAULT]],
    )
    anything_left = choose("Anything to go back?", "$.next", goes_on=PUT_BACK, otherwise=end)
    back = _each("back", at_once=AT_ONCE_AT_MOST, on_fault=finishing, returning=True)
    back.lead_to(finishing)
    in_order(finishing, anything_left, back)
    # What comes before it enters it; what comes after it is said above.
    return Step(finishing.first, no_way_on)
