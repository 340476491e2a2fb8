"""Look now and then for what no event tells of: ends that nobody was told, and what they left.

And at the events that were lost: a push that should start a rollout is told by nothing else.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from handlers import runtime
from handlers.domain.model.errors import ShingoError
from handlers.observability import logger, traced
from handlers.services.context import Context
from handlers.services.lost_events import follow_lost_events
from handlers.services.sweep import (
    sweep_application,
    sweep_groups,
    sweep_removed_applications,
)


def _sweep_rollouts(_event: Any) -> None:  # noqa: ANN401  (a schedule's, which says nothing)
    context = runtime.context()
    sweeps: list[Callable[[Context], None]] = [
        *(partial(sweep_application, application=name) for name in context.settings.applications),
        sweep_removed_applications,
        sweep_groups,
        follow_lost_events,
    ]
    failed = []
    for sweep in sweeps:
        try:
            sweep(context)
        except ShingoError as error:
            # What cannot be mended for one must not keep the others from it, for ever.
            logger().warning("not all was swept: %s", error)
            failed.append(error)
    if failed:
        raise failed[0]


lambda_handler = traced(_sweep_rollouts)
