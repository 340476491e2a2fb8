"""The group's machine, which starts executions of the rollouts' machine and waits for them."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from simulator.faults import AtInvocation
from simulator.stepfunctions.asl_data import compact
from simulator.stepfunctions.asl_errors import StatesError
from simulator.stepfunctions.machine import load_file
from simulator.stepfunctions.nested_executions import (
    child_output,
    failure_cause,
    start_error,
    start_output,
    stop_cause,
)
from simulator.stepfunctions.step_functions_service import StepFunctions

DEFINITION = Path(__file__).parents[1] / "definitions" / "group.asl.json"
ARN = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:shingo-group"
GROUP = "release-1"


@cache
def machine() -> Any:
    """Read the committed definition, once."""
    return load_file(DEFINITION)


class Groups:
    """Executions of the group's machine, and the rollouts that they wait for."""

    def __init__(self, simulation: Any, now: datetime) -> None:
        self.service = StepFunctions(machine(), now=now, arn=ARN)
        self._simulation = simulation
        self.failed: dict[str, datetime] = {}
        """Group → when its first application had failed."""
        self._children: dict[str, Any] = {}
        """ARN of a rollout's execution → the call that waits for it."""

    def executions(self) -> list[Any]:
        return list(self.service._executions.values())

    def recording_failures(self, move: Callable[..., Any]) -> Callable[..., Any]:
        """Have a change of a group record when the group failed."""

        def moved(*args: Any, **changes: Any) -> Any:
            group = move(*args, **changes)
            if group.failed:
                self.failed.setdefault(group.id, self._simulation.now)
            return group

        return moved

    def start_rollout(self, call: Any, kind: AtInvocation | None) -> None:
        """Start a rollout for a group, with the fault that is planned for it, if any."""
        rollouts = self._simulation.states
        if kind is AtInvocation.THROTTLED:
            self.service.fail(call, "StepFunctions.ThrottlingException", "Rate exceeded")
            return
        name, document = call.payload["Name"], compact(call.payload["Input"])
        try:
            if kind in {AtInvocation.TWICE, AtInvocation.TWICE_AT_ONCE}:
                rollouts.start_execution(name=name, input=document)
            answer = rollouts.start_execution(name=name, input=document)
        except StatesError as error:
            self.service.fail(call, start_error(error), str(error))
            return
        self._simulation.log(f"StartExecution {name}, of a group")
        self.service.submitted(call, start_output(answer))
        self._children[answer["executionArn"]] = call

    def detach_rollouts(self) -> None:
        """Forget the rollouts: no group waits for them any more, and none stops them."""
        self._children.clear()

    def sync_rollouts(self) -> bool:
        """Report ended rollouts to their groups, and stop those that no group waits for any more.

        Returns:
            Whether there was anything to do.
        """
        states, done = self._simulation.states, False
        for arn, call in list(self._children.items()):
            described = states.describe_execution(arn=arn)
            if not self.service.is_awaited(call):
                states.stop_execution(arn=arn, cause=stop_cause(call.execution))
            elif described["status"] == "SUCCEEDED":
                self.service.complete(call, child_output(described))
            elif described["status"] != "RUNNING":
                self.service.fail(call, "States.TaskFailed", failure_cause(described))
            else:
                continue
            del self._children[arn]
            done = True
        return done
