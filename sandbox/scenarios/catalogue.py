"""What may happen to a rollout in the sandbox: each story, told as data, and its right end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from handlers.domain.history.audit import EventKind
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome, Verdict
from handlers.domain.model.rollout import Rollout
from handlers.slack.action_ids import Action
from sandbox.host.event_delivery import DeliveryDelays, no_delay
from sandbox.host.sandbox import Sandbox
from sandbox.scenarios.actions import (
    BOB_APPROVES,
    BOB_ROLLS_BACK,
    NOBODY,
    PUSHES,
    Act,
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
from sandbox.scenarios.instance_scenarios import (
    add_spot_instances,
    drain_problems,
    interrupt_while_red_is_verified,
    interrupt_while_yellow_is_asked,
    scale_out_on_demand,
    spot_fleet_problems,
)

Meanwhile = Callable[[Sandbox, Rollout], bool]
"""What someone else does; called at each look until it says that it is done."""

Setting = Callable[[Sandbox, str], None]
"""How the world is when the application's rollout begins."""

Afterwards = Callable[[Sandbox, Rollout], list[str]]
"""Looks at what else should have come of it; says what did not."""

ON_CALL: Final = "arn:aws:iam::123456789012:role/on-call"
ANYBODY: Final = "*"
ANY: Final = "*"
IMPATIENT: Final = 900.0
"""Makes the machine look at its questions each second."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One story."""

    says: str
    outcome: RolloutOutcome = RolloutOutcome.COMPLETED
    tag: str = "v1.42.0"
    people: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    """Color → what people do about its question, in order; bob approves what is not named."""
    delays: DeliveryDelays = no_delay
    setting: Setting = keep_world
    meanwhile: Meanwhile = do_nothing
    doubts: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    """Color → what people do where its verdict is unclear; elsewhere bob has it looked at again
    once, and then goes on."""
    evidence: tuple[tuple[str, str, Verdict], ...] = ()
    """What the evidence must hold: color, check (or `ANY`) and verdict."""
    then: Action | None = None
    """What bob presses on the board once the rollout has ended."""
    approvals: Mapping[str, Any] = field(default_factory=dict)
    """The rules of the questions, in place of the committed ones."""
    images: Mapping[str, Any] = field(default_factory=dict)
    """What holds for the application's images, in place of the committed file."""
    is_pushed: bool = False
    """Whether the push of its tag starts it, and nobody asks for it."""
    followers: tuple[str, ...] = ()
    """Tags of the rollouts that must complete after it, one after the other."""
    people_acceleration: float = 1
    waits_for: Mapping[str, str] = field(default_factory=dict)
    """Color → words that must stand in the channel before anybody answers."""
    at_once: bool = False
    """Whether the people of a color do it all at the same moment."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Person, or `ANYBODY`, → words of a line that only they must have seen."""
    afterwards: Afterwards = no_problems
    audit: tuple[tuple[EventKind, str], ...] = ()
    """What the audit must hold, in this order: kind and who."""

    @property
    def is_about_health(self) -> bool:
        """Whether it is about what verification sees."""
        return bool(self.evidence) or self.outcome is RolloutOutcome.ALREADY_UNHEALTHY

    @property
    def has_rules(self) -> bool:
        """Whether its application's configuration is another than the committed one."""
        return bool(self.approvals or self.images)

    @property
    def error(self) -> str:
        """The error name in which the execution ends."""
        return ERRORS.get(self.outcome, "")

    @property
    def status(self) -> str:
        """The execution's status."""
        if self.outcome is RolloutOutcome.ABORTED:
            return "ABORTED"
        return "FAILED" if self.error else "SUCCEEDED"

    @property
    def ends_on(self) -> Literal["release", "previous"]:
        """Which revision every color runs at the end."""
        return "release" if self.outcome is RolloutOutcome.COMPLETED else "previous"


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "happy": Scenario(says="every color is approved and healthy"),
    "reject-yellow": Scenario(
        says="yellow is refused: red goes back",
        people={"yellow": (Act(person="bob", action=Action.REJECT, reason="not today"),)},
        outcome=RolloutOutcome.REJECTED,
    ),
    "crash-on-red": Scenario(
        says="the new tasks exit: ECS's circuit breaker rolls the service back",
        tag="v1.43.0-crash",
        outcome=RolloutOutcome.ROLLED_BACK,
    ),
    "unhealthy-yellow": Scenario(
        says="yellow's targets never become healthy: ECS gives up, and red goes back too",
        tag="v1.43.0-unhealthy-on-yellow",
        outcome=RolloutOutcome.ROLLED_BACK,
    ),
    "lost-event": Scenario(
        says="ECS's events about red never arrive: the bounded look-again finds out",
        delays=lose_events_of_red,
    ),
    "overtaken": Scenario(
        says="someone else deploys red meanwhile: never a success, red is put back",
        meanwhile=deploy_red_by_hand,
        outcome=RolloutOutcome.SUPERSEDED,
    ),
    "stop": Scenario(
        says="the execution is stopped while yellow is asked about; bob presses Roll back",
        people={"yellow": NOBODY},
        meanwhile=stop_execution,
        then=Action.ROLL_BACK,
        outcome=RolloutOutcome.ABORTED,
    ),
    "two-approvers": Scenario(
        says="two people must approve each color: one is not enough",
        approvals={"required": 2, "must_include": ["S0SRE"], "users": ["U0CAROL"]},
        people=dict.fromkeys(("red", "yellow", "green"), (Act(person="carol"), Act(person="dave"))),
        told={"carol": "1 more approval"},
        audit=((EventKind.ANSWERED, "U0CAROL"), (EventKind.DECIDED, "U0DAVE")),
    ),
    "self-approval": Scenario(
        says="alice asked for it, so her own approval does not count",
        people={"red": (Act(person="alice"), *BOB_APPROVES)},
        told={"alice": "somebody else must approve it"},
        audit=((EventKind.REFUSED_CLICK, "U0ALICE"), (EventKind.DECIDED, "U0BOB")),
    ),
    "stranger": Scenario(
        says="carol may not answer, and is told who may",
        people={"red": (Act(person="carol"), *BOB_APPROVES)},
        told={"carol": "You may not answer for api"},
        audit=((EventKind.REFUSED_CLICK, "U0CAROL"), (EventKind.DECIDED, "U0BOB")),
    ),
    "expired": Scenario(
        says="nobody answers about yellow in time: red goes back",
        approvals={"expires_after": "4 s"},
        people={"yellow": NOBODY},
        people_acceleration=IMPATIENT,
        outcome=RolloutOutcome.EXPIRED,
        audit=((EventKind.DECIDED, "U0BOB"), (EventKind.EXPIRED, "shingo")),
    ),
    "reminded": Scenario(
        says="bob answers about red only after a reminder",
        approvals={"remind_every": "2 s"},
        people_acceleration=IMPATIENT,
        waits_for={"red": "has waited"},
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.REMINDED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "reject-with-reason": Scenario(
        says="bob rejects yellow and says why: the reason is in the record and the cause",
        people={"yellow": (Act(person="bob", action=Action.REJECT, reason="checkout is slow"),)},
        outcome=RolloutOutcome.REJECTED,
        audit=(
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.PUT_BACK, "shingo"),
        ),
    ),
    "roll-back-now": Scenario(
        says="bob takes it back while yellow is asked about",
        people={"yellow": (Act(person="bob", action=Action.ROLL_BACK_NOW),)},
        outcome=RolloutOutcome.ROLLED_BACK_BY_HAND,
        audit=((EventKind.ROLL_BACK_ASKED, "U0BOB"), (EventKind.PUT_BACK, "shingo")),
    ),
    "withdraw": Scenario(
        says="alice, who asked for it, withdraws it before anything is changed",
        people={"red": (Act(person="alice", action=Action.WITHDRAW),)},
        outcome=RolloutOutcome.WITHDRAWN,
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.ROLL_BACK_ASKED, "U0ALICE"),
            (EventKind.ENDED, "shingo"),
        ),
    ),
    "double-click": Scenario(
        says="bob clicks twice while dave clicks: one decision, and the other learns who was first",
        people={"red": (Act(person="bob"), Act(person="bob"), Act(person="dave"))},
        at_once=True,
        told={ANYBODY: "was first"},
        audit=(
            (EventKind.DECIDED, ANYBODY),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "stale-evidence": Scenario(
        says="green is redeployed while yellow is asked about: bob's click does not count",
        meanwhile=redeploy_green,
        people={"yellow": (*BOB_APPROVES, *BOB_APPROVES)},
        told={"bob": "Someone changed green"},
        audit=(
            (EventKind.STALE_CLICK, "U0BOB"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "slack-down": Scenario(
        says="Slack is down while red is deployed: the rollout goes on, the board is repaired",
        meanwhile=take_slack_down,
        people_acceleration=IMPATIENT,
    ),
    "api-approval": Scenario(
        says="on-call approves red without Slack, by the IAM route",
        approvals={"users": ["U0BOB", ON_CALL]},
        people={"red": (Act(person=ON_CALL, over_the_api=True),)},
        audit=((EventKind.DECIDED, ON_CALL),),
    ),
    "errors-on-red": Scenario(
        says="red answers with errors: the bake ends early, and red goes back by itself",
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
        says="yellow answers slowly, held against green: red and yellow go back",
        tag="v1.43.0-slow-on-yellow",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(
            ("red", "latency", Verdict.HEALTHY),
            ("yellow", "latency", Verdict.UNHEALTHY),
        ),
    ),
    "leak": Scenario(
        says="red's memory grows while it is watched: red goes back",
        tag="v1.43.0-leak",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", "memory", Verdict.UNHEALTHY),),
    ),
    "quiet-night": Scenario(
        says="too few requests to judge by: people are asked, and bob rolls back",
        setting=lower_traffic,
        doubts={"red": (BOB_ROLLS_BACK,)},
        outcome=RolloutOutcome.REJECTED,
        evidence=(("red", "requests", Verdict.NO_DATA),),
        audit=(
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.DOUBTED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "metrics-down": Scenario(
        says="CloudWatch is down: people are asked; bob has it looked at again, and it is well",
        meanwhile=take_metrics_down,
        evidence=(("red", "errors", Verdict.HEALTHY), ("green", "errors", Verdict.HEALTHY)),
        audit=(
            (EventKind.DOUBTED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
            (EventKind.VERIFIED, "shingo"),
        ),
    ),
    "alarm-firing-at-start": Scenario(
        says="an alarm of red fires already: the rollout is refused",
        setting=fire_red_alarm,
        outcome=RolloutOutcome.ALREADY_UNHEALTHY,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "no-room": Scenario(
        says="the cluster is full: the rollout is refused at once, and says what would be needed",
        setting=fill_cluster,
        outcome=RolloutOutcome.NO_ROOM,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "late-failure": Scenario(
        says="red turns bad while yellow is asked about: the question is withdrawn, red goes back",
        tag="v1.43.0-late",
        people={"yellow": NOBODY},
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", ANY, Verdict.UNHEALTHY),),
        audit=(
            (EventKind.VERIFIED, "shingo"),
            (EventKind.ASKED, "shingo"),
            (EventKind.LATE_FAILURE, "shingo"),
        ),
    ),
    "build-still-running": Scenario(
        says="the image is still being built: the rollout waits for its push, and goes on then",
        tag=PUSHES[0],
        meanwhile=finish_build,
        audit=(
            (EventKind.REQUESTED, "U0ALICE"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "build-never-finishes": Scenario(
        says="the image is never pushed: the rollout is given up, and says how long it waited",
        tag="v1.45.0",
        images={"wait_for_push": "3 s"},
        outcome=RolloutOutcome.IMAGE_NOT_FOUND,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.ENDED, "shingo")),
    ),
    "image-unfit": Scenario(
        says="the scan of the image is waited for, and finds something critical: it is refused",
        images={"refuse_at": "high"},
        meanwhile=fail_scan,
        outcome=RolloutOutcome.IMAGE_UNFIT,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
    "push-starts": Scenario(
        says="a push starts the rollout, though ECR tells of it twice",
        tag=PUSHES[0],
        images={"starts_on_push": ["v*"]},
        is_pushed=True,
        delays=double_push_events,
        audit=(
            (EventKind.REQUESTED, "ecr"),
            (EventKind.ASKED, "shingo"),
            (EventKind.DECIDED, "U0BOB"),
        ),
    ),
    "push-supersedes": Scenario(
        says="a newer push takes the place of one that waits for its first yes; "
        "a third comes when red has changed, and waits its turn",
        tag=PUSHES[0],
        images={"starts_on_push": ["v*"]},
        is_pushed=True,
        people={"red": NOBODY},
        meanwhile=push_newer_images,
        followers=PUSHES[1:],
        outcome=RolloutOutcome.SUPERSEDED_BY_PUSH,
        audit=(
            (EventKind.ASKED, "shingo"),
            (EventKind.ROLL_BACK_ASKED, "shingo"),
            (EventKind.ENDED, "shingo"),
        ),
    ),
    "green-worse": Scenario(
        says="green, with nothing left to compare with, breaks its limit: all three go back",
        tag="v1.43.0-worse-on-green",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("yellow", "errors", Verdict.HEALTHY), ("green", ANY, Verdict.UNHEALTHY)),
    ),
    "spot-interruption": Scenario(
        says="EC2 takes red's instance back while yellow is asked about: its tasks move in time",
        setting=add_spot_instances,
        meanwhile=interrupt_while_yellow_is_asked,
        afterwards=drain_problems,
    ),
    "interruption-during-red": Scenario(
        says="EC2 takes red's instance back while red is watched: the release is not blamed",
        setting=add_spot_instances,
        meanwhile=interrupt_while_red_is_verified,
        afterwards=drain_problems,
    ),
    "scale-out-follows": Scenario(
        says="the on-demand group grows meanwhile: the spot fleet follows, and nobody notices",
        meanwhile=scale_out_on_demand,
        afterwards=spot_fleet_problems,
    ),
}
"""Name → story."""
