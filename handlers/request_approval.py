"""Ask people whether the release may go to one color, and have the answer sent to the token."""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.open_step import open_step
from handlers.services.questions import request_approval


def _request_approval(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is not None:
        request_approval(context, opened)


lambda_handler = traced(_request_approval)
