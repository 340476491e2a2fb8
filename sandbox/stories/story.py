"""The one vocabulary of stories: what is released, what people answer, and the right outcome.

Plain data, which four readers extend by what only they can do: the sandbox's scenarios and group
scenarios, the load bench, and the simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from handlers.domain.approvals.approval import Subject
from handlers.slack.action_ids import Action

RELEASE: Final = Subject.RELEASE
HEALTH: Final = Subject.HEALTH
ECR: Final = "ecr"
"""Who asks for a rollout that a push starts."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer of a person to a question, or one press of another button of the board."""

    by: str = "U0BOB"
    """A Slack user, by id or name; or the ARN of a role."""
    action: Action = Action.APPROVE
    reason: str = ""
    """What is written into the dialog that asks why."""
    after: timedelta = timedelta(minutes=1)
    """Virtual time from the question to the answer; the sandbox's people answer at once."""
    by_api: bool = False
    """Answers through the HTTP API instead of Slack."""


APPROVES: Final = (Answer(),)
LOOKS_AGAIN: Final = Answer(action=Action.LOOK_AGAIN)
NOBODY: Final[tuple[Answer, ...]] = ()
ROLLS_BACK: Final = (Answer(action=Action.ROLL_BACK),)


@dataclass(frozen=True, kw_only=True, eq=False)
class Story:
    """One rollout, or one group of rollouts, and its right outcome."""

    outcome: str
    applications: tuple[str, ...] = ("api",)
    tag: str = "v1.42.0"
    by: str = "U0ALICE"
    """Who asks for it; `ECR` where a push starts it."""
    reason: str = ""
    group: Mapping[str, str] | None = None
    """The input of a group beside its applications; None for a rollout on its own."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The applications' settings in place of the committed ones, table by table."""
    answers: Mapping[tuple[str, Subject], tuple[Answer, ...]] = field(default_factory=dict)
    """Color or service, and subject of the question → its answers, in order."""
    usual_answers: Mapping[Subject, tuple[Answer, ...]] = field(
        default_factory=lambda: {RELEASE: APPROVES, HEALTH: APPROVES}
    )
    """The answers to questions that `answers` does not name."""
    then: tuple[Answer, ...] = NOBODY
    """What people press on the board of the ended rollout."""

    @property
    def is_pushed(self) -> bool:
        """Whether the push of its tag starts it."""
        return self.by == ECR

    def answers_to(self, application: str, color: str, subject: Subject) -> tuple[Answer, ...]:
        """Return the answers to a question."""
        usual = self.answers.get((color, subject), self.usual_answers[subject])
        return self.answers.get((f"{application}-{color}", subject), usual)

    def input_for(self, *applications: str) -> dict[str, Any]:
        """Return the input of the execution: of these applications, or else of its own."""
        named = applications or self.applications
        document: dict[str, Any] = (
            {"application": named[0], "tag": self.tag}
            if self.group is None
            else {"applications": list(named), "tag": self.tag, **self.group}
        )
        document["requestedBy"] = self.by
        return document | ({"reason": self.reason} if self.reason and not self.is_pushed else {})
