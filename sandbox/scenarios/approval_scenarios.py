"""The scenarios of questions and who answers them. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Mapping
from typing import Final

from handlers.domain.history.audit import EventKind
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.slack.action_ids import Action
from sandbox.scenarios.actions import (
    redeploy_green,
    take_slack_down,
)
from sandbox.scenarios.scenario import ANYBODY, BOBS_ROLE, IMPATIENT, ON_CALL, Scenario
from sandbox.stories.story import (
    APPROVES,
    NOBODY,
    RELEASE,
    Answer,
)

APPROVAL_SCENARIOS: Final[Mapping[str, Scenario]] = {
    "two-approvers": Scenario(
        description="two people must approve each color: one is not enough",
        settings={"approvals": {"required": 2, "must_include": ["S0SRE"], "users": ["U0CAROL"]}},
        answers=dict.fromkeys(
            ((color, RELEASE) for color in COLORS), (Answer(by="carol"), Answer(by="dave"))
        ),
        told={"carol": "1 more approval"},
        audit=((EventKind.ANSWERED, "U0CAROL"), (EventKind.DECIDED, "U0DAVE")),
    ),
    "same-person-twice": Scenario(
        description="two people must approve: bob in Slack and bob by a role of his are one",
        settings={"approvals": {"required": 2, "users": ["U0BOB", BOBS_ROLE, "U0DAVE"]}},
        people={"bob": ["U0BOB", BOBS_ROLE]},
        answers=dict.fromkeys(
            ((color, RELEASE) for color in COLORS),
            (Answer(by="bob"), Answer(by=BOBS_ROLE, by_api=True), Answer(by="dave")),
        ),
        told={"bob": "1 more approval"},
        audit=((EventKind.ANSWERED, "U0BOB"), (EventKind.DECIDED, "U0DAVE")),
    ),
    "nobody-can-answer": Scenario(
        description="everybody of the only group that may answer has left: refused at the start",
        settings={"approvals": {"users": [], "groups": ["S0NIGHT"]}},
        outcome=RolloutOutcome.NOBODY_CAN_ANSWER,
        audit=((EventKind.REFUSED_START, "shingo"), (EventKind.ENDED, "shingo")),
    ),
    "self-approval": Scenario(
        description="alice asked for it, so her own approval does not count",
        answers={("red", RELEASE): (Answer(by="alice"), *APPROVES)},
        told={"alice": "somebody else must approve it"},
        audit=((EventKind.REFUSED_CLICK, "U0ALICE"), (EventKind.DECIDED, "U0BOB")),
    ),
    "stranger": Scenario(
        description="carol may not answer, and is told who may",
        answers={("red", RELEASE): (Answer(by="carol"), *APPROVES)},
        told={"carol": "You may not answer for api"},
        audit=((EventKind.REFUSED_CLICK, "U0CAROL"), (EventKind.DECIDED, "U0BOB")),
    ),
    "expired": Scenario(
        description="nobody answers about yellow in time: red goes back",
        settings={"approvals": {"expires_after": "4 s"}},
        answers={("yellow", RELEASE): NOBODY},
        people_acceleration=IMPATIENT,
        outcome=RolloutOutcome.EXPIRED,
        audit=((EventKind.DECIDED, "U0BOB"), (EventKind.EXPIRED, "shingo")),
    ),
    "reminded": Scenario(
        description="bob answers about red only after a reminder",
        settings={"approvals": {"remind_every": "2 s"}},
        people_acceleration=IMPATIENT,
        waits_for={"red": "has waited"},
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.REMINDED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "reject-with-reason": Scenario(
        description="bob rejects yellow and says why: the reason is in the record and the cause",
        answers={("yellow", RELEASE): (Answer(action=Action.REJECT, reason="checkout is slow"),)},
        outcome=RolloutOutcome.REJECTED,
        audit=(
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.PUT_BACK, "shingo"),
        ),
    ),
    "roll-back-now": Scenario(
        description="bob takes it back while yellow is asked about",
        answers={("yellow", RELEASE): (Answer(action=Action.ROLL_BACK_NOW),)},
        outcome=RolloutOutcome.ROLLED_BACK_BY_HAND,
        audit=((EventKind.ROLL_BACK_ASKED, "U0BOB"), (EventKind.PUT_BACK, "shingo")),
    ),
    "withdraw": Scenario(
        description="alice, who asked for it, withdraws it before anything is changed",
        answers={("red", RELEASE): (Answer(by="alice", action=Action.WITHDRAW),)},
        outcome=RolloutOutcome.WITHDRAWN,
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.ROLL_BACK_ASKED, "U0ALICE"),
            (EventKind.ENDED, "shingo"),
        ),
    ),
    "double-click": Scenario(
        description="bob clicks twice while dave clicks: one decision, and the other learns who "
        "was first",
        answers={("red", RELEASE): (Answer(), Answer(), Answer(by="dave"))},
        at_once=True,
        told={ANYBODY: "was first"},
        audit=(
            (EventKind.DECIDED, ANYBODY),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "stale-evidence": Scenario(
        description="green is redeployed while yellow is asked about: bob's click does not count",
        meanwhile=redeploy_green,
        answers={("yellow", RELEASE): (*APPROVES, *APPROVES)},
        told={"bob": "Someone changed green"},
        audit=(
            (EventKind.STALE_CLICK, "U0BOB"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "slack-down": Scenario(
        description="Slack is down while red is deployed: the rollout goes on, the board is "
        "repaired",
        meanwhile=take_slack_down,
        people_acceleration=IMPATIENT,
    ),
    "api-approval": Scenario(
        description="on-call approves red without Slack, by the IAM route",
        settings={"approvals": {"users": ["U0BOB", ON_CALL]}},
        answers={("red", RELEASE): (Answer(by=ON_CALL, by_api=True),)},
        audit=((EventKind.DECIDED, ON_CALL),),
    ),
}
