"""Preparing `api-1`, for the tests of what is recorded, refused and put back."""

from handlers import runtime
from handlers.prepare_rollout import lambda_handler
from tests.support.builders import GROUP, NOW, a_service, a_target, a_task, execution

TAG = {"application": "api", "tag": "v1.42.0", "requestedBy": "U0CAROL", "reason": "faster search"}


def all_is_well(gateways):
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


def prepared(document=TAG, name="api-1", started=NOW):
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


def have_service(outside, *deployments, color="yellow", **given):
    outside.ecs.known[f"api-{color}"] = a_service(*deployments, color=color, **given)
