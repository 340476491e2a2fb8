"""Wake the machine when ECS says that something happened to a service it waits for.

The event is only a hint to look: it may be late, doubled, out of order, or about someone
else's deployment, and COMPLETED is sent for a rollback too. What counts is what ECS says now.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import about, logger, traced
from handlers.services import deployment


def _follow_deployment(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    wait = context.gateways.waits.get(event["resources"][0])
    if wait is None:
        return
    rollout = context.gateways.rollouts.get(wait.rollout)
    if rollout is None or not rollout.is_open:
        return
    about(rollout, wait.color)
    awaited = deployment.color_deployment(context, rollout, wait.color, returning=wait.returning)
    if not awaited.is_started:
        return
    name, told_of = event["detail"]["eventName"], event["detail"]["deploymentId"]
    if name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and told_of == awaited.progress.deployment:
        return
    logger().info("event", extra={"event": name, "deployment": told_of})
    now = context.now()
    end = deployment.poll(context, awaited, now)
    if end is not None:
        deployment.record(context, awaited, end, wait.token, now)


lambda_handler = traced(_follow_deployment)
