"""The refusals of Slack's API. Tested in `tests/contract/wire/test_slack_wire.py`."""

from typing import Any


class SlackError(Exception):
    """A call that Slack refuses, with the name of its error.

    Args:
        error: Slack's name for it, such as `channel_not_found`.
        problems: what is wrong where, for errors about blocks, views and other arguments.
        details: further fields of the answer, such as the scope that is `needed`.
    """

    def __init__(self, error: str, problems: list[str] | None = None, **details: str) -> None:
        super().__init__(error)
        self.error = error
        self.problems = problems or []
        self.details = details

    def as_slack(self) -> dict[str, Any]:
        """Return the answer's body.

        Its shape is what slack_sdk users quote in their reports: `errors` has the plain sentences,
        `response_metadata.messages` the same with their severity.
        """
        body: dict[str, Any] = {"ok": False, "error": self.error, **self.details}
        if self.problems:
            if self.error == "invalid_blocks":
                body["errors"] = self.problems
            messages = [f"[ERROR] {problem}" for problem in self.problems]
            body["response_metadata"] = {"messages": messages}
        return body
