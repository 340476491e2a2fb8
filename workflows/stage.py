"""One color: ask people, deploy, verify.

Approve red   →  Deploy red  →  Verify red  →  the next color
    │ no             │ not completed  │ unhealthy   │ unclear
    ▼                ▼                ▼             ▼
finish, or       roll back        roll back     Ask about red
roll back once a color was changed

Tested in `test_rollout_walked.py` and `test_doubt_walked.py`.
"""

from datetime import timedelta
from typing import Final

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.outcomes import DecisionOutcome, DeploymentOutcome
from handlers.domain.model.verification_settings import Reaction
from workflows.dsl.choices import choose
from workflows.dsl.payloads import color_payload
from workflows.dsl.retries import TRANSIENT_ERRORS
from workflows.dsl.steps import Step, ask, invoke, merge, sequence, wait

QUESTION_POLL_INTERVAL: Final = timedelta(minutes=15)
DEPLOYMENT_POLL_INTERVAL: Final = timedelta(minutes=10)
HEALTH_POLL_INTERVAL: Final = timedelta(minutes=1)
"""CloudWatch has one value a minute: looking more often shows nothing new."""
VERIFY_TIMEOUT: Final = timedelta(minutes=5)


def stage(color: str, *, if_refused: Step, if_failed: Step) -> Step:
    """Ask about a color, deploy the release to it, and go on only when it is healthy.

    Args:
        color: The color's name.
        if_refused: Where everything but an approval leads. Nothing of this color has changed.
        if_failed: Where everything leads that goes wrong later.
    """
    return sequence(
        _approve(color, if_refused),
        _deploy(color, if_failed),
        _verify(color, if_failed),
    )


def _approve(color: str, if_refused: Step) -> Step:
    """Approved goes on; rejected, expired, withdrawn and everything else is a refusal.

    Where what was shown no longer holds, an answer does not count: the question is asked again.
    """
    question = _question(
        f"Approve {color}",
        color,
        Subject.RELEASE,
        look_again=f"Look again at {color}'s question",
        result="$.approval",
        on_fault=if_refused,
    )
    answer = choose(
        f"{color.capitalize()} approved?",
        "$.approval.outcome",
        goes_on=DecisionOutcome.APPROVED,
        routes={DecisionOutcome.ASK_AGAIN: question},
        otherwise=if_refused,
    )
    return sequence(question, answer)


def _question(
    name: str, color: str, subject: Subject, *, look_again: str, result: str, on_fault: Step
) -> Step:
    return ask(
        name,
        "RequestApproval",
        {**color_payload(color), "about": subject},
        look_again=look_again,
        every=QUESTION_POLL_INTERVAL,
        retries=TRANSIENT_ERRORS,
        result=result,
        on_fault=on_fault,
    )


def _deploy(color: str, if_failed: Step) -> Step:
    deployment = ask(
        f"Deploy {color}",
        "DeployColor",
        color_payload(color),
        look_again=f"Look again at {color}'s deployment",
        every=DEPLOYMENT_POLL_INTERVAL,
        retries=TRANSIENT_ERRORS,
        result="$.deployment",
        on_fault=if_failed,
    )
    outcome = choose(
        f"{color.capitalize()} deployed?",
        "$.deployment.outcome",
        goes_on=DeploymentOutcome.COMPLETED,
        otherwise=if_failed,
    )
    return sequence(deployment, outcome)


def _verify(color: str, if_failed: Step) -> Step:
    """Watch the color for its bake; ask people where its verdict stays unclear."""
    look = invoke(
        f"Verify {color}",
        "VerifyColor",
        color_payload(color),
        timeout=VERIFY_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        # Whole: a selected field that the answer lacks would end the execution without a rollback.
        keep={"answer.$": "$.Payload"},
        result="$.verification",
        on_fault=if_failed,
    )
    watch = sequence(wait(f"Watch {color}", HEALTH_POLL_INTERVAL), look)
    question = _question(
        f"Ask about {color}",
        color,
        Subject.HEALTH,
        look_again=f"Look again at {color}'s doubt",
        result="$.doubt",
        on_fault=if_failed,
    )
    answer = choose(
        f"Go on with {color}?",
        "$.doubt.outcome",
        goes_on=DecisionOutcome.APPROVED,
        routes={DecisionOutcome.LOOK_AGAIN: look, DecisionOutcome.ASK_AGAIN: question},
        otherwise=if_failed,
    )
    verdict = choose(
        f"{color.capitalize()} healthy?",
        "$.verification.answer.reaction",
        goes_on=Reaction.GO_ON,
        routes={Reaction.LOOK_AGAIN: watch, Reaction.ASK: sequence(question, answer)},
        otherwise=if_failed,
    )
    return sequence(look, merge(verdict, answer))
