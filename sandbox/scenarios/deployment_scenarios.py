"""The scenarios of deployments and their ends. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Mapping
from typing import Final

from handlers.domain.model.outcomes import RolloutOutcome
from handlers.slack.action_ids import Action
from sandbox.scenarios.actions import (
    deploy_red_by_hand,
    lose_events_of_red,
    stop_execution,
)
from sandbox.scenarios.family_scenarios import families_kept, give_families
from sandbox.scenarios.scenario import Scenario
from sandbox.stories.story import (
    NOBODY,
    RELEASE,
    ROLLS_BACK,
    Answer,
)

DEPLOYMENT_SCENARIOS: Final[Mapping[str, Scenario]] = {
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
    "family-per-color": Scenario(
        description="each color has a task definition family of its own: each gets a new revision "
        "of that",
        settings={"revisions": "own"},
        prepare=give_families,
        check=families_kept,
    ),
}
