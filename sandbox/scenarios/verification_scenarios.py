"""The scenarios of what verification sees. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Mapping
from typing import Final

from handlers.domain.history.audit import EventKind
from handlers.domain.model.outcomes import RolloutOutcome, Verdict
from handlers.slack.action_ids import Action
from sandbox.scenarios.actions import (
    fill_cluster,
    fire_red_alarm,
    lower_traffic,
    take_metrics_down,
)
from sandbox.scenarios.scenario import ANY, Scenario
from sandbox.stories.story import (
    HEALTH,
    NOBODY,
    RELEASE,
    Answer,
)

VERIFICATION_SCENARIOS: Final[Mapping[str, Scenario]] = {
    "errors-on-red": Scenario(
        description="red answers with errors: the bake ends early, and red goes back by itself",
        tag="v1.43.0-errors-on-red",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", ANY, Verdict.UNHEALTHY),),
        audit=(
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.VERIFIED, "shingo"),
            (EventKind.PUT_BACK, "shingo"),
        ),
    ),
    "slow-on-yellow": Scenario(
        description="yellow answers slowly, held against green: red and yellow go back",
        tag="v1.43.0-slow-on-yellow",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(
            ("red", "latency", Verdict.HEALTHY),
            ("yellow", "latency", Verdict.UNHEALTHY),
        ),
    ),
    "leak": Scenario(
        description="red's memory grows while it is watched: red goes back",
        tag="v1.43.0-leak",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", "memory", Verdict.UNHEALTHY),),
    ),
    "quiet-night": Scenario(
        description="too few requests to judge by: people are asked, and bob rolls back",
        prepare=lower_traffic,
        answers={("red", HEALTH): (Answer(action=Action.REJECT, reason="Too unclear for now"),)},
        outcome=RolloutOutcome.REJECTED,
        evidence=(("red", "requests", Verdict.NO_DATA),),
        audit=(
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DOUBTED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "metrics-down": Scenario(
        description="CloudWatch is down: people are asked; bob has it looked at again, and it "
        "is well",
        meanwhile=take_metrics_down,
        evidence=(("red", "errors", Verdict.HEALTHY), ("green", "errors", Verdict.HEALTHY)),
        audit=(
            (EventKind.DOUBTED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.VERIFIED, "shingo"),
        ),
    ),
    "alarm-firing-at-start": Scenario(
        description="an alarm of red fires already: the rollout is refused",
        prepare=fire_red_alarm,
        outcome=RolloutOutcome.ALREADY_UNHEALTHY,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "no-room": Scenario(
        description="the cluster is full: the rollout is refused at once, and says what would "
        "be needed",
        prepare=fill_cluster,
        outcome=RolloutOutcome.NO_ROOM,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "late-failure": Scenario(
        description="red turns bad while yellow is asked about: the question is withdrawn, red "
        "goes back",
        tag="v1.43.0-late",
        answers={("yellow", RELEASE): NOBODY},
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", ANY, Verdict.UNHEALTHY),),
        audit=(
            (EventKind.VERIFIED, "shingo"),
            (EventKind.ASKED, "shingo"),
            (EventKind.LATE_FAILURE, "shingo"),
        ),
    ),
    "green-worse": Scenario(
        description="green, with nothing left to compare with, breaks its limit: all three go back",
        tag="v1.43.0-worse-on-green",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("yellow", "errors", Verdict.HEALTHY), ("green", ANY, Verdict.UNHEALTHY)),
    ),
}
