"""The steps of red, as the machine and ECS's events run them."""

from handlers import deploy_color, follow_deployment, roll_back_color
from simulator.recorded_events import recorded

ROLLOUT = "api-v1.42.0-1"
FIRST = "token-1"


def payload(token, color="red"):
    return {"rollout": ROLLOUT, "color": color, "token": token}


def deploy(token=FIRST, color="red"):
    deploy_color.lambda_handler(payload(token, color), None)


def put_back(token=FIRST, color="red"):
    roll_back_color.lambda_handler(payload(token, color), None)


def event(name="completed", **detail):
    happened = recorded(f"ecs_deployment_{name}")
    happened["detail"] |= detail
    follow_deployment.lambda_handler(happened, None)


def red(outside):
    return outside.rollout.colors["red"]


def primary(outside, service="api-red"):
    return outside.ecs.known[service].primary
