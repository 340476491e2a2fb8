"""The names that buttons carry, used by those who draw them and by those who are clicked."""

from enum import StrEnum


class Action(StrEnum):
    """`action_id` of each button."""

    APPROVE = "approve"
    REJECT = "reject"
    ROLL_BACK = "roll_back"
