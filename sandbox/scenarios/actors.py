"""The people and outsiders of a scenario, and the end of a rollout that they wait for."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from handlers.domain.history.audit import AuditEntry
from handlers.domain.model.rollout import Rollout, Stage
from handlers.gateways.audit_store import Audit
from handlers.gateways.dynamodb_table import Table
from handlers.gateways.rollout_store import Rollouts
from handlers.slack.action_ids import REASON, Action
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actions import BOB_APPROVES, BOB_LOOKS_AGAIN, Act
from sandbox.scenarios.catalogue import Scenario
from sandbox.scenarios.iam_answers import approve_over_the_api
from sandbox.wire.slack.slack_errors import SlackError

POLL_SECONDS: Final = 0.1
"""Seconds between two looks at the record."""
TIMEOUT_SECONDS: Final = 240.0
"""Seconds after which an automatic run is given up."""


class ScenarioTimeoutError(RuntimeError):
    """The rollout did not end in time."""


@dataclass
class Actors:
    """One rollout being played."""

    sandbox: Sandbox
    scenario: Scenario
    execution: str
    automatic: bool
    done: dict[str, int] = field(default_factory=dict)
    """Color → how many of its people's acts are done."""
    resolved: dict[str, str] = field(default_factory=dict)
    """Doubt that was answered → its color."""
    meanwhile_is_over: bool = False

    @property
    def name(self) -> str:
        """The rollout's id."""
        return self.execution.rsplit(":", 1)[-1]

    @cached_property
    def rollouts(self) -> Rollouts:
        """The record, read where the handlers write it."""
        return Rollouts(
            Table(self.sandbox.client("dynamodb"), self.sandbox.stack.tables["Rollouts"])
        )

    def audit(self) -> list[AuditEntry]:
        """Return what the audit holds about the rollout."""
        table = Table(
            self.sandbox.client("dynamodb"), self.sandbox.stack.tables["Audit"], "rollout"
        )
        return Audit(table).entries(self.name)

    def until_ended(self, show: Callable[[Rollout | None], None]) -> dict[str, Any]:
        """Play until the execution has ended and its record is closed.

        Args:
            show: told of the record at each look.

        Returns:
            The execution, as DescribeExecution describes it.

        Raises:
            ScenarioTimeoutError: an automatic run did not end within `TIMEOUT_SECONDS`.
        """
        record, machine = self.rollouts, self.sandbox.client("stepfunctions")
        started = time.monotonic()
        while True:
            rollout = record.get(self.name)
            show(rollout)
            described: dict[str, Any] = machine.describe_execution(executionArn=self.execution)
            has_ended = described["status"] != "RUNNING"
            if has_ended and (rollout is None or not rollout.is_open):
                return described
            if rollout is not None and not has_ended:
                self.act(rollout)
            if self.automatic and time.monotonic() - started > TIMEOUT_SECONDS:
                raise ScenarioTimeoutError(
                    f"{self.name} has not ended within {TIMEOUT_SECONDS:.0f} s"
                )
            self.sandbox.pause(POLL_SECONDS)

    def act(self, rollout: Rollout) -> None:
        """Have everybody do what is due now."""
        if not self.meanwhile_is_over:
            self.meanwhile_is_over = self.scenario.meanwhile(self.sandbox, rollout)
        if not self.automatic:
            return
        for color in rollout.colors.values():
            waits_for = self.scenario.waits_for.get(color.color, "")
            if color.stage is Stage.ASKING and color.decision is None and self._was_said(waits_for):
                self._answer(rollout, color.color)
            if color.stage is Stage.UNCLEAR and color.doubt and color.doubt.decision is None:
                self._resolve(rollout, color.color, color.doubt.id)

    def _resolve(self, rollout: Rollout, color: str, doubt: str) -> None:
        """Have people answer whether a color may stay whose verdict is unclear."""
        if not self.meanwhile_is_over or doubt in self.resolved:
            return
        acts = self.scenario.doubts.get(color, (BOB_LOOKS_AGAIN, *BOB_APPROVES))
        looked = list(self.resolved.values()).count(color)
        if self.do(rollout, acts[min(looked, len(acts) - 1)]):
            self.resolved[doubt] = color

    def _answer(self, rollout: Rollout, color: str) -> None:
        """Have the next of the color's people do what they do, once it can be done."""
        acts = self.scenario.people.get(color, BOB_APPROVES)
        done = self.done.get(color, 0)
        # What someone else does to the open question comes first.
        if done >= len(acts) or not (self.meanwhile_is_over or color == "red"):
            return
        if not self.scenario.at_once:
            self.done[color] = done + self.do(rollout, acts[done])
            return
        with ThreadPoolExecutor() as crowd:
            could = list(crowd.map(lambda act: self.do(rollout, act), acts))
        self.done[color] = len(acts) if any(could) else 0

    def do(self, rollout: Rollout, act: Act) -> bool:
        """Do one thing; return whether it could be done."""
        if act.over_the_api:
            return approve_over_the_api(self.sandbox, act.person, rollout.id)
        if rollout.board is None or not self._offers(rollout, act):
            return False
        try:
            status = self.sandbox.people.click(act.person, rollout.board.ts, act.action)
        except SlackError:
            return False
        if act.action is Action.REJECT and status is not None:
            return self._give_reason(act)
        return status is not None

    def _give_reason(self, act: Act) -> bool:
        person = self.sandbox.workspace.person(act.person)
        for dialog in self.sandbox.workspace.modals.before(person.id):
            self.sandbox.people.submit(person.id, dialog.id, {REASON: {REASON: act.reason}})
            return True
        return False

    def _offers(self, rollout: Rollout, act: Act) -> bool:
        """Whether the board shows the button of the present question, or of the rollout."""
        present = {rollout.id, *rollout.open_questions}
        return any(
            button.action_id == act.action and button.value in present
            for button in self.sandbox.people.buttons(act.person)
        )

    def _was_said(self, words: str) -> bool:
        return any(words in message.text for message in self.sandbox.workspace.timeline.messages)
