"""Wait until the image that a rollout is to release has been pushed, or scanned.

The machine enters this state again whenever its callback times out: an event may have been lost,
and the wait expires in the end.

Tested in `test_prerequisites.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.open_step import open_step
from handlers.services.prerequisites import await_image


def _await_image(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is not None:
        await_image(context, opened)


lambda_handler = traced(_await_image)
