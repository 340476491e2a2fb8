"""CloudFormation stacks and change sets. Tested in `tests/e2e/test_deploy.py`."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from operations.artifacts import as_parameters

STACK: Final = "shingo"
"""The stack's name, unless another is asked for."""
_NOTHING: Final = ("didn't contain changes", "No updates are to be performed")
"""How CloudFormation says that a change set would change nothing."""
_UNBORN: Final = {"", "REVIEW_IN_PROGRESS"}
"""Status of a stack that is only planned."""
DONE: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class DeployError(RuntimeError):
    """The stack was not deployed; the message has the reason by resource."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that a change set would change."""

    action: str
    name: str
    kind: str
    replaced: bool


@dataclass(frozen=True)
class Stack:
    """A stack, which may not exist yet."""

    client: Any
    """The boto3 client of CloudFormation."""
    name: str
    poll_seconds: float = 2.0
    """Seconds between two looks at how far it is."""

    def status(self) -> str:
        """Return its status; empty when it does not exist."""
        try:
            return str(self.client.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if "does not exist" in str(error):
                return ""
            raise

    def outputs(self) -> dict[str, str]:
        """Return its outputs."""
        stack = self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

    def plan(self, template_url: str, parameters: Mapping[str, str]) -> str:
        """Make a change set; return its name, empty when it would change nothing.

        Raises:
            DeployError: when the template or a parameter is refused.
        """
        name = f"make-deploy-{uuid4().hex[:8]}"
        kind = "CREATE" if self.status() in _UNBORN else "UPDATE"
        try:
            self.client.create_change_set(
                StackName=self.name,
                ChangeSetName=name,
                ChangeSetType=kind,
                TemplateURL=template_url,
                Parameters=as_parameters(parameters),
                Capabilities=["CAPABILITY_IAM"],
            )
        except ClientError as error:
            raise DeployError(f"The template was refused: {error}") from error
        said = self._planned(name)
        if said["Status"] != "FAILED":
            return name
        reason = said.get("StatusReason", "")
        self.forget(name)
        if any(words in reason for words in _NOTHING):
            return ""
        raise DeployError(f"The change set could not be made: {reason}")

    def changes(self, plan: str) -> list[Change]:
        """Return the changes of a change set."""
        pages = self.client.get_paginator("describe_change_set").paginate(
            StackName=self.name, ChangeSetName=plan
        )
        found = [one["ResourceChange"] for page in pages for one in page["Changes"]]
        return [
            Change(
                action=one["Action"],
                name=one["LogicalResourceId"],
                kind=one["ResourceType"],
                replaced=one.get("Replacement") == "True",
            )
            for one in found
        ]

    def forget(self, plan: str) -> None:
        """Delete a change set, and the empty stack that it was to create."""
        self.client.delete_change_set(StackName=self.name, ChangeSetName=plan)
        if self.status() == "REVIEW_IN_PROGRESS":
            self.client.delete_stack(StackName=self.name)

    def execute(self, plan: str, progress: Callable[[str], None]) -> None:
        """Execute a change set, and wait for its end.

        Args:
            plan: the change set.
            progress: told which resources are being worked on.

        Raises:
            DeployError: when a resource could not be made; CloudFormation has put all back.
        """
        before = {event["EventId"] for event in self._events()}
        self.client.execute_change_set(StackName=self.name, ChangeSetName=plan)
        while True:
            status = self.status()
            new = [event for event in self._events() if event["EventId"] not in before]
            if new and not status.endswith("_IN_PROGRESS"):
                break
            progress(_under_way(new))
            time.sleep(self.poll_seconds)
        if status not in DONE:
            raise DeployError(f"stack {self.name} is {status}\n{failures(new)}")

    def _planned(self, plan: str) -> dict[str, Any]:
        while True:
            said: dict[str, Any] = self.client.describe_change_set(
                StackName=self.name, ChangeSetName=plan
            )
            if not said["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                return said
            time.sleep(self.poll_seconds)

    def _events(self) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=self.name)
        return [event for page in pages for event in page["StackEvents"]]


def failures(events: Sequence[Mapping[str, Any]]) -> str:
    """Return the failed resources and their reasons, a line each, in order of time.

    Args:
        events: a stack's, newest first, as CloudFormation gives them.
    """
    return "\n".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    )


def _under_way(events: Sequence[Mapping[str, Any]]) -> str:
    last: dict[str, str] = {}
    for event in reversed(events):
        last[event["LogicalResourceId"]] = event["ResourceStatus"]
    busy = [name for name, status in last.items() if status.endswith("_IN_PROGRESS")]
    done = sum(status.endswith("_COMPLETE") for status in last.values())
    return f"{done} resources done, working on {', '.join(busy[:3]) or 'the rest'}"
