"""Preparing `api-1`, for the tests of what is recorded, refused and put back."""

from handlers.prepare_rollout import lambda_handler
from tests.builders import a_service, execution

TAG = {"application": "api", "tag": "v1.42.0", "requestedBy": "U0CAROL", "reason": "faster search"}


def prepared(document=TAG, name="api-1"):
    event = {
        "input": document,
        "execution": {
            "arn": execution(name),
            "name": name,
            "startedAt": "2026-11-23T09:00:00.000Z",
        },
    }
    return lambda_handler(event, None)


def have_service(outside, *deployments, color="yellow", **given):
    outside.ecs.known[f"api-{color}"] = a_service(*deployments, color=color, **given)
