"""The events of an execution, kept as they are and written out in AWS's shape when asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from simulator.stepfunctions.asl_data import Json, compact

MOST_EVENTS: Final = 25_000
"""An execution that needs more fails (developer guide, "Quotas")."""
_AS_JSON: Final = {"input", "output", "parameters"}
_DATA: Final = ("input", "output")


class Event(NamedTuple):
    """One event. Data in its details are values, not yet JSON texts."""

    id: int
    previous: int
    kind: str
    at: datetime
    details: Mapping[str, Json] | None


def api_event(event: Event) -> dict[str, Json]:
    """Write an event as GetExecutionHistory gives it (botocore's shape `HistoryEvent`)."""
    shown: dict[str, Json] = {
        "timestamp": event.at,
        "type": event.kind,
        "id": event.id,
        "previousEventId": event.previous,
    }
    if event.details is not None:
        details = {
            name: compact(value) if name in _AS_JSON else value
            for name, value in event.details.items()
            if value is not None or name in _AS_JSON
        }
        for name in _DATA:
            if name in details:
                details[f"{name}Details"] = {"truncated": False}
        shown[_details_of(event.kind)] = details
    return shown


def _details_of(kind: str) -> str:
    for end, name in (("StateEntered", "stateEntered"), ("StateExited", "stateExited")):
        if kind.endswith(end):
            return f"{name}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
