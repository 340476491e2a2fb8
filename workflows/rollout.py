"""The rollout of one release: prepare, then red, yellow and green in turn, then finish.

Tested in `test_rollout_walked.py`.
"""

from datetime import timedelta
from typing import Any, Final

from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import ERRORS, Arrived, Prepared, RolloutOutcome
from workflows.dsl.choices import choose
from workflows.dsl.ending import finish
from workflows.dsl.payloads import execution_payload
from workflows.dsl.rendering import render
from workflows.dsl.retries import TRANSIENT_ERRORS
from workflows.dsl.steps import Step, ask, fail, invoke, sequence
from workflows.rollback import roll_back
from workflows.stage import stage

ROLLOUT_TIMEOUT: Final = timedelta(days=7)
PREPARE_TIMEOUT: Final = timedelta(minutes=5)
FINISH_TIMEOUT: Final = timedelta(minutes=5)
IMAGE_POLL_INTERVAL: Final = timedelta(minutes=10)
TURN_POLL_INTERVAL: Final = timedelta(minutes=10)


def rollout() -> dict[str, Any]:
    """A release reaches one color after the other, each when people have said yes to it.

    Whatever goes wrong once a color was changed puts every changed color back.
    """
    ends = {error: fail(error, cause="$.cause") for error in ERRORS.values()}
    finishing = _finish(ends)
    back = roll_back(then=finishing)
    first, *others = COLORS
    process = sequence(
        _prepare(
            ends[ERRORS[RolloutOutcome.INVALID_INPUT]], if_refused=finishing, if_only_back=back
        ),
        stage(first, if_refused=finishing, if_failed=back),
        *(stage(color, if_refused=back, if_failed=back) for color in others),
        finishing,
    )
    comment = "Rolls a release through its colors. Generated: see workflows/rollout.py."
    return render(process, comment=comment, timeout=ROLLOUT_TIMEOUT)


def _prepare(if_invalid: Step, *, if_refused: Step, if_only_back: Step) -> Step:
    """Ready goes on; an invalid input ends at once, for there is nothing to clean up.

    Where the image or the application's turn is waited for, all is prepared anew after that.
    """
    prepare = invoke(
        "Prepare rollout",
        "PrepareRollout",
        # From the execution: after a wait, the state says what came of that.
        {"input.$": "$$.Execution.Input", "execution": execution_payload()},
        timeout=PREPARE_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        on_fault=if_refused,
    )
    # Until it is pushed, and scanned where that counts.
    image = _await(
        "Wait for the image",
        "AwaitImage",
        "Image there?",
        goes_on=Arrived.PUSHED,
        look_again="Look again for the image",
        every=IMAGE_POLL_INTERVAL,
        if_refused=if_refused,
    )
    # Until the rollout before this one has ended.
    turn = _await(
        "Wait for its turn",
        "AwaitTurn",
        "Its turn?",
        goes_on=Arrived.FREE,
        look_again="Look again for its turn",
        every=TURN_POLL_INTERVAL,
        if_refused=if_refused,
    )
    image.lead_to(prepare)
    turn.lead_to(prepare)
    outcome = choose(
        "Rollout prepared?",
        "$.outcome",
        goes_on=Prepared.READY,
        routes={
            Prepared.AWAIT_IMAGE: image,
            Prepared.AWAIT_TURN: turn,
            Prepared.ROLL_BACK: if_only_back,
            RolloutOutcome.INVALID_INPUT: if_invalid,
        },
        otherwise=if_refused,
    )
    return sequence(prepare, outcome)


def _await(
    name: str,
    function: str,
    question: str,
    *,
    goes_on: str,
    look_again: str,
    every: timedelta,
    if_refused: Step,
) -> Step:
    """Wait before there is a color; whatever else ends the wait is a refusal."""
    wait = ask(
        name,
        function,
        {"rollout.$": "$.rollout"},
        look_again=look_again,
        every=every,
        retries=TRANSIENT_ERRORS,
        on_fault=if_refused,
    )
    return sequence(wait, choose(question, "$.outcome", goes_on=goes_on, otherwise=if_refused))


def _finish(ends: dict[str, Step]) -> Step:
    finishing, end = finish(
        "rollout",
        "FinishRollout",
        timeout=FINISH_TIMEOUT,
        well=(RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK),
        badly=ends,
        fault=ends[ERRORS[RolloutOutcome.FAULT]],
    )
    return sequence(finishing, end)
