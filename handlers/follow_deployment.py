"""Wake the machine when ECS says that something happened to a service it waits for.

The event is only a hint to look: it may be late, doubled, out of order, or about someone
else's deployment, and COMPLETED is sent for a rollback too. What counts is what ECS says now.
"""

from collections.abc import Mapping
from typing import Any

from handlers import runtime
from handlers.observability import about, logger, traced
from handlers.services import deployment
from handlers.services.color_deployment import look


def _follow_deployment(event: Mapping[str, Any]) -> None:
    context = runtime.context()
    wait = context.gateways.waits.get(event["resources"][0])
    if wait is None:
        return
    rollout = context.gateways.rollouts.get(wait.rollout)
    if rollout is None or not rollout.is_open:
        return
    about(rollout, wait.color)
    task = deployment.errand(context, rollout, wait.color, returning=wait.returning)
    if not task.is_under_way:
        return
    name, told_of = event["detail"]["eventName"], event["detail"]["deploymentId"]
    if name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and told_of == task.progress.deployment:
        return
    logger().info("event", extra={"event": name, "deployment": told_of})
    now = context.now()
    settled = look(task, context.gateways.ecs, context.gateways.load_balancers, now)
    if settled is not None:
        deployment.conclude(context, task, settled, wait.token, now)


lambda_handler = traced(_follow_deployment)
