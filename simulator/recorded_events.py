"""Events as AWS and Slack send them, recorded as JSON files; this is their one loader."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parent / "events"


def recorded(name: str) -> Any:
    """Load an event, anew each time, so that a caller may change it."""
    return json.loads((EVENTS / f"{name}.json").read_text())
