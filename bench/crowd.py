"""The stories of many rollouts at once, and the people who answer their questions.

Tested in `tests/e2e/test_load.py`.
"""

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.slack.action_ids import REASON, Action
from sandbox.host.sandbox import Sandbox
from sandbox.stories.story import RELEASE, Answer, Story
from sandbox.wire.slack.slack_errors import SlackError

OK: Final = 200


REASON_TO_START: Final = "all at once"
GOOD: Final = Story(outcome=RolloutOutcome.COMPLETED, reason=REASON_TO_START)
CRASHES: Final = replace(GOOD, outcome=RolloutOutcome.ROLLED_BACK, tag="v1.43.0-crash")
UNHEALTHY: Final = replace(CRASHES, tag="v1.43.0-unhealthy-on-yellow")
REJECTED: Final = replace(
    GOOD,
    outcome=RolloutOutcome.REJECTED,
    tag="v1.42.1",
    answers={("yellow", RELEASE): (Answer(action=Action.REJECT, reason="not this week"),)},
)
STORIES: Final = (GOOD, GOOD, CRASHES, GOOD, GOOD, REJECTED, GOOD, GOOD, UNHEALTHY, GOOD)
"""Of ten applications in turn."""


def applications(count: int) -> dict[str, Story]:
    """Return as many applications, each with its story."""
    return {f"app-{number:03}": STORIES[number % len(STORIES)] for number in range(count)}


@dataclass
class Crowd:
    """People who answer every question of many rollouts."""

    sandbox: Sandbox
    stories: Mapping[str, Story]
    seconds: list[float] = field(default_factory=list)
    """How long each click took."""
    failures: Counter[str] = field(default_factory=Counter)
    pressed: set[str] = field(default_factory=set)
    """Questions that were answered, or are being."""
    dialogs: Lock = field(default_factory=Lock)

    def answer_all(self, hands: ThreadPoolExecutor) -> None:
        """Answer every question of the channel that was not answered before."""
        with self.sandbox.workspace.read_lock():
            offered = [
                (board.ts, board.text, str(button["value"]))
                for board in self.sandbox.workspace.timeline.messages
                for block in board.blocks
                for button in block.get("elements", ())
                if button.get("action_id") == Action.APPROVE
            ]
        for board, text, question in offered:
            if question not in self.pressed:
                self.pressed.add(question)
                hands.submit(self._answer, board, text, question)

    def _answer(self, board: str, text: str, question: str) -> None:
        name = next(name for name in self.stories if name in text)
        color = next((color for color in COLORS if f"go to {color}?" in text), "")
        answer, *_ = self.stories[name].answers_to(name, color, RELEASE)
        try:
            if not self._is_asked(question):
                return
            if answer.action is Action.REJECT:
                status = self._reject(board, answer)
            else:
                status = self._click(board, answer.action)
        except SlackError as error:
            status = None
            self.failures[str(error)] += 1
        if status != OK:
            self.failures[f"answered {status}"] += 1
            self.pressed.discard(question)

    def _is_asked(self, question: str) -> bool:
        """Whether the question is still to be answered."""
        return any(one.value == question for one in self.sandbox.people.buttons("bob"))

    def _reject(self, board: str, answer: Answer) -> int | None:
        """Press *Reject* and give the reason; bob has one dialog open at a time."""
        with self.dialogs:
            status = self._click(board, Action.REJECT)
            for dialog in self.sandbox.workspace.modals.before("U0BOB"):
                reason = {REASON: {REASON: answer.reason}}
                self.sandbox.people.submit("bob", dialog.id, reason)
        return status

    def _click(self, board: str, action: Action) -> int | None:
        began = time.monotonic()
        status = self.sandbox.people.click("bob", board, action)
        self.seconds.append(time.monotonic() - began)
        return status
