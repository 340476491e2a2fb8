"""The actors of a scenario: its people and outsiders, from a rollout's start to its end.

Tested in `tests/e2e/test_scenarios.py`.
"""

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
from sandbox.scenarios.iam_answers import approve_over_the_api
from sandbox.scenarios.scenario import Scenario
from sandbox.stories.story import HEALTH, RELEASE, Answer
from sandbox.wire.slack.slack_errors import SlackError

POLL_SECONDS: Final = 0.1
"""Seconds between two reads of the record."""
TIMEOUT_SECONDS: Final = 900.0
"""Seconds after which an automatic run fails: far more than any takes on a busy machine."""


class ScenarioTimeoutError(RuntimeError):
    """The rollout did not end in time."""


@dataclass
class Actors:
    """The actors of one rollout."""

    sandbox: Sandbox
    scenario: Scenario
    execution: str
    automatic: bool
    done: dict[str, int] = field(default_factory=dict)
    """Color → how many of its people's answers were given."""
    given: set[tuple[str, Answer]] = field(default_factory=set)
    """Question and answer, once each: a board that is behind still shows an answered question."""
    resolved: dict[str, str] = field(default_factory=dict)
    """Doubt that was answered → its color."""
    meanwhile_is_over: bool = False

    @property
    def name(self) -> str:
        """The rollout's id."""
        return self.execution.rsplit(":", 1)[-1]

    @cached_property
    def rollouts(self) -> Rollouts:
        """The records that the handlers write."""
        return Rollouts(
            Table(self.sandbox.client("dynamodb"), self.sandbox.stack.tables["Rollouts"])
        )

    def audit(self) -> list[AuditEntry]:
        """Return the audit entries of the rollout."""
        table = Table(
            self.sandbox.client("dynamodb"), self.sandbox.stack.tables["Audit"], "rollout"
        )
        return Audit(table).entries(self.name)

    def until_ended(self, show: Callable[[Rollout | None], None]) -> dict[str, Any]:
        """Play until the execution has ended and its record is closed.

        Args:
            show: called with the record at each poll.

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
        """Have everybody do what is due."""
        if not self.meanwhile_is_over:
            self.meanwhile_is_over = self.scenario.meanwhile(self.sandbox, rollout)
        if not self.automatic:
            return
        for color in rollout.colors.values():
            waits_for = self.scenario.waits_for.get(color.color, "")
            if color.stage is Stage.ASKING and color.decision is None and self._was_said(waits_for):
                self._answer(rollout, color.color, color.approval)
            if color.stage is Stage.UNCLEAR and color.doubt and color.doubt.decision is None:
                self._resolve(rollout, color.color, color.doubt.id)

    def _resolve(self, rollout: Rollout, color: str, doubt: str) -> None:
        """Answer whether a color with an unclear verdict may stay."""
        if not self.meanwhile_is_over or doubt in self.resolved:
            return
        answers = self.scenario.answers_to(rollout.application, color, HEALTH)
        looked = list(self.resolved.values()).count(color)
        if self.give(rollout, answers[min(looked, len(answers) - 1)]):
            self.resolved[doubt] = color

    def _answer(self, rollout: Rollout, color: str, question: str) -> None:
        """Give the next answer about a color, once that is possible."""
        answers = self.scenario.answers_to(rollout.application, color, RELEASE)
        done = self.done.get(color, 0)
        # What someone else does to the open question comes first.
        if done >= len(answers) or not (self.meanwhile_is_over or color == "red"):
            return
        if not self.scenario.at_once:
            if (question, answers[done]) not in self.given and self.give(rollout, answers[done]):
                self.given.add((question, answers[done]))
                self.done[color] = done + 1
            return
        with ThreadPoolExecutor() as crowd:
            given = list(crowd.map(lambda answer: self.give(rollout, answer), answers))
        self.done[color] = len(answers) if any(given) else 0

    def give(self, rollout: Rollout, answer: Answer) -> bool:
        """Give one answer; return whether that was possible."""
        if answer.by_api:
            return approve_over_the_api(self.sandbox, answer.by, rollout.id)
        message = self._message_with(rollout, answer)
        if not message:
            return False
        try:
            status = self.sandbox.people.click(answer.by, message, answer.action)
        except SlackError:
            return False
        if answer.action is Action.REJECT and status is not None:
            return self._give_reason(answer)
        return status is not None

    def _give_reason(self, answer: Answer) -> bool:
        person = self.sandbox.workspace.person(answer.by)
        for dialog in self.sandbox.workspace.modals.before(person.id):
            self.sandbox.people.submit(person.id, dialog.id, {REASON: {REASON: answer.reason}})
            return True
        return False

    def _message_with(self, rollout: Rollout, answer: Answer) -> str:
        """Return the `ts` of the question, or of the board, that offers a button; or nothing."""
        present = {rollout.id, *rollout.open_questions}
        offered = (
            button.message_ts
            for button in self.sandbox.people.buttons(answer.by)
            if button.action_id == answer.action and button.value in present
        )
        return next(offered, "")

    def _was_said(self, words: str) -> bool:
        return any(words in message.text for message in self.sandbox.workspace.timeline.messages)
