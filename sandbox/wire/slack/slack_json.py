"""The one type that Slack's wire is made of."""

from typing import Any

JsonObject = dict[str, Any]
