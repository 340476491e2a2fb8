"""Stories of what AWS does by itself, and of executions that are not what their name says."""

from datetime import timedelta

from handlers.domain.model.rollout import Stage
from sandbox.stories.story import NOBODY, RELEASE
from sandbox.world.deployment_configuration import (
    CircuitBreaker,
    DeploymentConfiguration,
    EarlySuccess,
)
from sandbox.world.image_behaviour import Behaviour
from simulator.background_events import maintain_host, redrive, start_another
from simulator.faults import AtInvocation
from simulator.simulated_story import SimulatedStory

EARLY = DeploymentConfiguration(
    circuit_breaker=CircuitBreaker(enable=True, rollback=True),
    early_success=EarlySuccess(healthy_percent=50),
)
PLATFORM = (
    SimulatedStory(name="a name that comes again", outcome="completed", name_was_used=True),
    SimulatedStory(
        name="the way back without the lock",
        outcome="aborted",
        answers={("yellow", RELEASE): NOBODY},
        meanwhile={("yellow", Stage.ASKING): AtInvocation.STOPPED},
        happens={
            timedelta(minutes=40): start_another,
            # By then the other one has changed red.
            timedelta(minutes=70): redrive,
        },
        then=NOBODY,
    ),
    SimulatedStory(
        name="a host is maintained while red is deployed",
        outcome="completed",
        meanwhile={("red", Stage.DEPLOYING): maintain_host},
    ),
    SimulatedStory(
        name="a host is maintained while red is watched",
        outcome="completed",
        meanwhile={("red", Stage.VERIFYING): maintain_host},
    ),
    SimulatedStory(name="early success", outcome="completed", configuration=EARLY),
    SimulatedStory(
        name="old tasks never go",
        # Nor do those of the release, once red is put back.
        outcome="rollback_failed",
        configuration=DeploymentConfiguration(
            circuit_breaker=CircuitBreaker(enable=True, rollback=True),
            early_success=EarlySuccess(cleanup_after=7 * 86_400.0),
        ),
    ),
    SimulatedStory(
        name="a crash loop that nothing ends",
        outcome="failed",
        configuration=DeploymentConfiguration(),
        image=Behaviour(exits_after_seconds=5, exit_code=1, only_in="*-green"),
    ),
)
"""Stories that random combinations are put into, and no enumeration."""
