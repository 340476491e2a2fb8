"""Wake the rollouts that wait for an image when ECR says that one was pushed or scanned.

A push starts a rollout, too, where the application's file says so. The event is only a hint to
look: it may be late or doubled, and what it starts is named by its own words and by what was
released before them.

Tested in `test_rollout_queue.py`.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import traced
from handlers.services.image_pushes import follow_push


def _follow_push(event: Mapping[str, Any]) -> None:
    follow_push(runtime.context(), event)


lambda_handler = traced(_follow_push)
