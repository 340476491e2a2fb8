"""The scenarios of one rollout in the sandbox, as data. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from handlers.domain.approvals.approval import Subject
from handlers.domain.history.audit import EventKind
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import RolloutOutcome, Verdict
from handlers.domain.model.rollout import Rollout
from handlers.slack.action_ids import Action
from sandbox.host.event_delivery import DeliveryDelays, no_delay
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actions import (
    PUSHES,
    deploy_red_by_hand,
    do_nothing,
    double_push_events,
    fail_scan,
    fill_cluster,
    finish_build,
    fire_red_alarm,
    keep_world,
    lose_events_of_red,
    lower_traffic,
    no_problems,
    push_newer_images,
    redeploy_green,
    stop_execution,
    take_metrics_down,
    take_slack_down,
)
from sandbox.scenarios.family_scenarios import families_kept, give_families
from sandbox.scenarios.instance_scenarios import (
    add_spot_instances,
    drain_problems,
    interrupt_while_red_is_verified,
    interrupt_while_yellow_is_asked,
    scale_out_on_demand,
    spot_fleet_problems,
)
from sandbox.stories.story import (
    APPROVES,
    ECR,
    HEALTH,
    LOOKS_AGAIN,
    NOBODY,
    RELEASE,
    ROLLS_BACK,
    Answer,
    Story,
)

Meanwhile = Callable[[Sandbox, Rollout], bool]
"""Does what others do during the rollout; called at each poll until it returns that it is done."""

Prepare = Callable[[Sandbox, str], None]
"""Prepares the world before the application's rollout starts."""

Check = Callable[[Sandbox, Rollout], list[str]]
"""Returns the problems that only this scenario can have."""

