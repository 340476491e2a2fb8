"""Every changed color back to the revision that it ran before, all at once.

Which colors were changed, and what they ran, was recorded before anything was changed; a
color that was not changed is found to be where it belongs. A rollback is not rolled back:
each branch ends with data, also when it failed, so that no branch cuts another one short.
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
    """Put every color back, and then lead on, however that went."""
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
