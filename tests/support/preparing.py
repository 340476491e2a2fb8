"""Preparing `api-1`, for the tests of what is recorded, refused and put back."""

from datetime import datetime
from typing import Any

from handlers import runtime
from handlers.domain.model.service import Deployment
from handlers.prepare_rollout import lambda_handler
from tests.support.builders import GROUP, NOW, a_service, a_target, a_task, execution
from tests.support.handler_gateways import Outside

TAG = {"application": "api", "tag": "v1.42.0", "requestedBy": "U0CAROL", "reason": "faster search"}


def all_is_well(gateways: Any) -> None:
    """Have every service run all its tasks, each with a healthy target."""
    targets = gateways.load_balancers.groups.setdefault(GROUP, [])
    for name, service in gateways.ecs.known.items():
        if service.primary is None or gateways.ecs.running.get(name):
            continue
        runs, begun = service.primary.task_definition, service.primary.id
        places = [f"i-{name}-{number}:32768" for number in range(service.desired)]
        gateways.ecs.running[name] = [
            a_task(place, task_definition=runs, started_by=begun, endpoints=(place,))
            for place in places
        ]
        targets += [a_target(place) for place in places]


def prepared(document: Any = TAG, name: str = "api-1", started: datetime = NOW) -> Any:
    all_is_well(runtime.context().gateways)
    event = {
        "input": document,
        "execution": {
            "arn": execution(name),
            "name": name,
            "startedAt": started.isoformat(),
        },
    }
    return lambda_handler(event, None)


def have_service(
    outside: Outside, *deployments: Deployment, color: str = "yellow", **given: Any
) -> None:
    outside.ecs.known[f"api-{color}"] = a_service(*deployments, color=color, **given)
