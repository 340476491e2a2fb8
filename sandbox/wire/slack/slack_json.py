"""The one type that Slack's wire is made of. Tested in `tests/contract/wire/test_slack_wire.py`."""

from typing import Any

JsonObject = dict[str, Any]
