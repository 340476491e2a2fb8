"""People in the Slack channel, who read boards, press buttons and type commands."""

import json
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from handlers.domain.approvals.approval import Subject
from handlers.slack.action_ids import Action
from sandbox.stories.story import APPROVES, LOOKS_AGAIN, Answer
from simulator.faults import AtClick
from simulator.simulated_story import REJECTS
from simulator.slack_requests import click, command, rejection, request

AGAIN_AFTER = timedelta(seconds=30)
"""Before somebody presses again what failed."""
MOST_TRIES = 6
MOST_LOOKS = 5
"""Times that somebody presses *Look again* about one color."""
THINKING = timedelta(seconds=20)
"""Before somebody submits the dialog that asks for a reason."""


def buttons(message: Any) -> list[tuple[Action, str]]:
    """List what can be pressed on a message."""
    return [
        (element["action_id"], element["value"])
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


class People:
    """Everybody in the channel."""

    def __init__(self, simulation: Any) -> None:
        self.simulation = simulation
        self.clicks = 0
        self._seen: set[tuple[str, str]] = set()
        self._asked: Counter[tuple[str, str]] = Counter()

    def read_boards(self) -> None:
        """React to every button that is new on boards and questions."""
        for message in self.simulation.outside.slack.edited():
            for action, value in buttons(message):
                if (action, value) not in self._seen:
                    self._seen.add((action, value))
                    self._react(Action(action), value)

    def _react(self, action: Action, value: str) -> None:
        story = self.simulation.story
        if action is Action.APPROVE:
            approval = self.simulation.outside.approvals.records.get(value)
            answers = (
                story.answers_to(approval.application, approval.color, Subject(approval.about))
                if approval
                else APPROVES
            )
            asked = (approval.application, approval.color) if approval else ("", "")
            self._asked[asked] += 1
            if self._asked[asked] > MOST_LOOKS and answers[:1] == (LOOKS_AGAIN,):
                answers = REJECTS
            for answer in answers:
                self._later(answer, value)
        elif action is Action.ROLL_BACK:
            for answer in story.then:
                self._later(answer, value)

    def _later(self, answer: Answer, value: str) -> None:
        simulation = self.simulation
        simulation.after(answer.after, lambda: self.press(answer.by, answer.action, value))

    def press(self, by: str, action: Action, value: str, tries: int = 0) -> None:
        """Press a button; retry while that fails and the button is shown."""
        if tries and (not self.is_shown(action, value) or tries > MOST_TRIES):
            return
        if not tries:
            self._inject_click_fault(by, action, value)
        dialogs = len(self.simulation.outside.light.dialogs)

        def answered(response: Any) -> None:
            if _failed(response):
                self.simulation.after(AGAIN_AFTER, lambda: self.press(by, action, value, tries + 1))
            elif action is Action.REJECT:
                if len(self.simulation.outside.light.dialogs) > dialogs:
                    self.simulation.after(THINKING, lambda: self.reject(by, value))
                elif self.is_shown(action, value):
                    self.simulation.after(
                        AGAIN_AFTER, lambda: self.press(by, action, value, tries + 1)
                    )

        self.simulation.lambdas.invoke_sync(click(by, action, value, self.simulation.now), answered)

    def reject(self, by: str, value: str, tries: int = 0) -> None:
        """Submit the dialog that asks for a reason; retry where that fails."""

        def answered(response: Any) -> None:
            if _failed(response) and tries < MOST_TRIES:
                self.simulation.after(AGAIN_AFTER, lambda: self.reject(by, value, tries + 1))

        self.simulation.lambdas.invoke_sync(rejection(by, value, self.simulation.now), answered)

    def type(self, by: str, text: str) -> None:
        """Type a slash command; retry where that fails."""

        def answered(response: Any) -> None:
            if _failed(response):
                self.simulation.after(AGAIN_AFTER, lambda: self.type(by, text))

        self.simulation.lambdas.invoke_sync(command(by, text, self.simulation.now), answered)

    def call(self, role: str, answer: str, tries: int = 0) -> None:
        """Answer every open question through the API; retry where that fails or nothing is asked."""
        receive = partial(self.simulation.lambdas.invoke_sync, function="AnswerApi")

        def again() -> None:
            if tries < MOST_TRIES:
                self.simulation.after(AGAIN_AFTER, lambda: self.call(role, answer, tries + 1))

        def answered(response: Any) -> None:
            if _failed(response):
                again()

        def listed(response: Any) -> None:
            asked = [] if _failed(response) else json.loads(response["body"])["approvals"]
            if not asked:
                again()
            for each in asked:
                receive(request(role, "POST", each["id"], answer), answered)

        receive(request(role, "GET"), listed)

    def is_shown(self, action: Action, value: str) -> bool:
        """Whether a board or a question has the button."""
        boards = self.simulation.outside.slack.edited()
        return any((action, value) in buttons(message) for message in boards)

    def _inject_click_fault(self, by: str, action: Action, value: str) -> None:
        """Inject the fault that is planned for this click."""
        self.clicks += 1
        kind = self.simulation.fault_of_click(self.clicks - 1)
        if kind is None:
            return
        event, receive = (
            click(by, action, value, self.simulation.now),
            self.simulation.lambdas.invoke_sync,
        )
        match kind:
            case AtClick.TWICE:
                receive(event, lambda _: None, overlapping=True)
            case AtClick.TWO_PEOPLE:
                receive(
                    click("U0DAVE", action, value, self.simulation.now),
                    lambda _: None,
                    overlapping=True,
                )
            case AtClick.REJECTED_TOO:
                receive(rejection("U0DAVE", value, self.simulation.now), lambda _: None)
            case AtClick.LATE:
                self.simulation.after(
                    timedelta(minutes=30),
                    lambda: receive(click(by, action, value, self.simulation.now), lambda _: None),
                )
            case AtClick.STRANGER:
                receive(click("U0EVE", action, value, self.simulation.now), lambda _: None)


def _failed(response: Any) -> bool:
    return response is None or response["statusCode"] >= 500