ON_CALL: Final = "arn:aws:iam::123456789012:role/on-call"
BOBS_ROLE: Final = "arn:aws:iam::123456789012:role/bobs-laptop"
ANYBODY: Final = "*"
ANY: Final = "*"
IMPATIENT: Final = 900.0
"""Makes the machine look at its questions each second."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario(Story):
    """A story in the sandbox."""

    description: str
    outcome: str = RolloutOutcome.COMPLETED
    reason: str = "faster search"
    usual_answers: Mapping[Subject, tuple[Answer, ...]] = field(
        default_factory=lambda: {RELEASE: APPROVES, HEALTH: (LOOKS_AGAIN, *APPROVES)}
    )
    people: Mapping[str, list[str]] = field(default_factory=dict)
    """Who is who, beside the settings."""
    delays: DeliveryDelays = no_delay
    """Of the events that AWS sends."""
    prepare: Prepare = keep_world
    meanwhile: Meanwhile = do_nothing
    evidence: tuple[tuple[str, str, Verdict], ...] = ()
    """What the evidence must hold: color, check (or `ANY`) and verdict."""
    followers: tuple[str, ...] = ()
    """Tags of the rollouts that must complete after it, one after the other."""
    people_acceleration: float = 1
    waits_for: Mapping[str, str] = field(default_factory=dict)
    """Color → words that must stand in the channel before anybody answers."""
    at_once: bool = False
    """Whether the people of a color answer all at the same moment."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Person, or `ANYBODY`, → words of a message that only they must have seen."""
    check: Check = no_problems
    audit: tuple[tuple[EventKind, str], ...] = ()
    """What the audit must hold, in this order: kind and who."""

    @property
    def is_about_health(self) -> bool:
        """Whether it is about what verification sees."""
        return bool(self.evidence) or self.outcome == RolloutOutcome.ALREADY_UNHEALTHY

    @property
    def has_rules(self) -> bool:
        """Whether its application has other settings than the committed ones."""
        return bool(self.settings)


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "happy": Scenario(description="every color is approved and healthy"),
    "reject-yellow": Scenario(
        description="yellow is refused: red goes back",
        answers={("yellow", RELEASE): (Answer(action=Action.REJECT, reason="not today"),)},
        outcome=RolloutOutcome.REJECTED,
    ),
    "crash-on-red": Scenario(
        description="the new tasks exit: ECS's circuit breaker rolls the service back",
        tag="v1.43.0-crash",
        outcome=RolloutOutcome.ROLLED_BACK,
    ),
    "unhealthy-yellow": Scenario(
        description="yellow's targets never become healthy: ECS gives up, and red goes back too",
        tag="v1.43.0-unhealthy-on-yellow",
        outcome=RolloutOutcome.ROLLED_BACK,
    ),
    "lost-event": Scenario(
        description="ECS's events about red never arrive: the bounded look-again finds out",
        delays=lose_events_of_red,
    ),
    "overtaken": Scenario(
        description="someone else deploys red meanwhile: never a success, red is put back",
        meanwhile=deploy_red_by_hand,
        outcome=RolloutOutcome.SUPERSEDED,
    ),
    "stop": Scenario(
        description="the execution is stopped while yellow is asked about; bob presses Roll back",
        answers={("yellow", RELEASE): NOBODY},
        meanwhile=stop_execution,
        then=ROLLS_BACK,
        outcome=RolloutOutcome.ABORTED,
    ),
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
    "build-still-running": Scenario(
        description="the image is still being built: the rollout waits for its push, and goes "
        "on then",
        tag=PUSHES[0],
        meanwhile=finish_build,
        audit=(
            (EventKind.REQUESTED, "U0ALICE"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "build-never-finishes": Scenario(
        description="the image is never pushed: the rollout is given up, and says how long it "
        "waited",
        tag="v1.45.0",
        settings={"images": {"wait_for_push": "3 s"}},
        outcome=RolloutOutcome.IMAGE_NOT_FOUND,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.ENDED, "shingo")),
    ),
    "image-unfit": Scenario(
        description="the scan of the image is waited for, and finds something critical: it is "
        "refused",
        settings={"images": {"refuse_at": "high"}},
        meanwhile=fail_scan,
        outcome=RolloutOutcome.IMAGE_UNFIT,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "push-starts": Scenario(
        description="a push starts the rollout, though ECR tells of it twice",
        tag=PUSHES[0],
        settings={"images": {"starts_on_push": ["v*"]}},
        by=ECR,
        delays=double_push_events,
        audit=(
            (EventKind.REQUESTED, "ecr"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "push-supersedes": Scenario(
        description="a newer push takes the place of one that waits for its first yes; "
        "a third comes when red has changed, and waits its turn",
        tag=PUSHES[0],
        settings={"images": {"starts_on_push": ["v*"]}},
        by=ECR,
        answers={("red", RELEASE): NOBODY},
        meanwhile=push_newer_images,
        followers=PUSHES[1:],
        outcome=RolloutOutcome.SUPERSEDED_BY_PUSH,
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.ROLL_BACK_ASKED, "shingo"),
            (EventKind.ENDED, "shingo"),
        ),
    ),
    "family-per-color": Scenario(
        description="each color has a task definition family of its own: each gets a new revision "
        "of that",
        settings={"revisions": "own"},
        prepare=give_families,
        check=families_kept,
    ),
    "green-worse": Scenario(
        description="green, with nothing left to compare with, breaks its limit: all three go back",
        tag="v1.43.0-worse-on-green",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("yellow", "errors", Verdict.HEALTHY), ("green", ANY, Verdict.UNHEALTHY)),
    ),
    "spot-interruption": Scenario(
        description="EC2 takes red's instance back while yellow is asked about: its tasks move "
        "in time",
        prepare=add_spot_instances,
        meanwhile=interrupt_while_yellow_is_asked,
        check=drain_problems,
    ),
    "interruption-during-red": Scenario(
        description="EC2 takes red's instance back while red is watched: the release is not blamed",
        prepare=add_spot_instances,
        meanwhile=interrupt_while_red_is_verified,
        check=drain_problems,
    ),
    "scale-out-follows": Scenario(
        description="the on-demand group grows meanwhile: the spot fleet follows, and nobody "
        "notices",
        meanwhile=scale_out_on_demand,
        check=spot_fleet_problems,
    ),
}
"""Name → story."""
