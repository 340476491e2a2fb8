"""All scenarios of one rollout in the sandbox, by name. Tested in `tests/e2e/test_scenarios.py`."""

from collections.abc import Mapping
from typing import Final

from sandbox.scenarios.approval_scenarios import APPROVAL_SCENARIOS
from sandbox.scenarios.deployment_scenarios import DEPLOYMENT_SCENARIOS
from sandbox.scenarios.image_scenarios import IMAGE_SCENARIOS
from sandbox.scenarios.platform_scenarios import PLATFORM_SCENARIOS
from sandbox.scenarios.scenario import Scenario
from sandbox.scenarios.verification_scenarios import VERIFICATION_SCENARIOS
from sandbox.scenarios.workspace_scenarios import WORKSPACE_SCENARIOS

SCENARIOS: Final[Mapping[str, Scenario]] = {
    **DEPLOYMENT_SCENARIOS,
    **APPROVAL_SCENARIOS,
    **VERIFICATION_SCENARIOS,
    **IMAGE_SCENARIOS,
    **PLATFORM_SCENARIOS,
    **WORKSPACE_SCENARIOS,
}
"""Name → story."""
