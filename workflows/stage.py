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
from workflows.dsl.retries import BRIEF_TROUBLE, about
from workflows.dsl.steps import Step, ask, both, in_order, invoke, wait

LOOK_AT_THE_QUESTION_EVERY: Final = timedelta(minutes=15)
LOOK_AT_THE_DEPLOYMENT_EVERY: Final = timedelta(minutes=10)
LOOK_AT_HEALTH_EVERY: Final = timedelta(minutes=1)
"""CloudWatch has one value a minute: looking more often shows nothing new."""
ONE_LOOK_TAKES_AT_MOST: Final = timedelta(minutes=5)


def stage(color: str, *, if_refused: Step, if_failed: Step) -> Step:
    """Ask for a color, bring it the release, and go on only when it is healthy.

    Args:
        color: The color's name.
        if_refused: Where everything but an approval leads. Nothing of this color has changed.
        if_failed: Where everything leads that goes wrong later.
    """
    return in_order(
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
        {**about(color), "about": Subject.RELEASE},
        look_again=f"Look again at {color}'s question",
        every=LOOK_AT_THE_QUESTION_EVERY,
        retries=BRIEF_TROUBLE,
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
    return in_order(question, answer)


def _deploy(color: str, if_failed: Step) -> Step:
    deployment = ask(
        f"Deploy {color}",
        "DeployColor",
        about(color),
        look_again=f"Look again at {color}'s deployment",
        every=LOOK_AT_THE_DEPLOYMENT_EVERY,
        retries=BRIEF_TROUBLE,
        result="$.deployment",
        on_fault=if_failed,
    )
    outcome = choose(
        f"{color.capitalize()} deployed?",
        "$.deployment.outcome",
        goes_on=DeploymentOutcome.COMPLETED,
        otherwise=if_failed,
    )
    return in_order(deployment, outcome)


def _verify(color: str, if_failed: Step) -> Step:
    """Watch the color for its bake; ask people where no verdict can be reached."""
    look = invoke(
        f"Verify {color}",
        "VerifyColor",
        about(color),
        timeout=ONE_LOOK_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        # Whole: a word that the answer lacks would end the execution, with nothing put back.
        keep={"answer.$": "$.Payload"},
        result="$.verification",
        on_fault=if_failed,
    )
    watch = in_order(wait(f"Watch {color}", LOOK_AT_HEALTH_EVERY), look)
    question = ask(
        f"Ask about {color}",
        "RequestApproval",
        {**about(color), "about": Subject.HEALTH},
        look_again=f"Look again at {color}'s doubt",
        every=LOOK_AT_THE_QUESTION_EVERY,
        retries=BRIEF_TROUBLE,
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
        ways={Reaction.LOOK_AGAIN: watch, Reaction.ASK: in_order(question, answer)},
        otherwise=if_failed,
    )
    return in_order(look, both(verdict, answer))
