"""The people and outsiders of a scenario, and the end of a rollout that they wait for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from handlers.domain.rollout import Rollout, Stage
from handlers.gateways.rollouts import Rollouts
from handlers.gateways.table import Table
from handlers.slack.actions import Action
from sandbox.sandbox import Sandbox
from sandbox.scenarios import Scenario
from sandbox.wire.slack_errors import SlackError

LOOK: Final = 0.1
"""Seconds between two looks at the record."""
PATIENCE: Final = 240.0
"""Seconds after which an automatic run is given up."""
APPROVER: Final = "bob"


class GivenUp(RuntimeError):
    """The rollout did not end in time."""


@dataclass
class Play:
    """One rollout being played."""

    sandbox: Sandbox
    scenario: Scenario
    execution: str
    automatic: bool
    answered: set[str] = field(default_factory=set)
    meanwhile_is_over: bool = False

    @property
    def name(self) -> str:
        """The rollout's id."""
        return self.execution.rsplit(":", 1)[-1]

    def rollouts(self) -> Rollouts:
        """Return the record, read where the handlers write it."""
        return Rollouts(
            Table(self.sandbox.client("dynamodb"), self.sandbox.stack.tables["Rollouts"])
        )

    def until_ended(self, show: Callable[[Rollout | None], None]) -> dict[str, Any]:
        """Play until the execution has ended and its record is closed.

        Args:
            show: told of the record at each look.

        Returns:
            The execution, as DescribeExecution describes it.

        Raises:
            GivenUp: an automatic run did not end within `PATIENCE`.
        """
        record, machine = self.rollouts(), self.sandbox.client("stepfunctions")
        started = time.monotonic()
        while True:
            rollout = record.get(self.name)
            show(rollout)
            described: dict[str, Any] = machine.describe_execution(executionArn=self.execution)
            has_ended = described["status"] != "RUNNING"
            if has_ended and (rollout is None or not rollout.is_open):
                return described
            if rollout is not None and not has_ended:
                self._act(rollout)
            if self.automatic and time.monotonic() - started > PATIENCE:
                raise GivenUp(f"{self.name} has not ended within {PATIENCE:.0f} s")
            time.sleep(LOOK)

    def _act(self, rollout: Rollout) -> None:
        if not self.meanwhile_is_over:
            self.meanwhile_is_over = self.scenario.meanwhile(self.sandbox, rollout)
        for color in rollout.colors.values():
            asks = color.stage is Stage.ASKING and color.approval not in self.answered
            action = self.scenario.answers.get(color.color, Action.APPROVE)
            if self.automatic and asks and action and self.press(rollout, action):
                self.answered.add(color.approval)

    def press(self, rollout: Rollout, action: Action) -> bool:
        """Have the approver press a button on the board; return whether it was there."""
        if rollout.board is None:
            return False
        try:
            return self.sandbox.people.click(APPROVER, rollout.board.ts, action) is not None
        except SlackError:
            return False
