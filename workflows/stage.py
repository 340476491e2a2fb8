"""One color: ask people, deploy, verify.

Approve red   →  Deploy red  →  Verify red  →  the next color
    │ no             │ not completed  │ unhealthy   │ unclear
    ▼                ▼                ▼             ▼
finish, or       roll back        roll back     Ask about red
roll back once a color was changed
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
    """Ask for a color, bring it the release, and go on only when it is healthy.

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

    An answer to what does not hold any more is none: the question is asked again.
    """
    question = ask(
        f"Approve {color}",
        "RequestApproval",
        {**color_payload(color), "about": Subject.RELEASE},
        look_again=f"Look again at {color}'s question",
        every=QUESTION_POLL_INTERVAL,
        retries=TRANSIENT_ERRORS,
        result="$.approval",
        on_fault=if_refused,
    )
    answer = choose(
        f"{color.capitalize()} approved?",
        "$.approval.outcome",
        goes_on=DecisionOutcome.APPROVED,
        ways={DecisionOutcome.ASK_AGAIN: question},
        otherwise=if_refused,
    )
    return sequence(question, answer)


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
    """Watch the color for its bake; ask people where no verdict can be reached."""
    look = invoke(
        f"Verify {color}",
        "VerifyColor",
        color_payload(color),
        timeout=VERIFY_TIMEOUT,
        retries=TRANSIENT_ERRORS,
        # Whole: a word that the answer lacks would end the execution, with nothing put back.
        keep={"answer.$": "$.Payload"},
        result="$.verification",
        on_fault=if_failed,
    )
    watch = sequence(wait(f"Watch {color}", HEALTH_POLL_INTERVAL), look)
    question = ask(
        f"Ask about {color}",
        "RequestApproval",
        {**color_payload(color), "about": Subject.HEALTH},
        look_again=f"Look again at {color}'s doubt",
        every=QUESTION_POLL_INTERVAL,
        retries=TRANSIENT_ERRORS,
        result="$.doubt",
        on_fault=if_failed,
    )
    answer = choose(
        f"Go on with {color}?",
        "$.doubt.outcome",
        goes_on=DecisionOutcome.APPROVED,
        ways={DecisionOutcome.LOOK_AGAIN: look, DecisionOutcome.ASK_AGAIN: question},
        otherwise=if_failed,
    )
    verdict = choose(
        f"{color.capitalize()} healthy?",
        "$.verification.answer.reaction",
        goes_on=Reaction.GO_ON,
        ways={Reaction.LOOK_AGAIN: watch, Reaction.ASK: sequence(question, answer)},
        otherwise=if_failed,
    )
    return sequence(look, merge(verdict, answer))
