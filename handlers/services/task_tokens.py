"""Answering the task token of a wait that may have ended by now."""

from collections.abc import Mapping
from contextlib import suppress

from handlers.domain.model.errors import TokenGone
from handlers.services.context import Context


def answer_if_open(context: Context, token: str, output: Mapping[str, object]) -> None:
    """Answer a token; one that is gone finds what is on record when the machine next looks."""
    with suppress(TokenGone):
        context.gateways.executions.answer(token, output)
