"""The steps of red, as the machine and ECS's events run them."""

from typing import Any

from handlers import deploy_color, follow_deployment, roll_back_color
from handlers.domain.model.rollout import ColorProgress
from handlers.domain.model.service import Deployment
from simulator.recorded_events import recorded
from tests.support.handler_gateways import Outside

ROLLOUT = "api-v1.42.0-1"
FIRST = "token-1"


def payload(token: str, color: str = "red") -> dict[str, str]:
    return {"rollout": ROLLOUT, "color": color, "token": token}


def deploy(token: str = FIRST, color: str = "red") -> None:
    deploy_color.lambda_handler(payload(token, color), None)


def put_back(token: str = FIRST, color: str = "red") -> None:
    roll_back_color.lambda_handler(payload(token, color), None)


def event(name: str = "completed", **detail: Any) -> None:
    happened = recorded(f"ecs_deployment_{name}")
    happened["detail"] |= detail
    follow_deployment.lambda_handler(happened, None)


def red(outside: Outside) -> ColorProgress:
    return outside.rollout.colors["red"]


def primary(outside: Outside, service: str = "api-red") -> Deployment | None:
    return outside.ecs.known[service].primary
