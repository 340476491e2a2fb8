"""The stories of many rollouts at once, and the people who answer what they ask."""

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from handlers.domain.model.outcomes import RolloutOutcome
from handlers.slack.action_ids import REASON, Action
from sandbox.host.sandbox import Sandbox
from sandbox.wire.slack.slack_errors import SlackError

OK: Final = 200


@dataclass(frozen=True, kw_only=True)
class Story:
    """What one rollout is to meet."""

    tag: str
    outcome: RolloutOutcome
    refused: str = ""
    """The color whose question is refused."""


GOOD: Final = Story(tag="v1.42.0", outcome=RolloutOutcome.COMPLETED)
CRASHES: Final = Story(tag="v1.43.0-crash", outcome=RolloutOutcome.ROLLED_BACK)
UNHEALTHY: Final = Story(tag="v1.43.0-unhealthy-on-yellow", outcome=RolloutOutcome.ROLLED_BACK)
REFUSED: Final = Story(tag="v1.42.1", outcome=RolloutOutcome.REJECTED, refused="yellow")
STORIES: Final = (GOOD, GOOD, CRASHES, GOOD, GOOD, REFUSED, GOOD, GOOD, UNHEALTHY, GOOD)
"""Of every ten, in turn."""


def applications(count: int) -> dict[str, Story]:
    """Name so many applications, each with its story."""
    return {f"app-{number:03}": STORIES[number % len(STORIES)] for number in range(count)}


@dataclass
class Crowd:
    """The people, who press what the boards offer them."""

    sandbox: Sandbox
    stories: Mapping[str, Story]
    seconds: list[float] = field(default_factory=list)
    """How long each click took."""
    failures: Counter[str] = field(default_factory=Counter)
    pressed: set[str] = field(default_factory=set)
    """Questions that were answered, or are being."""
    dialogs: Lock = field(default_factory=Lock)

    def look(self, hands: ThreadPoolExecutor) -> None:
        """Answer every question of the channel that has not been answered."""
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
        story = next(story for name, story in self.stories.items() if name in text)
        try:
            if not self._is_asked(question):
                return
            if story.refused and f"{story.refused} asking" in text:
                status = self._refuse(board)
            else:
                status = self._click(board, Action.APPROVE)
        except SlackError as error:
            status = None
            self.failures[str(error)] += 1
        if status != OK:
            self.failures[f"answered {status}"] += 1
            self.pressed.discard(question)

    def _is_asked(self, question: str) -> bool:
        """Whether it still is on its board, as whoever presses looks once more."""
        return any(one.value == question for one in self.sandbox.people.buttons("bob"))

    def _refuse(self, board: str) -> int | None:
        """Say no, and why: one dialog at a time, for bob has one head."""
        with self.dialogs:
            status = self._click(board, Action.REJECT)
            for dialog in self.sandbox.workspace.modals.before("U0BOB"):
                reason = {REASON: {REASON: "not this week"}}
                self.sandbox.people.submit("bob", dialog.id, reason)
        return status

    def _click(self, board: str, action: Action) -> int | None:
        began = time.monotonic()
        status = self.sandbox.people.click("bob", board, action)
        self.seconds.append(time.monotonic() - began)
        return status
