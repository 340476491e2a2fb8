"""CloudFormation stacks and change sets."""

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
_OBSOLETE: Final = {"ChangeSetNotFound", "InvalidChangeSetStatus"}
"""What is said of a change set that another change has overtaken (API_ExecuteChangeSet)."""
_UNBORN: Final = {"", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
"""Status of a stack that is only planned, or that was."""
DONE: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
UPDATABLE: Final = DONE | {
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
}
"""Status of a stack that can be changed."""
DELETABLE: Final = {
    "CREATE_FAILED": "it could not be made",
    "DELETE_FAILED": "it could be deleted in part only",
    "ROLLBACK_COMPLETE": "it could not be made, and what was made was taken back",
    "ROLLBACK_FAILED": "it could not be made, and not all that was made could be taken back",
}
"""Status of a stack that can only be deleted → how it came to it (CloudFormation user guide, "Stack
status codes")."""


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
        if self.status() == "REVIEW_IN_PROGRESS" and not self._plans():
            self.client.delete_stack(StackName=self.name)

    def execute(self, plan: str, progress: Callable[[str], None]) -> None:
        """Execute a change set, and wait for its end.

        Args:
            plan: the change set.
            progress: told which resources are being worked on.

        Raises:
            DeployError: when it holds no more, or a resource could not be made; CloudFormation has
                put all back.
        """
        try:
            self.client.execute_change_set(
                StackName=self.name, ChangeSetName=plan, ClientRequestToken=plan
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _OBSOLETE:
                raise
            raise DeployError(
                f"stack {self.name} was changed since it was asked what would change; try again"
            ) from error
        status, events = self._end(plan, self._id(), progress)
        if status not in DONE:
            raise DeployError(f"stack {self.name} is {status}\n{failures(events)}")

    def delete(self) -> None:
        """Delete the stack, and wait for its end.

        Raises:
            DeployError: when a resource could not be deleted.
        """
        token, stack = f"make-deploy-{uuid4().hex[:8]}", self._id()
        self.client.delete_stack(StackName=stack, ClientRequestToken=token)
        status, events = self._end(token, stack, lambda _: None)
        if status != "DELETE_COMPLETE":
            raise DeployError(f"stack {self.name} is {status}\n{failures(events)}")

    def _end(
        self, token: str, stack: str, progress: Callable[[str], None]
    ) -> tuple[str, list[dict[str, Any]]]:
        """Wait until the operation with this token has ended; return the status and its events.

        By its events: a look between the call and the beginning shows the end of the operation
        before, and a look at the stack's status may be of another moment than one at its events.
        """
        while True:
            events = events_of_operation(self._events(stack), token)
            ends = [event["ResourceStatus"] for event in reversed(events) if _is_end(event)]
            if ends:
                return ends[0], events
            progress(_under_way(events))
            time.sleep(self.poll_seconds)

    def _id(self) -> str:
        """Return the stack's ARN, by which it is found when it is deleted, too."""
        return str(self.client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"])

    def _plans(self) -> list[dict[str, Any]]:
        return list(self.client.list_change_sets(StackName=self.name)["Summaries"])

    def _planned(self, plan: str) -> dict[str, Any]:
        while True:
            said: dict[str, Any] = self.client.describe_change_set(
                StackName=self.name, ChangeSetName=plan
            )
            if not said["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                return said
            time.sleep(self.poll_seconds)

    def _events(self, stack: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]]


def stack_problems(stack: Stack) -> list[str]:
    """Say what stands in the way of changing a stack, and what mends it."""
    status, name = stack.status(), stack.name
    if status in _UNBORN | UPDATABLE or status in DELETABLE:
        return []
    if status.endswith("_IN_PROGRESS"):
        mend = "somebody is changing it: wait until that has ended, and try again"
    elif status == "UPDATE_ROLLBACK_FAILED":
        mend = (
            "a change failed and could not be taken back: mend what its events name, then "
            f"aws cloudformation continue-update-rollback --stack-name {name}"
        )
    else:
        mend = f"expected one of {', '.join(sorted(UPDATABLE))}"
    return [f"stack {name}: is {status}; {mend}"]


def events_of_operation(events: Sequence[dict[str, Any]], token: str) -> list[dict[str, Any]]:
    """Return the events of an operation and of what it led to, newest first.

    Each event of an operation carries the token that it was called with (API_StackEvent); that
    somebody cancelled it carries the token of the cancellation.
    """
    first = max(
        (place for place, event in enumerate(events) if event.get("ClientRequestToken") == token),
        default=-1,
    )
    return list(events[: first + 1])


def _is_end(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is of the stack itself, and of its end."""
    is_stack = event.get("PhysicalResourceId") == event.get("StackId")
    return is_stack and not event["ResourceStatus"].endswith("_IN_PROGRESS")


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
