"""Wait until the rollout before this one has ended; a newer push takes the place of an older one.

The machine enters this state again whenever its callback times out: an event may have been lost,
and the wait expires in the end.

Tested in `test_rollout_queue.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.open_step import open_step
from handlers.services.rollout_queue import await_turn


def _await_turn(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    opened = open_step(context, event)
    if opened is not None:
        await_turn(context, opened)


lambda_handler = traced(_await_turn)
