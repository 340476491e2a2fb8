"""Puts every changed color back to the revision that it ran before, all at once.

The record says which colors were changed and what they ran before; the handler finds that a color
which was not changed has nothing to do. A rollback is not rolled back: each branch ends with data,
also when it failed, so that no branch interrupts another.

Tested in `test_rollout_walked.py`.
"""

from datetime import timedelta
from typing import Final

from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome
from workflows.dsl.payloads import color_payload
from workflows.dsl.retries import TRANSIENT_ERRORS
from workflows.dsl.steps import Step, ask, parallel, replace_state

ROLLBACK_POLL_INTERVAL: Final = timedelta(minutes=10)


def roll_back(*, then: Step) -> Step:
    """Put every color back, and go on whether or not that worked."""
    back = parallel(
        "Roll back", [_put_back(color) for color in COLORS], result="$.rollback", on_fault=then
    )
    back.lead_to(then)
    return back


def _put_back(color: str) -> Step:
    return ask(
        f"Put {color} back",
        "RollBackColor",
        color_payload(color),
        look_again=f"Look again at {color}'s way back",
        every=ROLLBACK_POLL_INTERVAL,
        retries=TRANSIENT_ERRORS,
        on_fault=replace_state(
            f"{color.capitalize()} not put back", {"outcome": RolloutOutcome.FAULT}
        ),
    )
