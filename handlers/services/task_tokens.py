"""Answering the task token of a wait that may have ended by now."""

from collections.abc import Mapping
from contextlib import suppress

from handlers import runtime
from handlers.domain.model.errors import TokenGone


def answer_if_open(token: str, output: Mapping[str, object]) -> None:
    """Answer a token; one that is gone finds what is on record when the machine next looks."""
    with suppress(TokenGone):
        runtime.executions().answer(token, output)
