"""Answering the task token of a wait that may have ended by now. Tested in `test_approvals.py`."""

from collections.abc import Mapping
from contextlib import suppress

from handlers.domain.model.errors import TokenGone
from handlers.domain.model.outcomes import DecisionOutcome
from handlers.services.context import Context


def answer_if_open(context: Context, token: str, output: Mapping[str, object]) -> bool:
    """Answer a token, and return whether it was open.

    A token is gone once its callback has timed out; the state entered then reads the record.
    """
    with suppress(TokenGone):
        context.gateways.executions.answer(token, output)
        return True
    return False


def yield_to_rollback(context: Context, token: str) -> None:
    """Let the machine go on to roll back, because the record says that it is to."""
    answer_if_open(context, token, {"outcome": DecisionOutcome.ROLL_BACK})
