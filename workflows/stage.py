"""One color: ask people, deploy, verify.

Approve red   →  Deploy red  →  Verify red  →  the next color
    │ no             │ not completed  │ not healthy
    ▼                ▼                ▼
finish, or       roll back        roll back
roll back once a color was changed
"""

from datetime import timedelta
from typing import Final

from handlers.domain.outcomes import Outcome, Verdict
from workflows.calls import BRIEF_TROUBLE, about
from workflows.choices import choose
from workflows.steps import Step, ask, in_order, invoke, wait

LOOK_AT_THE_QUESTION_EVERY: Final = timedelta(minutes=15)
LOOK_AT_THE_DEPLOYMENT_EVERY: Final = timedelta(minutes=10)
LOOK_AT_HEALTH_EVERY: Final = timedelta(seconds=30)
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
        about(color),
        look_again=f"Look again at {color}'s question",
        every=LOOK_AT_THE_QUESTION_EVERY,
        retries=BRIEF_TROUBLE,
        result="$.approval",
        on_fault=if_refused,
    )
    answer = choose(
        f"{color.capitalize()} approved?",
        "$.approval.outcome",
        goes_on=Outcome.APPROVED,
        ways={Outcome.ASK_AGAIN: question},
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
        goes_on=Outcome.COMPLETED,
        otherwise=if_failed,
    )
    return in_order(deployment, outcome)


def _verify(color: str, if_failed: Step) -> Step:
    look = invoke(
        f"Verify {color}",
        "VerifyColor",
        about(color),
        timeout=ONE_LOOK_TAKES_AT_MOST,
        retries=BRIEF_TROUBLE,
        keep={"verdict.$": "$.Payload.verdict"},
        result="$.verification",
        on_fault=if_failed,
    )
    watch = wait(f"Watch {color}", LOOK_AT_HEALTH_EVERY)
    verdict = choose(
        f"{color.capitalize()} healthy?",
        "$.verification.verdict",
        goes_on=Verdict.HEALTHY,
        ways={Verdict.WATCHING: in_order(watch, look)},
        otherwise=if_failed,
    )
    return in_order(look, verdict)
