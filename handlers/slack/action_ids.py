"""The ids of buttons and dialogs, for those who draw them and those who receive their clicks.

Tested in `test_interactions.py`.
"""

from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """`action_id` of each button."""

    APPROVE = "approve"
    REJECT = "reject"
    LOOK_AGAIN = "look_again"
    ROLL_BACK_NOW = "roll_back_now"
    WITHDRAW = "withdraw"
    ROLL_BACK = "roll_back"
    NEXT_PAGE = "next_page"
    """Of a long answer to a command."""
    SHOW_CHANNEL = "show_channel"
    """An answer that only one person sees."""


REJECT_DIALOG: Final = "reject_dialog"
"""`callback_id` of the dialog that asks why."""
REASON: Final = "reason"
"""`block_id` and `action_id` of its one input."""
