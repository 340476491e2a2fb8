"""The rollout of one release: prepare, then red, yellow and green in turn, then finish."""

from datetime import timedelta
from typing import Any, Final

from handlers.domain.colors import COLORS
from handlers.domain.outcomes import ERRORS, Outcome
from workflows.calls import BRIEF_TROUBLE, execution, quoting
from workflows.choices import choose, tell_apart
from workflows.rollback import roll_back
from workflows.stage import stage
from workflows.steps import Step, fail, in_order, invoke, render, say, succeed

A_ROLLOUT_TAKES_AT_MOST: Final = timedelta(days=7)
PREPARING_TAKES_AT_MOST: Final = timedelta(minutes=5)
FINISHING_TAKES_AT_MOST: Final = timedelta(minutes=5)


def rollout() -> dict[str, Any]:
    """A release reaches one color after the other, each when people have said yes to it.

    Whatever goes wrong once a color was changed puts every changed color back.
    """
    ends = {error: fail(error, cause="$.cause") for error in ERRORS.values()}
    finish = _finish(ends)
    back = roll_back(then=finish)
    first, *others = COLORS
    process = in_order(
        _prepare(ends[ERRORS[Outcome.INVALID_INPUT]], if_refused=finish, if_only_back=back),
        stage(first, if_refused=finish, if_failed=back),
        *(stage(color, if_refused=back, if_failed=back) for color in others),
        finish,
    )
    comment = "Rolls a release through its colors. Generated: see workflows/rollout.py."
    return render(process, comment=comment, timeout=A_ROLLOUT_TAKES_AT_MOST)


def _prepare(if_invalid: Step, *, if_refused: Step, if_only_back: Step) -> Step:
    """Ready goes on; an invalid input ends at once, for there is nothing to clean up."""
    prepare = invoke(
        "Prepare rollout",
        "PrepareRollout",
        {"input.$": "$", "execution": execution()},
        timeout=PREPARING_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        on_fault=if_refused,
    )
    outcome = choose(
        "Rollout prepared?",
        "$.outcome",
        goes_on="ready",
        ways={"roll_back": if_only_back, Outcome.INVALID_INPUT: if_invalid},
        otherwise=if_refused,
    )
    return in_order(prepare, outcome)


def _finish(ends: dict[str, Step]) -> Step:
    """Success only where the outcome says so; what cannot be told apart is a fault."""
    fault = ends[ERRORS[Outcome.FAULT]]
    unfinished = say("Finishing failed", {"cause.$": quoting("Finish rollout failed", "$.fault")})
    unclear = say("Ending unclear", {"cause.$": quoting("Finish rollout answered", "$")})
    unfinished.lead_to(fault)
    unclear.lead_to(fault)
    finish = invoke(
        "Finish rollout",
        "FinishRollout",
        {"state.$": "$", "execution": execution()},
        timeout=FINISHING_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        on_fault=unfinished,
    )
    end = tell_apart(
        "How did it end?",
        well=("$.outcome", (Outcome.COMPLETED, Outcome.PUT_BACK), succeed("Rollout completed")),
        badly=("$.error", ends),
        otherwise=unclear,
    )
    return in_order(finish, end)
