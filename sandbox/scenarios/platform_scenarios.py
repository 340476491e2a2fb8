"""The scenarios of what AWS does by itself, and of services set up in other ways.

Tested in `tests/e2e/test_scenarios.py`.
"""

from collections.abc import Mapping
from typing import Final

from handlers.domain.history.audit import EventKind
from handlers.domain.model.outcomes import RolloutOutcome, Verdict
from sandbox.scenarios.instance_scenarios import (
    add_spot_instances,
    drain_problems,
    interrupt_while_red_is_verified,
    interrupt_while_yellow_is_asked,
    scale_out_on_demand,
    spot_fleet_problems,
)
from sandbox.scenarios.platform_actions import (
    EARLY,
    WITHOUT_BREAKER,
    configure,
    fail_interface_of_red,
    hand_red_to_code_deploy,
    kind_problems,
    maintain_host_of_red,
    maintenance_problems,
    old_tasks_problems,
    without_breaker_problems,
)
from sandbox.scenarios.scenario import ANY, Scenario

PLATFORM_SCENARIOS: Final[Mapping[str, Scenario]] = {
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
    "host-maintenance": Scenario(
        description="AWS maintains the host of red's tasks while red is watched: they move, and "
        "the release is not blamed",
        meanwhile=maintain_host_of_red,
        check=maintenance_problems,
    ),
    "no-network-interface": Scenario(
        description="a network interface does not come in time: ECS tries again, and the release "
        "is not blamed",
        prepare=fail_interface_of_red,
    ),
    "unhealthy-container": Scenario(
        description="red's container fails its own health check, though its target is healthy: "
        "red goes back",
        tag="v1.43.0-sick-on-red",
        outcome=RolloutOutcome.UNHEALTHY,
        evidence=(("red", ANY, Verdict.UNHEALTHY),),
    ),
    "early-success-old-tasks": Scenario(
        description="ECS calls a deployment a success while old tasks still serve: each color "
        "waits until they are gone",
        prepare=configure(EARLY),
        check=old_tasks_problems,
    ),
    "crash-loop-no-breaker": Scenario(
        description="green's tasks exit again and again where no circuit breaker ends that: all "
        "three go back",
        tag="v1.43.0-crash-on-green",
        prepare=configure(WITHOUT_BREAKER),
        outcome=RolloutOutcome.FAILED,
        check=without_breaker_problems,
    ),
    "code-deploy": Scenario(
        description="CodeDeploy deploys red: the rollout is refused, and says why",
        prepare=hand_red_to_code_deploy,
        outcome=RolloutOutcome.NOT_DEPLOYABLE,
        check=kind_problems,
        audit=((EventKind.REQUESTED, "U0ALICE"), (EventKind.REFUSED_START, "shingo")),
    ),
}
