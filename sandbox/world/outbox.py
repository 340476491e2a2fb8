"""EventBridge events of the world, and the event stream of each service.

Tested in `tests/sandbox/world/test_world_events.py`.
"""

from datetime import UTC, datetime
from typing import Any

from sandbox.world.event_queue import EventQueue
from sandbox.world.identifiers import Identifiers
from sandbox.world.world_records import Deployment, Service, ServiceEvent

_EVENT_TYPES = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "INFO",
    "SERVICE_DEPLOYMENT_COMPLETED": "INFO",
    "SERVICE_DEPLOYMENT_FAILED": "ERROR",
}


class Outbox:
    """Collects EventBridge events until `take` is called."""

    def __init__(self, queue: EventQueue, identifiers: Identifiers) -> None:
        """Start empty."""
        self._queue = queue
        self._identifiers = identifiers
        self._events: list[dict[str, Any]] = []

    def take(self) -> list[dict[str, Any]]:
        """Return the EventBridge events since the last call, oldest first, and forget them."""
        events, self._events = self._events, []
        return events

    def send_deployment_event(self, service: Service, deployment: Deployment, name: str) -> None:
        """Send an "ECS Deployment State Change" event, in AWS's own envelope.

        Source: ECS developer guide, "service deployment state change events".
        """
        detail = {
            "eventType": _EVENT_TYPES[name],
            "eventName": name,
            "deploymentId": deployment.id,
            "updatedAt": utc(deployment.updated_at, "milliseconds"),
            "reason": deployment.reason,
        }
        kind, ident = "ECS Deployment State Change", self._identifiers.uuid()
        self._events.append(self._envelope(kind, ident, self._queue.now, service.arn, detail))

    def send_alarm_event(self, ident: str, at: float, arn: str, detail: dict[str, Any]) -> None:
        """Send a "CloudWatch Alarm State Change" event.

        Its id is given and not drawn, so that evaluating alarms does not change later identifiers.
        """
        kind = "CloudWatch Alarm State Change"
        self._events.append(self._envelope(kind, ident, at, arn, detail))

    def send_event(self, source: str, kind: str, arns: list[str], detail: dict[str, Any]) -> None:
        """Send an event of another AWS service about the resources `arns`."""
        ident, now = self._identifiers.uuid(), self._queue.now
        envelope = self._envelope(kind, ident, now, "", detail)
        self._events.append(envelope | {"source": source, "resources": arns})

    def add_service_event(self, service: Service, message: str, task_set: str = "") -> None:
        """Add a line to the service's event stream, which shows the newest first."""
        of = (
            f"(service {service.name}, taskSet {task_set})"
            if task_set
            else _service_prefix(service)
        )
        event = ServiceEvent(self._identifiers.uuid(), self._queue.now, f"{of} {message}")
        service.events.appendleft(event)

    def _envelope(
        self, kind: str, ident: str, at: float, arn: str, detail: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": ident,
            "detail-type": kind,
            "source": "aws.ecs" if kind.startswith("ECS") else "aws.cloudwatch",
            "account": self._identifiers.account,
            "time": utc(at, "seconds"),
            "region": self._identifiers.region,
            "resources": [arn],
            "detail": detail,
        }


def _service_prefix(service: Service) -> str:
    return f"(service {service.name})"


def utc(seconds: float, precision: str) -> str:
    """Format a moment as events have it: UTC with a `Z`, in `seconds` or `milliseconds`."""
    stamp = datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision)
    return stamp.replace("+00:00", "Z")
