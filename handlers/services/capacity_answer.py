"""What an application's tasks reserve and use, as far as AWS says so before Slack stops waiting."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from handlers.domain.capacity.packing import CapacityReport
from handlers.domain.model.errors import ShingoError
from handlers.services.capacity import CapacityTools, measure_capacity
from handlers.services.context import Context
from handlers.slack.messages import capacity_text

PATIENCE: Final = 1.5
"""Seconds that AWS has to answer in, of Slack's three; a cold start takes of them too."""


def capacity_answer(context: Context, application: str) -> str:
    """Return the report for people, or why there is none."""
    asking = ThreadPoolExecutor(max_workers=1)
    found = asking.submit(_measure, context, application)
    # A late measurement ends by the timeouts of its own calls; nothing waits for it.
    asking.shutdown(wait=False)
    try:
        return capacity_text.capacity_message(found.result(timeout=PATIENCE))
    except TimeoutError:
        return capacity_text.capacity_too_slow(application)
    except ShingoError as error:
        return capacity_text.capacity_unreadable(application, str(error))


def _measure(context: Context, application: str) -> CapacityReport:
    tools = CapacityTools(
        ecs=context.gateways.ecs,
        instances=context.gateways.cluster_capacity,
        metrics=context.gateways.metrics,
    )
    return measure_capacity(context.settings.applications[application], tools, context.now())
